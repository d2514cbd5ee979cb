//! Verdicts as shape and word. Colour only repeats what the shape says.

use super::markup::Markup;
use rig_record::RowResult;
use rig_spec::Verdict;
use rig_stats::{Disposition, Standing};

/// What a sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// A disc with a tick.
    Pass,
    /// A dash: nothing was judged.
    None,
    /// A diamond with a bar.
    Undecided,
    /// A square with a cross.
    Fail,
}

impl Mark {
    /// The style class that colours it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Pass => "is-pass",
            Self::None => "is-none",
            Self::Undecided => "is-undecided",
            Self::Fail => "is-fail",
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Pass => "#sign-pass",
            Self::None => "#sign-none",
            Self::Undecided => "#sign-undecided",
            Self::Fail => "#sign-fail",
        }
    }

    /// Draws the sign; the word beside it says the same to who does not see it.
    pub(super) fn draw(self, page: &mut Markup, class: &str) {
        let class = format!("{class} {}", self.class());
        page.with(
            "svg",
            &[("class", &class), ("aria-hidden", &"true")],
            |it| {
                it.void("use", &[("href", &self.symbol())]);
            },
        );
    }

    /// The same without its colour, beside a count of none.
    pub(super) fn draw_muted(self, page: &mut Markup) {
        page.with(
            "svg",
            &[("class", &"mark is-none"), ("aria-hidden", &"true")],
            |it| {
                it.void("use", &[("href", &self.symbol())]);
            },
        );
    }

    /// Sign and word.
    pub(super) fn with_word(self, page: &mut Markup, word: &str) {
        page.classed("span", "keep", |page| {
            self.draw(page, "mark");
            page.leaf("b", self.class(), word);
        });
    }
}

/// The shapes, once a page. The strokes over them have the colour of what lies behind.
pub(super) const SYMBOLS: &str = r##"<svg width="0" height="0" style="position:absolute" aria-hidden="true">
<symbol id="sign-pass" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9.5" fill="currentColor"/><path d="M5.2 10.4l3.3 3.3 6.3-7" fill="none" stroke="var(--page)" stroke-width="2.4"/></symbol>
<symbol id="sign-undecided" viewBox="0 0 20 20"><path d="M10 0.4L19.6 10 10 19.6 0.4 10z" fill="currentColor"/><path d="M10 5v6M10 13v2.2" stroke="var(--page)" stroke-width="2.4"/></symbol>
<symbol id="sign-fail" viewBox="0 0 20 20"><path d="M1 1h18v18H1z" fill="currentColor"/><path d="M5.5 5.5l9 9M14.5 5.5l-9 9" stroke="var(--page)" stroke-width="2.6"/></symbol>
<symbol id="sign-none" viewBox="0 0 20 20"><path d="M3 10h14" stroke="currentColor" stroke-width="3"/></symbol>
</svg>
"##;

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Inconclusive => Self::Undecided,
            Verdict::Fail => Self::Fail,
        }
    }
}

impl From<Standing> for Mark {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::NotDrawn => Self::None,
            Standing::Meets => Self::Pass,
            Standing::Undecided => Self::Undecided,
            Standing::Fails => Self::Fail,
        }
    }
}

impl From<Disposition> for Mark {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::MeetsPlan => Self::Pass,
            Disposition::Held => Self::Undecided,
            Disposition::DoesNotMeetPlan => Self::Fail,
        }
    }
}

/// The mark of a row on a unit.
pub(super) fn of_result(result: Option<&RowResult>) -> Mark {
    result
        .and_then(RowResult::verdict)
        .map_or(Mark::None, Mark::from)
}

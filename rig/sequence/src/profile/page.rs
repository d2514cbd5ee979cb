//! The profiles as a page.

use super::chance::{Choice, Span};
use crate::text::time_text;
use firmware_units::Microseconds;

/// A table of the page.
#[derive(Debug)]
pub(crate) struct Listing {
    title: &'static str,
    header: &'static str,
    rows: Vec<String>,
    total: u64,
}

/// A choice as a table.
pub(crate) fn listed<T>(choice: &Choice<T>) -> Listing {
    let row = |(weight, _, what, reason): &(u32, T, &str, &str)| {
        format!("| {weight} | {what} | {reason} |")
    };
    Listing {
        title: choice.name,
        header: "| weight | what | why |\n| ---: | --- | --- |",
        rows: choice.rows.iter().map(row).collect(),
        total: choice.rows.iter().map(|row| u64::from(row.0)).sum(),
    }
}

/// Spans as a table.
pub(crate) fn spanned(title: &'static str, spans: &[&Span]) -> Listing {
    let row = |span: &&Span| {
        let (low, high) = span.bounds;
        let time = |time| time_text(Microseconds(time));
        format!(
            "| {} | {} | {} | {} |",
            span.name,
            time(low),
            time(high),
            span.reason
        )
    };
    Listing {
        title,
        header: "| what | shortest | longest | why |\n| --- | ---: | ---: | --- |",
        rows: spans.iter().map(row).collect(),
        total: 0,
    }
}

/// Every profile, as it is drawn from.
#[must_use]
pub fn profiles_page() -> String {
    let mut page = format!(
        "# Profiles\n\n\
         From what sequences are drawn, generator version {}.\n\
         This page is written from the tables that are drawn from (`rig/sequence/src/profile`); a test holds it to them.\n\
         Times are drawn so that every octave is as likely as any other.\n\
         The two profiles are never mixed: a statement of reliability is about the usage profile alone.\n",
        super::GENERATOR_VERSION
    );
    for profile in super::Profile::ALL {
        let (title, said) = profile.said();
        page.push_str(&format!("\n## {title}\n\n{said}\n"));
        for listing in profile.listings() {
            page.push_str(&listing.text());
        }
    }
    page
}

impl Listing {
    fn text(&self) -> String {
        let total = match self.total {
            0 => String::new(),
            total => format!(" (of {total})"),
        };
        let rows = self.rows.join("\n");
        format!("\n### {}{total}\n\n{}\n{rows}\n", self.title, self.header)
    }

    /// Whether there is something to choose, and every row says what and why.
    #[cfg(test)]
    pub(crate) fn is_whole(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| !row.contains("|  |"))
    }
}

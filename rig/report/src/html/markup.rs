//! Markup by construction: every element is closed, every text and attribute value is escaped.
//!
//! What comes out is HTML and well-formed XML at once, so that any XML reader can check it.

use std::fmt::{self, Display, Write as _};

/// An attribute: its name, and a value that is escaped when it is written.
pub(super) type Attribute<'a> = (&'static str, &'a dyn Display);

/// A page, or a part of it, being written.
#[derive(Default)]
pub(super) struct Markup {
    text: String,
}

impl Markup {
    /// The markup written so far.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) {
        escape_into(&mut self.text, text);
    }

    /// Markup that this program wrote itself, such as its style sheet.
    pub(super) fn own(&mut self, markup: &'static str) {
        self.text.push_str(markup);
    }

    /// A style sheet of one rule whose values were escaped for it.
    pub(super) fn style(&mut self, rule: &str) {
        let _ = writeln!(self.text, "<style>{rule}</style>");
    }

    /// An element with attributes and what stands within.
    pub(super) fn with(
        &mut self,
        tag: &'static str,
        attributes: &[Attribute<'_>],
        within: impl FnOnce(&mut Self),
    ) {
        self.open(tag, attributes, ">");
        within(self);
        let _ = write!(self.text, "</{tag}>");
        if is_block(tag) {
            self.text.push('\n');
        }
    }

    /// An element without attributes.
    pub(super) fn plain(&mut self, tag: &'static str, within: impl FnOnce(&mut Self)) {
        self.with(tag, &[], within);
    }

    /// An element of a class.
    pub(super) fn classed(
        &mut self,
        tag: &'static str,
        class: &str,
        within: impl FnOnce(&mut Self),
    ) {
        self.with(tag, &[("class", &class)], within);
    }

    /// An element that holds text alone.
    pub(super) fn leaf(&mut self, tag: &'static str, class: &str, text: &str) {
        if class.is_empty() {
            self.plain(tag, |it| it.text(text));
        } else {
            self.classed(tag, class, |it| it.text(text));
        }
    }

    /// An element without anything within.
    pub(super) fn void(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.open(tag, attributes, "/>");
    }

    fn open(&mut self, tag: &'static str, attributes: &[Attribute<'_>], end: &str) {
        let _ = write!(self.text, "<{tag}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            escape_into(&mut self.text, &value.to_string());
            self.text.push('"');
        }
        self.text.push_str(end);
    }
}

/// Elements after which a line may end without a reader seeing it.
fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "body"
            | "dd"
            | "div"
            | "dl"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "head"
            | "header"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "section"
            | "svg"
            | "table"
            | "tbody"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "figure"
            | "pre"
            | "caption"
    )
}

/// Text that cannot leave its place: markup characters as references, and characters that are not
/// seen (controls, changes of writing direction, what XML does not have) by their number, so that
/// nobody reads another serial number than is there.
fn escape_into(markup: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            '\n' => markup.push('\n'),
            other if is_unseen(other) => {
                let _ = write!(markup, "[U+{:04X}]", u32::from(other));
            }
            other => markup.push(other),
        }
    }
}

fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}'
        )
}

/// The text as the content of a CSS string.
pub(super) fn css_string(text: &str) -> String {
    let mut string = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' | '<' | '>' | '&' | '\'' | '\n' => {
                let _ = write!(string, "\\{:x} ", u32::from(character));
            }
            other if is_unseen(other) => {
                let _ = write!(string, "[U+{:04X}]", u32::from(other));
            }
            other => string.push(other),
        }
    }
    string.push('"');
    string
}

/// A coordinate in a picture: two decimals at most, never `-0`.
#[derive(Clone, Copy)]
pub(super) struct Px(pub(super) f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is not a number has no place; the callers draw finite values only.
        let hundredths = libm::round(self.0 * 100.0);
        if !hundredths.is_finite() || hundredths == 0.0 {
            return f.write_str("0");
        }
        let text = format!("{:.2}", hundredths / 100.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        let mut markup = Markup::default();
        markup.with("p", &[("title", &"\"><script>")], |it| {
            it.text("<b>&'\u{202e}\u{7}");
        });
        assert_eq!(
            markup.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp;&#39;[U+202E][U+0007]</p>\n"
        );
        assert_eq!(css_string("a\"}</style>"), "\"a\\22 }\\3c /style\\3e \"");
    }

    #[test]
    fn coordinates_are_short_and_never_minus_zero() {
        let px = |it: f64| Px(it).to_string();
        assert_eq!(px(-0.001), "0");
        assert_eq!(px(12.5), "12.5");
        assert_eq!(px(1200.0), "1200");
        assert_eq!(px(-3.456), "-3.46");
        assert_eq!(px(f64::NAN), "0");
    }
}

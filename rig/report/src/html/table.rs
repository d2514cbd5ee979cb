//! Tables: a caption, a head that print repeats, and cells of few kinds.

use super::mark::Mark;
use super::markup::Markup;
use super::statements::stated;

/// One cell.
pub(super) enum Cell {
    /// Words.
    Text(String),
    /// Words that stay on one line.
    Keep(String),
    /// A number or a value, aligned to the right.
    Number(String),
    /// A hash or a file name.
    Hash(String),
    /// A sign with its word, and what else is to be said.
    Mark(Mark, String, String),
    /// A link within the page.
    Link(String, String),
}

impl Cell {
    /// Words.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Words on one line.
    pub(super) fn keep(text: impl Into<String>) -> Self {
        Self::Keep(text.into())
    }

    /// A number.
    pub(super) fn number(text: impl ToString) -> Self {
        Self::Number(text.to_string())
    }

    fn write(&self, page: &mut Markup) {
        match self {
            Self::Text(text) => page.leaf("td", "", text),
            Self::Keep(text) => page.leaf("td", "keep", text),
            Self::Number(text) => page.leaf("td", "number", text),
            Self::Hash(text) => page.leaf("td", "hash", text),
            Self::Mark(mark, word, rest) => page.classed("td", short(rest), |it| {
                mark.with_word(it, word);
                if !rest.is_empty() {
                    it.text(" ");
                    it.leaf("span", "", rest);
                }
            }),
            Self::Link(to, text) => page.classed("td", "keep", |it| {
                it.with("a", &[("href", &format!("#{to}"))], |it| it.text(text));
            }),
        }
    }
}

/// What is short stays on the line of its sign.
fn short(text: &str) -> &'static str {
    if text.chars().count() <= 22 {
        "keep"
    } else {
        "verdict-cell"
    }
}

/// Writes a table. A column whose head begins with `#` holds numbers.
pub(super) fn write(page: &mut Markup, caption: &str, head: &[&str], rows: &[Vec<Cell>]) {
    page.plain("table", |page| {
        if !caption.is_empty() {
            page.leaf("caption", "", caption);
        }
        page.plain("thead", |page| {
            page.plain("tr", |page| {
                for name in head {
                    let (class, name) = match name.strip_prefix('#') {
                        Some(name) => ("number", name),
                        None => ("", *name),
                    };
                    page.with("th", &[("scope", &"col"), ("class", &class)], |it| {
                        it.text(name)
                    });
                }
            });
        });
        page.plain("tbody", |page| {
            for row in rows {
                page.plain("tr", |page| {
                    for cell in row {
                        cell.write(page);
                    }
                });
            }
        });
    });
}

/// Text in which hashes stand in type of their own.
fn with_hashes(page: &mut Markup, text: &str) {
    for (idx, word) in text.split(' ').enumerate() {
        if idx > 0 {
            page.text(" ");
        }
        let hash = word.trim_end_matches([',', ';', ')', '.']);
        let is_hash = hash.len() >= 32 && hash.bytes().all(|it| it.is_ascii_hexdigit());
        if is_hash {
            page.leaf("span", "hash", hash);
            page.text(&word[hash.len()..]);
        } else {
            page.text(word);
        }
    }
}

/// A list of names and what is to be said of each.
pub(super) fn facts(page: &mut Markup, facts: &[(&str, String)]) {
    page.classed("dl", "facts", |page| {
        for (name, value) in facts {
            page.leaf("dt", "", name);
            page.plain("dd", |page| with_hashes(page, stated(value)));
        }
    });
}

//! One line, word by word.

use super::defect::{TextDefect, Wrong};
use super::quantity::Written;
use super::words::near;
use rig_spec::Decimal;

/// What is left of a line.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    number: usize,
    tokens: Vec<Token<'t>>,
    at: usize,
    /// Column behind the last character.
    end: usize,
}

/// A word, and the column of its first character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) column: usize,
}

impl<'t> Line<'t> {
    /// The line without its remark, which `#` begins.
    pub(super) fn new(number: usize, text: &'t str) -> Self {
        let text = text.split('#').next().unwrap_or_default().trim_end();
        Self {
            number,
            tokens: tokens(text),
            at: 0,
            end: text.chars().count() + 1,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The word that comes next, which stays.
    pub(super) fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|token| token.text)
    }

    /// The word that comes next.
    pub(super) fn next(&mut self, wanted: &str) -> Result<Token<'t>, TextDefect> {
        let Some(token) = self.tokens.get(self.at) else {
            let wanted = wanted.to_owned();
            return Err(self.defect(self.end, Wrong::Ends { wanted }));
        };
        self.at += 1;
        Ok(*token)
    }

    /// One of the words that may come next.
    pub(super) fn choose(
        &mut self,
        wanted: &'static [&'static str],
    ) -> Result<&'static str, TextDefect> {
        self.choose_or(wanted, |given| near(given, wanted).map(str::to_owned))
    }

    /// Likewise, with another guess at what was meant.
    pub(super) fn choose_or(
        &mut self,
        wanted: &'static [&'static str],
        guess: impl Fn(&str) -> Option<String>,
    ) -> Result<&'static str, TextDefect> {
        let such = match wanted {
            [one, two] => format!("`{one}` or `{two}`"),
            [one] => format!("`{one}`"),
            _ => format!("a word such as `{}`", wanted.get(1).unwrap_or(&"")),
        };
        let token = self.next(&such)?;
        match wanted.iter().find(|word| **word == token.text) {
            Some(word) => Ok(word),
            None => Err(self.defect(
                token.column,
                Wrong::Word {
                    given: token.text.to_owned(),
                    wanted,
                    near: guess(token.text),
                },
            )),
        }
    }

    /// A quantity: its number, and its unit behind it or apart.
    pub(super) fn quantity(&mut self, written: Written) -> Result<i64, TextDefect> {
        let token = self.next(&format!("a number as in `{}`", written.example))?;
        let length = token
            .text
            .find(|it: char| !(it.is_ascii_digit() || "+-.,".contains(it)))
            .unwrap_or(token.text.len());
        let (number, attached) = token.text.split_at(length);
        let decimal = Decimal::parse(number).map_err(|_| {
            self.defect(
                token.column,
                Wrong::Number {
                    given: token.text.to_owned(),
                    example: written.example,
                },
            )
        })?;
        let given = self.unit(written, attached, token.column + length, number)?;
        let factor = 10_i64.pow(written.decimals);
        let Some(count) = decimal.times(factor, 1) else {
            let wrong = if decimal.times(1_000_000_000, 1).is_some() {
                Wrong::TooFine {
                    given,
                    finest: written.print(1),
                }
            } else {
                self.range(written, given)
            };
            return Err(self.defect(token.column, wrong));
        };
        if !(written.range.0..=written.range.1).contains(&count) {
            return Err(self.defect(token.column, self.range(written, given)));
        }
        Ok(count)
    }

    fn range(&self, written: Written, given: String) -> Wrong {
        Wrong::Range {
            given,
            low: written.print(written.range.0),
            high: written.print(written.range.1),
        }
    }

    /// Reads a unit; gives number and unit as they are read.
    fn unit(
        &mut self,
        written: Written,
        attached: &'t str,
        column: usize,
        number: &str,
    ) -> Result<String, TextDefect> {
        let mut given = number.to_owned();
        let mut attached = Some(Token {
            text: attached,
            column,
        })
        .filter(|token| !token.text.is_empty());
        for word in written.unit {
            let token = match attached.take() {
                Some(token) => token,
                None => self.next(&format!("the unit `{}`", written.unit_text()))?,
            };
            if token.text != *word {
                return Err(self.defect(
                    token.column,
                    Wrong::Unit {
                        given: token.text.to_owned(),
                        unit: written.unit_text(),
                        example: written.example,
                    },
                ));
            }
            given.push(' ');
            given.push_str(word);
        }
        match attached {
            None => Ok(given),
            Some(token) => Err(self.defect(
                token.column,
                Wrong::Surplus {
                    given: token.text.to_owned(),
                },
            )),
        }
    }

    /// Holds that nothing is left.
    pub(super) fn finish(&self) -> Result<(), TextDefect> {
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some(token) => Err(self.defect(
                token.column,
                Wrong::Surplus {
                    given: token.text.to_owned(),
                },
            )),
        }
    }

    pub(super) fn defect(&self, column: usize, what: Wrong) -> TextDefect {
        TextDefect {
            line: self.number,
            column,
            what,
        }
    }
}

/// Words between white space; a semicolon is one of its own.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    for (column, (at, character)) in (1..).zip(text.char_indices()) {
        let ends = character.is_whitespace() || character == ';';
        if ends && let Some((start, column)) = begun.take() {
            found.push(Token {
                text: &text[start..at],
                column,
            });
        }
        if character == ';' {
            found.push(Token {
                text: &text[at..=at],
                column,
            });
        }
        if !ends && begun.is_none() {
            begun = Some((at, column));
        }
    }
    if let Some((start, column)) = begun {
        found.push(Token {
            text: &text[start..],
            column,
        });
    }
    found
}

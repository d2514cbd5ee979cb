//! The form that serial numbers of a device have.

use regex_lite::{Regex, RegexBuilder};
use std::fmt;

/// The form of a serial number: a regular expression over the whole of it, ASCII alone, so that
/// `\d` is one of ten digits.
#[derive(Clone, Debug)]
pub struct SerialPattern {
    // Invariant: `regex` is `text`, anchored at both ends.
    text: String,
    regex: Regex,
}

/// Longest serial number, characters; it stands in names of files.
const LONGEST: usize = 64;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a regular expression: {cause}")]
pub struct SerialPatternError {
    /// The pattern.
    pub text: String,
    /// What the parser says.
    pub cause: String,
}

/// Why a text is no serial number of a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Characters that no serial number may have: it stands in names of files.
    #[error(
        "`{serial}` is not a serial number: 1 to {longest} letters, digits, `-`, `_` and `.`, beginning with a letter or digit",
        longest = LONGEST
    )]
    Form {
        /// The text, control characters escaped.
        serial: String,
    },
    /// Another form than the device's serial numbers have.
    #[error("`{serial}` does not have the form of a serial number, {pattern}")]
    Pattern {
        /// The text.
        serial: String,
        /// The pattern.
        pattern: String,
    },
}

impl SerialPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is empty, no regular expression, or one too large.
    pub fn parse(text: &str) -> Result<Self, SerialPatternError> {
        let error = |cause: String| SerialPatternError {
            text: text.to_owned(),
            cause,
        };
        if text.is_empty() {
            return Err(error("it is empty".to_owned()));
        }
        // By itself first: `a)(b` is a pattern only between the parentheses of the anchors.
        let of = |text: &str| RegexBuilder::new(text).size_limit(1 << 20).build();
        of(text).map_err(|it| error(it.to_string()))?;
        let regex = of(&format!("^(?:{text})$")).map_err(|it| error(it.to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for SerialPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SerialPattern {}

impl fmt::Display for SerialPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Holds a serial number against the form that any has, and against the device's own.
pub(crate) fn check(serial: &str, pattern: Option<&SerialPattern>) -> Result<(), SerialError> {
    let mut bytes = serial.bytes();
    let begins = bytes.next().is_some_and(|it| it.is_ascii_alphanumeric());
    let goes_on = bytes.all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    if !begins || !goes_on || serial.len() > LONGEST {
        return Err(SerialError::Form {
            serial: serial.escape_debug().take(2 * LONGEST).collect(),
        });
    }
    match pattern.filter(|it| !it.regex.is_match(serial)) {
        Some(pattern) => Err(SerialError::Pattern {
            serial: serial.to_owned(),
            pattern: pattern.text.clone(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn judge(pattern: &str, serial: &str) -> String {
        let pattern = (!pattern.is_empty()).then(|| SerialPattern::parse(pattern).unwrap());
        match check(serial, pattern.as_ref()) {
            Ok(()) => "taken".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_serial_number_has_the_form_as_a_whole() {
        let form = "PA1-[0-9]{8}";
        assert_eq!(judge(form, "PA1-00000003"), "taken");
        for other in [
            "PA1-0000003",
            "PA1-000000034",
            "XPA1-00000003",
            "pa1-00000003",
        ] {
            assert_eq!(
                judge(form, other),
                format!("`{other}` does not have the form of a serial number, {form}")
            );
        }
        // The anchors hold for each alternative, and digits are those of ASCII.
        assert_eq!(judge("A|B", "A"), "taken");
        assert!(judge("A|B", "AB").contains("does not have the form"));
        assert!(judge(r"P\d", "P٣").contains("is not a serial number"));
    }

    #[test]
    fn what_cannot_stand_in_the_name_of_a_file_is_refused_without_a_pattern_too() {
        assert_eq!(judge("", "A_1.b-2"), "taken");
        for other in [
            "",
            "-1",
            ".",
            "..",
            "a/b",
            "a b",
            "a\u{1b}[31m",
            "é",
            &"1".repeat(65),
        ] {
            assert!(
                judge("", other).contains("is not a serial number"),
                "{other}"
            );
        }
        assert!(!judge("", "a\u{1b}[31m").contains('\u{1b}'));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "(", "a)(b", "[", "(?:a{1000}){1000}"] {
            let error = SerialPattern::parse(text).unwrap_err();
            assert!(
                error.to_string().contains("is not a regular expression"),
                "{text}"
            );
        }
    }
}

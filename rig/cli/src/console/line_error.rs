//! Why a line was not understood.

use super::quantity::QuantityError;
use super::vocabulary::Word;

/// A line that is no command; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    /// No such command.
    #[error("unknown command `{given}`; {}", suggestion(near))]
    Unknown {
        given: String,
        near: Vec<&'static str>,
    },
    /// Not one of the words that may stand here.
    #[error("`{given}` is not {}", listed(choices))]
    NotOneOf {
        given: String,
        choices: Vec<&'static str>,
    },
    /// Cut too short.
    #[error("`{given}` may be {}", listed(choices))]
    Ambiguous {
        given: String,
        choices: Vec<&'static str>,
    },
    /// An argument is missing.
    #[error("`{}` wants more: {}, as in `{}`", word.name, word.usage(), word.example)]
    Missing { word: &'static Word },
    /// An argument too many.
    #[error("`{surplus}` is too much: {}, as in `{}`", word.usage(), word.example)]
    Surplus {
        word: &'static Word,
        surplus: String,
    },
    /// A number that is none, or makes no sense.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Not pairs of hexadecimal digits.
    #[error("`{given}` is no row of bytes in hexadecimal, two digits each, as in `raw 09 01 e8`")]
    Hex { given: String },
}

fn suggestion(near: &[&str]) -> String {
    if near.is_empty() {
        return "`help` lists them".to_owned();
    }
    format!("near it: {}", near.join(", "))
}

fn listed(choices: &[&str]) -> String {
    match choices {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [front @ .., last] => format!("`{}` or `{last}`", front.join("`, `")),
    }
}

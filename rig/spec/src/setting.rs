//! A condition cell: one number, several, words, or nothing.

/// A condition under which a row is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting<T> {
    /// The cell is empty.
    NotStated,
    /// One number.
    One(T),
    /// Several numbers, apart by commas.
    List(Vec<T>),
    /// Words, such as `all of the run`.
    Words(String),
}

impl<T: Copy> Setting<T> {
    /// The number, where the cell holds exactly one.
    #[must_use]
    pub fn one(&self) -> Option<T> {
        match self {
            Self::One(value) => Some(*value),
            _ => None,
        }
    }
}

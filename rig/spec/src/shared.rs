//! Texts that stand in a record thousands of times over, kept once.

use crate::Budget;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text whose copies are one: the name of a row, of a line of a budget, a condition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedText(Arc<str>);

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SharedText {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Default for SharedText {
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl From<SharedText> for String {
    fn from(text: SharedText) -> Self {
        text.to_string()
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for SharedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = SharedText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SharedText, E> {
                Ok(SharedText::from(text))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// The first copy of each text that was seen: whatever comes later and is alike is kept once.
#[derive(Debug, Default)]
pub struct Pool {
    texts: BTreeSet<SharedText>,
}

impl Pool {
    /// Puts the first alike text in the place of this one.
    pub fn share(&mut self, text: &mut SharedText) {
        match self.texts.get(&**text) {
            Some(first) => text.clone_from(first),
            None => {
                self.texts.insert(text.clone());
            }
        }
    }

    /// The same with what the lines of a budget are called.
    pub fn share_budget(&mut self, budget: &mut Budget) {
        if let Some(names) = &mut budget.names {
            self.share(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BudgetLine;

    fn budget(contribution: u64) -> Budget {
        let line = |name: &'static str, dof_tenths| BudgetLine {
            name: name.into(),
            distribution: "normal".into(),
            contribution,
            dof_tenths,
        };
        [line("a", Some(41)), line("b", None)].into_iter().collect()
    }

    #[test]
    fn what_is_alike_is_kept_once_and_stays_what_it_was() {
        let mut pool = Pool::default();
        let (mut first, mut second) = (budget(1), budget(2));
        pool.share_budget(&mut first);
        pool.share_budget(&mut second);
        assert_eq!((&first, &second), (&budget(1), &budget(2)));
        let names = |it: &Budget| it.names.clone().unwrap();
        assert!(Arc::ptr_eq(&names(&first).0, &names(&second).0));
        let [mut one, mut same, mut other] = ["c", "c", "d"].map(SharedText::from);
        for text in [&mut one, &mut same, &mut other] {
            pool.share(text);
        }
        assert!(Arc::ptr_eq(&one.0, &same.0));
        assert_eq!((&*one, &*same, &*other), ("c", "c", "d"));
    }
}

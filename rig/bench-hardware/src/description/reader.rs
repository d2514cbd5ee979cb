//! Reads the tables of a bench file key by key and keeps every defect met.

use super::defect::{Defect, DefectKind, Defects};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Collects defects of one file.
pub(super) struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    found: Vec<(usize, DefectKind)>,
}

/// One table of the file and which of its keys were asked for.
pub(super) struct Section<'t> {
    path: String,
    /// Where its header stands.
    at: usize,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

impl Section<'_> {
    fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) at: usize,
    pub(super) value: T,
}

impl<'t> Reader<'t> {
    pub(super) fn new(name: &'t str, text: &'t str) -> Self {
        Self {
            name,
            text,
            found: Vec::new(),
        }
    }

    pub(super) fn defect(&mut self, at: usize, kind: DefectKind) {
        self.found.push((at, kind));
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.place(at).0
    }

    /// Every defect in the order of the text; nothing if there is none.
    pub(super) fn into_defects(mut self) -> Option<Defects> {
        self.found.sort_by_key(|(at, _)| *at);
        let found = std::mem::take(&mut self.found);
        let defects: Vec<Defect> = found
            .into_iter()
            .map(|(at, kind)| {
                let (line, column) = self.place(at);
                Defect {
                    file: self.name.to_owned(),
                    line,
                    column,
                    kind,
                }
            })
            .collect();
        (!defects.is_empty()).then_some(Defects(defects))
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_begin = before.rfind('\n').map_or(0, |it| it + 1);
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
        (line, 1 + before[line_begin..].chars().count())
    }

    pub(super) fn root(&self, table: &'t DeTable<'t>) -> Section<'t> {
        Section {
            path: String::new(),
            at: 0,
            table,
            known: Vec::new(),
        }
    }

    /// Complains of the keys that nobody asked for.
    pub(super) fn close(&mut self, section: &Section<'_>) {
        for key in section.table.keys() {
            let word: &str = key.get_ref();
            if !section.known.contains(&word) {
                self.defect(
                    key.span().start,
                    DefectKind::Unknown {
                        key: section.key(word),
                        known: section.known.join(", "),
                    },
                );
            }
        }
    }

    fn optional(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        section.known.push(key);
        section.table.get(key)
    }

    fn value(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        let value = self.optional(section, key);
        if value.is_none() {
            let key = section.key(key);
            self.defect(section.at, DefectKind::Missing { key });
        }
        value
    }

    fn wrong_type(&mut self, key: String, value: &Spanned<DeValue<'_>>, expected: &'static str) {
        let found = value.get_ref().type_str();
        self.defect(
            value.span().start,
            DefectKind::WrongType {
                key,
                expected,
                found,
            },
        );
    }

    /// A table that must be there.
    pub(super) fn section(
        &mut self,
        parent: &mut Section<'t>,
        key: &'static str,
    ) -> Option<Section<'t>> {
        let value = self.value(parent, key)?;
        let path = parent.key(key);
        self.table(path, value)
    }

    /// A table that may be left out.
    pub(super) fn optional_section(
        &mut self,
        parent: &mut Section<'t>,
        key: &'static str,
    ) -> Option<Section<'t>> {
        let value = self.optional(parent, key)?;
        let path = parent.key(key);
        self.table(path, value)
    }

    fn table(&mut self, path: String, value: &'t Spanned<DeValue<'t>>) -> Option<Section<'t>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(path, value, "table");
            return None;
        };
        Some(Section {
            path,
            at: value.span().start,
            table,
            known: Vec::new(),
        })
    }

    /// An array of tables, which may be empty or left out.
    pub(super) fn sections(
        &mut self,
        parent: &mut Section<'t>,
        key: &'static str,
    ) -> Vec<Section<'t>> {
        let Some(value) = self.optional(parent, key) else {
            return Vec::new();
        };
        let path = parent.key(key);
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(path, value, "array of tables");
            return Vec::new();
        };
        array
            .iter()
            .filter_map(|it| self.table(path.clone(), it))
            .collect()
    }

    /// A text that is not empty.
    pub(super) fn text(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<At<String>> {
        let value = self.value(section, key)?;
        self.as_text(section.key(key), value)
    }

    fn as_text(&mut self, key: String, value: &Spanned<DeValue<'_>>) -> Option<At<String>> {
        let at = value.span().start;
        match value.get_ref().as_str() {
            None => {
                self.wrong_type(key, value, "string");
                None
            }
            Some("") => {
                self.defect(at, DefectKind::Empty { key });
                None
            }
            Some(text) => Some(At {
                at,
                value: text.to_owned(),
            }),
        }
    }

    /// A word of a closed list.
    pub(super) fn word<T: Copy>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<At<T>> {
        let value = self.value(section, key)?;
        self.as_word(section.key(key), value, words)
    }

    fn as_word<T: Copy>(
        &mut self,
        key: String,
        value: &Spanned<DeValue<'_>>,
        words: &[(&'static str, T)],
    ) -> Option<At<T>> {
        let At { at, value: found } = self.as_text(key.clone(), value)?;
        let word = words.iter().find(|(word, _)| *word == found);
        if word.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(", ");
            self.defect(at, DefectKind::NotAWord { key, found, known });
        }
        word.map(|&(_, value)| At { at, value })
    }

    /// A list of words, each at most once.
    pub(super) fn words<T: Copy>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<Vec<T>> {
        let value = self.value(section, key)?;
        let key = section.key(key);
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "array of words");
            return None;
        };
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut read = Vec::new();
        for item in array {
            if let Some(word) = self.as_word(key.clone(), item, words) {
                let found = item.get_ref().as_str().unwrap_or_default();
                match seen.get(found).copied() {
                    Some(first) => {
                        let first_line = self.line(first);
                        self.twice(word.at, key.clone(), found.to_owned(), first_line);
                    }
                    None => {
                        seen.insert(found, word.at);
                        read.push(word.value);
                    }
                }
            }
        }
        (read.len() == array.len()).then_some(read)
    }

    pub(super) fn twice(&mut self, at: usize, key: String, found: String, first_line: usize) {
        self.defect(
            at,
            DefectKind::Twice {
                key,
                found,
                first_line,
            },
        );
    }

    /// A whole number in a range.
    pub(super) fn whole<T>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<T>
    where
        T: Copy + PartialOrd + TryFrom<i128> + ToString,
    {
        let value = self.value(section, key)?;
        self.as_whole(section.key(key), value, range)
    }

    /// A whole number that may be left out.
    pub(super) fn optional_whole<T>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<T>
    where
        T: Copy + PartialOrd + TryFrom<i128> + ToString,
    {
        let value = self.optional(section, key)?;
        self.as_whole(section.key(key), value, range)
    }

    /// Two whole numbers, the first below the second.
    pub(super) fn bounds(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<(i64, i64)> {
        let value = self.value(section, key)?;
        let key = section.key(key);
        let pair = value.get_ref().as_array().filter(|it| it.len() == 2);
        let Some(pair) = pair else {
            self.wrong_type(key, value, "pair of whole numbers [lowest, highest]");
            return None;
        };
        let any = i64::MIN..=i64::MAX;
        let lowest = self.as_whole(key.clone(), &pair[0], any.clone())?;
        let highest = self.as_whole(key.clone(), &pair[1], any)?;
        if lowest >= highest {
            self.defect(
                pair[1].span().start,
                DefectKind::Reversed {
                    key,
                    lowest,
                    highest,
                },
            );
            return None;
        }
        Some((lowest, highest))
    }

    fn as_whole<T>(
        &mut self,
        key: String,
        value: &Spanned<DeValue<'_>>,
        range: RangeInclusive<T>,
    ) -> Option<T>
    where
        T: Copy + PartialOrd + TryFrom<i128> + ToString,
    {
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "whole number");
            return None;
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|it| T::try_from(it).ok());
        let number = number.filter(|it| range.contains(it));
        if number.is_none() {
            let (least, most) = (range.start().to_string(), range.end().to_string());
            self.out_of_range(value.span(), key, integer.to_string(), least, most);
        }
        number
    }

    /// A number in a range, whole or with a point.
    pub(super) fn number(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let value = self.value(section, key)?;
        let key = section.key(key);
        let text = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => {
                self.wrong_type(key, value, "number");
                return None;
            }
        };
        // Neither NaN nor infinity is in any range.
        let number = text.parse().ok().filter(|it| range.contains(it));
        if number.is_none() {
            let (least, most) = (range.start().to_string(), range.end().to_string());
            self.out_of_range(value.span(), key, text.to_owned(), least, most);
        }
        number
    }

    fn out_of_range(
        &mut self,
        span: Range<usize>,
        key: String,
        found: String,
        least: String,
        most: String,
    ) {
        self.defect(
            span.start,
            DefectKind::OutOfRange {
                key,
                found,
                least,
                most,
            },
        );
    }

    /// A day, ISO 8601.
    pub(super) fn date(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
    ) -> Option<At<String>> {
        let At { at, value: found } = self.text(section, key)?;
        let is_date = found.len() == 10 && found.parse::<Date>().is_ok();
        if !is_date {
            let key = section.key(key);
            self.defect(at, DefectKind::NotADate { key, found });
            return None;
        }
        Some(At { at, value: found })
    }

    pub(super) fn full_key(section: &Section<'_>, key: &str) -> String {
        section.key(key)
    }
}

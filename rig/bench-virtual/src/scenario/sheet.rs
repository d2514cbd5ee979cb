//! Reads TOML tables key by key and keeps every defect met on the way.

use super::defect::{Defect, DefectKind, Near};
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The text under the reader, and what was found wrong with it.
pub(super) struct Reader<'t> {
    text: &'t str,
    defects: Vec<Defect>,
}

impl<'t> Reader<'t> {
    /// Reads a document; what of it is TOML is given even if not all is.
    pub(super) fn open(text: &'t str) -> (Self, Sheet<'t>) {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut reader = Self {
            text,
            defects: Vec::new(),
        };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().trim().replace('\n', "; ");
            reader.report(at, DefectKind::Syntax { message });
        }
        let sheet = Sheet::new("the scenario", document);
        (reader, sheet)
    }

    /// Keeps a defect at a place of the text.
    pub(super) fn report(&mut self, at: usize, kind: DefectKind) {
        let (line, column) = self.place(at);
        self.defects.push(Defect { line, column, kind });
    }

    /// Line and column of a place, both from 1.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            1 + before.matches('\n').count(),
            1 + before[line_start..].chars().count(),
        )
    }

    /// Whether anything was wrong.
    pub(super) fn has_defects(&self) -> bool {
        !self.defects.is_empty()
    }

    /// All defects, by place.
    pub(super) fn take_defects(&mut self) -> Vec<Defect> {
        self.defects
            .sort_by_key(|defect| (defect.line, defect.column));
        std::mem::take(&mut self.defects)
    }
}

/// One table: keys are taken out of it until none should be left.
pub(super) struct Sheet<'t> {
    name: &'static str,
    /// Where it begins.
    pub(super) at: usize,
    entries: Vec<(Spanned<DeString<'t>>, Spanned<DeValue<'t>>)>,
    /// Keys that were asked for.
    asked: Vec<&'static str>,
    /// Those of them that were there.
    had: Vec<&'static str>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(name: &'static str, table: Spanned<DeTable<'t>>) -> Self {
        Self {
            name,
            at: table.span().start,
            entries: table.into_inner().into_iter().collect(),
            asked: Vec::new(),
            had: Vec::new(),
        }
    }

    /// Whether a key was there that was asked for.
    pub(super) fn had(&self, key: &'static str) -> bool {
        self.had.contains(&key)
    }

    /// Takes a value out.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        let index = self
            .entries
            .iter()
            .position(|(found, _)| found.get_ref().as_ref() == key)?;
        self.had.push(key);
        Some(self.entries.swap_remove(index).1)
    }

    /// Takes out a value that must be there.
    pub(super) fn need(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<Spanned<DeValue<'t>>> {
        let value = self.take(key);
        if value.is_none() {
            let table = self.name;
            reader.report(self.at, DefectKind::MissingKey { key, table });
        }
        value
    }

    /// Takes out a text that must be there, and where it stands.
    pub(super) fn text(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<(String, usize)> {
        let value = self.need(reader, key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span().start)),
            other => {
                wrong_type(reader, &value, key, "a text", other);
                None
            }
        }
    }

    /// Takes out a switch, if it is there.
    pub(super) fn flag(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                wrong_type(reader, &value, key, "true or false", other);
                None
            }
        }
    }

    /// Takes out a whole number within a range, if it is there; leaves `target` as it is if not.
    pub(super) fn whole<T: TryFrom<i64>>(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        range: RangeInclusive<i64>,
        target: &mut T,
    ) {
        let Some(value) = self.take(key) else { return };
        let (least, most) = (*range.start() as f64, *range.end() as f64);
        let Some(number) = number(reader, &value, key, "", (least, most), Form::Whole) else {
            return;
        };
        // Within the range, which lies within 2^53 and the target's type.
        if let Ok(found) = T::try_from(number as i64) {
            *target = found;
        }
    }

    /// Takes out a whole number within a range that must be there.
    pub(super) fn need_whole<T: TryFrom<i64> + Default>(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        range: RangeInclusive<i64>,
        target: &mut Option<T>,
    ) {
        let (least, most) = (*range.start() as f64, *range.end() as f64);
        let number = self.number(reader, key, "", (least, most), Form::Whole);
        // Within the range, which lies within 2^53 and the target's type.
        *target = number.and_then(|it| T::try_from(it as i64).ok());
    }

    /// Where a value stands, if it is there.
    pub(super) fn place_of(&mut self, key: &'static str) -> Option<usize> {
        self.asked.push(key);
        let entry = self
            .entries
            .iter()
            .find(|(found, _)| found.get_ref().as_ref() == key)?;
        Some(entry.0.span().start)
    }

    /// Takes out a number within a range that must be there.
    pub(super) fn number(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        unit: &str,
        range: (f64, f64),
        form: Form,
    ) -> Option<f64> {
        let value = self.need(reader, key)?;
        number(reader, &value, key, unit, range, form)
    }

    /// Takes out a table, if it is there.
    pub(super) fn table(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        name: &'static str,
    ) -> Option<Self> {
        let value = self.take(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Self::new(name, Spanned::new(span, table))),
            other => {
                let value = Spanned::new(span, other);
                wrong_type(reader, &value, key, "a table", value.get_ref());
                None
            }
        }
    }

    /// Takes out all tables of an array, if it is there.
    pub(super) fn tables(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        name: &'static str,
    ) -> Vec<Self> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let span = value.span();
        let items = match value.into_inner() {
            DeValue::Array(items) => items,
            other => {
                let value = Spanned::new(span, other);
                wrong_type(reader, &value, key, "an array of tables", value.get_ref());
                return Vec::new();
            }
        };
        let mut sheets = Vec::new();
        for item in items {
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(table) => sheets.push(Self::new(name, Spanned::new(span, table))),
                other => {
                    let value = Spanned::new(span, other);
                    wrong_type(reader, &value, key, "an array of tables", value.get_ref());
                }
            }
        }
        sheets
    }

    /// Reports what nobody asked for.
    pub(super) fn close(self, reader: &mut Reader<'_>) {
        let mut known = self.asked;
        known.dedup();
        for (key, _) in self.entries {
            let kind = DefectKind::UnknownKey {
                key: key.get_ref().to_string(),
                table: self.name,
                near: Near::of(key.get_ref(), &known),
            };
            reader.report(key.span().start, kind);
        }
    }
}

/// What numbers are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole ones alone.
    Whole,
    /// Any.
    Real,
}

fn number(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    key: &'static str,
    unit: &str,
    (least, most): (f64, f64),
    form: Form,
) -> Option<f64> {
    let (written, parsed) = match value.get_ref() {
        DeValue::Integer(integer) => {
            let whole = i64::from_str_radix(integer.as_str(), integer.radix());
            // Beyond 2^53 no range reaches.
            (integer.to_string(), whole.map_or(f64::NAN, |it| it as f64))
        }
        DeValue::Float(float) if form == Form::Real => {
            let real = float.as_str().parse();
            (float.to_string(), real.unwrap_or(f64::NAN))
        }
        other => {
            let wanted = match form {
                Form::Whole => "a whole number",
                Form::Real => "a number",
            };
            wrong_type(reader, value, key, wanted, other);
            return None;
        }
    };
    if (least..=most).contains(&parsed) {
        return Some(parsed);
    }
    let kind = DefectKind::OutOfRange {
        key,
        value: written,
        least,
        most,
        unit: if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        },
    };
    reader.report(value.span().start, kind);
    None
}

fn wrong_type(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    key: &'static str,
    wanted: &'static str,
    found: &DeValue<'_>,
) {
    let found = match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    let kind = DefectKind::WrongType { key, wanted, found };
    reader.report(value.span().start, kind);
}

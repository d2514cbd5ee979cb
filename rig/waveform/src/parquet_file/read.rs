//! Reads a waveform, a row group at a time.

use super::{SEQ, STATUS, keys};
use crate::stretch::{SampleDigest, fault_of};
use crate::{Description, FileDigest, Stretch};
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use std::collections::{BTreeMap, VecDeque};
use std::io::Read as _;

/// What is wrong with a Parquet file as a waveform.
#[derive(Debug, thiserror::Error)]
pub enum ParquetDefect {
    /// It is no Parquet file, is cut short, or is damaged.
    #[error("not readable as Parquet")]
    Parquet(#[from] ParquetError),
    /// A Parquet file of another program.
    #[error(
        "a Parquet file, but no waveform: it lacks the key `penrig.waveform`; \
         convert it to CSV with a header such as `time_s,position_um`"
    )]
    NoWaveform,
    /// A later edition's file.
    #[error("format version `{0}`; this edition reads version 1")]
    Version(String),
    /// A key that is missing or says nothing that can be.
    #[error("key `{key}` is `{text}`")]
    Key {
        /// The key.
        key: &'static str,
        /// Its text; empty if it is missing.
        text: String,
    },
    /// The columns are not those of a waveform.
    #[error("columns `{found}`; a waveform has `{expected}`")]
    Columns {
        /// What is there.
        found: String,
        /// What should be.
        expected: String,
    },
    /// Sequence numbers do not rise.
    #[error("sample {found} comes after sample {before}")]
    OutOfOrder {
        /// The sample before.
        before: i64,
        /// The sample that should have come later.
        found: i64,
    },
    /// A status that no instrument gives, or a value beside one, or neither.
    #[error("sample {seq}: neither a value nor a known status, or both")]
    Sample {
        /// Sequence number of the sample.
        seq: i64,
    },
    /// The samples are not those that were written.
    #[error("the samples' SHA-256 is {found}, the file says {stated}: it was changed or damaged")]
    Digest {
        /// What the file says.
        stated: String,
        /// Of the samples.
        found: String,
    },
    /// The pages are not those that were written.
    #[error("the pages' SHA-256 is {found}, the file says {stated}: it was changed or damaged")]
    Pages {
        /// What the file says.
        stated: String,
        /// Of the pages.
        found: String,
    },
    /// Fewer or more samples than the file says.
    #[error("{found} samples, the file says {stated}")]
    Count {
        /// What the file says.
        stated: u64,
        /// Samples there are.
        found: u64,
    },
}

/// Reads one waveform.
pub struct ParquetReader<R: ChunkReader + 'static> {
    file: SerializedFileReader<R>,
    description: Description,
    keys: BTreeMap<String, String>,
    next_group: usize,
    ready: VecDeque<Stretch>,
    digest: SampleDigest,
    samples: u64,
    last_seq: Option<i64>,
}

impl<R: ChunkReader + 'static> ParquetReader<R> {
    /// Reads the description, and compares the pages with their digest: parquet's decoders trust
    /// what they read.
    ///
    /// # Errors
    /// [`ParquetDefect`].
    pub fn new(source: R) -> Result<Self, ParquetDefect> {
        let (pages, found) = pages_sha256(&source)?;
        let file = SerializedFileReader::new(source)?;
        let metadata = file.metadata().file_metadata();
        let keys: BTreeMap<String, String> = metadata
            .key_value_metadata()
            .into_iter()
            .flatten()
            .filter_map(|it| Some((it.key.clone(), it.value.clone()?)))
            .collect();
        let description = keys::description(&keys)?;
        let stated = keys::text(&keys, keys::PAGES).unwrap_or_default();
        if stated != found {
            return Err(ParquetDefect::Pages {
                stated: stated.to_owned(),
                found,
            });
        }
        let found: Vec<&str> = metadata
            .schema_descr()
            .columns()
            .iter()
            .map(|it| it.name())
            .collect();
        let expected = [SEQ, description.quantity.column(), STATUS];
        if found != expected {
            return Err(ParquetDefect::Columns {
                found: found.join(","),
                expected: expected.join(","),
            });
        }
        chunks_within(file.metadata(), pages)?;
        Ok(Self {
            file,
            description,
            keys,
            next_group: 0,
            ready: VecDeque::new(),
            digest: SampleDigest::default(),
            samples: 0,
            last_seq: None,
        })
    }

    /// What it is of.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Samples that the file says it has.
    ///
    /// # Errors
    /// [`ParquetDefect::Key`].
    pub fn stated_samples(&self) -> Result<u64, ParquetDefect> {
        keys::number(&self.keys, keys::SAMPLES)
    }

    /// SHA-256 of the samples read so far.
    #[must_use]
    pub fn samples_sha256(&self) -> String {
        self.digest.hex()
    }

    /// Defects that were found when it was recorded, as text; empty if there were none.
    #[must_use]
    pub fn recorded_defects(&self) -> &str {
        keys::text(&self.keys, keys::DEFECTS).unwrap_or_default()
    }

    /// The next samples; none after the last, when their number and digest have been compared
    /// with what the file says.
    ///
    /// # Errors
    /// [`ParquetDefect`].
    pub fn next_stretch(&mut self) -> Result<Option<Stretch>, ParquetDefect> {
        loop {
            if let Some(stretch) = self.ready.pop_front() {
                self.digest.push(&stretch);
                self.samples += stretch.values.len() as u64;
                return Ok(Some(stretch));
            }
            if self.next_group == self.file.num_row_groups() {
                self.compare()?;
                return Ok(None);
            }
            self.read_group()?;
            self.next_group += 1;
        }
    }

    fn compare(&self) -> Result<(), ParquetDefect> {
        let stated = self.stated_samples()?;
        if stated != self.samples {
            return Err(ParquetDefect::Count {
                stated,
                found: self.samples,
            });
        }
        let stated = keys::text(&self.keys, keys::SHA256).unwrap_or_default();
        let found = self.digest.hex();
        if stated != found {
            return Err(ParquetDefect::Digest {
                stated: stated.to_owned(),
                found,
            });
        }
        Ok(())
    }

    fn read_group(&mut self) -> Result<(), ParquetDefect> {
        let (rows, (seq, _), (values, value_levels), (words, word_levels)) = {
            let group = self.file.get_row_group(self.next_group)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
            (
                rows,
                integers(&*group, 0, rows)?,
                integers(&*group, 1, rows)?,
                texts(&*group, 2, rows)?,
            )
        };
        if [seq.len(), value_levels.len(), word_levels.len()] != [rows; 3] {
            return Err(ParquetError::General("columns of unequal length".to_owned()).into());
        }
        let (mut values, mut words) = (values.into_iter(), words.iter());
        let mut stretch = Stretch::default();
        for (row, &seq) in seq.iter().enumerate() {
            let value = (value_levels[row] == 1).then(|| values.next()).flatten();
            let word = (word_levels[row] == 1).then(|| words.next()).flatten();
            self.follow(&mut stretch, seq)?;
            let index = stretch.values.len() as u32;
            match (value, word.map(|it| fault_of(it.data()))) {
                (Some(value), None) => stretch.values.push(value),
                (None, Some(Some(fault))) => {
                    stretch.exceptions.push((index, fault));
                    stretch.values.push(0);
                }
                _ => return Err(ParquetDefect::Sample { seq }),
            }
        }
        if !stretch.values.is_empty() {
            self.ready.push_back(stretch);
        }
        Ok(())
    }

    /// Makes room for a sample: a stretch ends before a gap, and when it is long.
    fn follow(&mut self, stretch: &mut Stretch, seq: i64) -> Result<(), ParquetDefect> {
        let before = self.last_seq.replace(seq);
        if let Some(before) = before.filter(|it| *it >= seq) {
            return Err(ParquetDefect::OutOfOrder { before, found: seq });
        }
        let first_seq = u64::try_from(seq).map_err(|_| ParquetDefect::Sample { seq })?;
        let ends =
            before.is_some_and(|it| it + 1 != seq) || stretch.values.len() == crate::STRETCH_LENGTH;
        if ends && !stretch.values.is_empty() {
            self.ready.push_back(std::mem::take(stretch));
        }
        if stretch.values.is_empty() {
            stretch.first_seq = first_seq;
        }
        Ok(())
    }
}

/// Digest of everything before the footer, whose length stands before the last four bytes.
fn pages_sha256<R: ChunkReader>(source: &R) -> Result<(u64, String), ParquetDefect> {
    const TAIL: u64 = 8;
    let whole = source.len();
    let tail = source.get_bytes(whole.saturating_sub(TAIL), TAIL.min(whole) as usize)?;
    let Some(length) = tail.first_chunk().map(|it| u32::from_le_bytes(*it)) else {
        return Err(ParquetError::EOF("shorter than a footer".to_owned()).into());
    };
    let length_of_pages = whole.saturating_sub(TAIL + u64::from(length));
    let mut left = length_of_pages;
    let mut pages = source.get_read(0)?;
    let (mut digest, mut bytes) = (FileDigest::default(), vec![0; 1 << 16]);
    while left > 0 {
        let wanted = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let taken = pages
            .read(&mut bytes[..wanted])
            .map_err(ParquetError::from)?;
        if taken == 0 {
            break;
        }
        digest.push(&bytes[..taken]);
        left -= taken as u64;
    }
    Ok((length_of_pages, digest.hex()))
}

/// Insists that all column chunks lie among the pages: parquet's reader trusts that they do.
fn chunks_within(metadata: &ParquetMetaData, pages: u64) -> Result<(), ParquetDefect> {
    for chunk in metadata.row_groups().iter().flat_map(|it| it.columns()) {
        let data = chunk.data_page_offset();
        let start = chunk.dictionary_page_offset().unwrap_or(data);
        let (length, values) = (chunk.compressed_size(), chunk.num_values());
        let sound = [data, start, length, values, chunk.uncompressed_size()]
            .into_iter()
            .all(|it| it >= 0);
        let end = start.saturating_add(length).cast_unsigned();
        let ends = end <= pages && start.max(data).cast_unsigned() <= end;
        if !sound || !ends {
            return Err(ParquetError::General("a column lies outside the file".to_owned()).into());
        }
    }
    Ok(())
}

fn integers(
    group: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<(Vec<i64>, Vec<i16>), ParquetDefect> {
    let ColumnReader::Int64ColumnReader(mut reader) = group.get_column_reader(column)? else {
        return Err(ParquetError::General(format!("column {column} is not of INT64")).into());
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    while levels.len().max(values.len()) < rows {
        let left = rows - levels.len().max(values.len());
        let (read, _, _) = reader.read_records(left, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            break;
        }
    }
    if column == 0 {
        // A required column has no levels.
        return Ok((values, Vec::new()));
    }
    Ok((values, levels))
}

fn texts(
    group: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<(Vec<ByteArray>, Vec<i16>), ParquetDefect> {
    let ColumnReader::ByteArrayColumnReader(mut reader) = group.get_column_reader(column)? else {
        return Err(ParquetError::General(format!("column {column} is not of text")).into());
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    while levels.len() < rows {
        let (read, _, _) =
            reader.read_records(rows - levels.len(), Some(&mut levels), None, &mut values)?;
        if read == 0 {
            break;
        }
    }
    Ok((values, levels))
}

//! Writes a waveform as it comes, in memory that does not grow with it.

use super::{SEQ, STATUS, keys};
use crate::stretch::{SampleDigest, defects_text, fault_word};
use crate::{Description, FileDigest, Stretch};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use rig_measure::{SampleFault, SignalDefect};
use std::io::{self, Write};
use std::sync::Arc;

/// Samples of one row group: so many are held in memory, 6.5 s at 20 kS/s.
const GROUP: usize = 131_072;

/// A waveform could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not be written.
    #[error("cannot write Parquet")]
    Parquet(#[from] ParquetError),
    /// Sequence numbers must rise.
    #[error("sample {found} comes after sample {before}")]
    OutOfOrder {
        /// Last sample that was taken.
        before: u64,
        /// First sample of the stretch.
        found: u64,
    },
    /// Sequence numbers that the format cannot hold.
    #[error("sequence number {0} is beyond the format")]
    TooLarge(u64),
    /// A waveform has a first sample.
    #[error("no sample was taken")]
    Empty,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Samples.
    pub samples: u64,
    /// SHA-256 of the samples ([`SampleDigest`]).
    pub samples_sha256: String,
}

/// Writes one waveform. Samples that were not finished are not readable.
///
/// The same samples and description give the same bytes: no time of writing, no dictionary whose
/// order depends on anything but the samples, and the program's name as it was given.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<Hashed<W>>,
    held: Group,
    digest: SampleDigest,
    samples: u64,
    first_seq: Option<u64>,
    last_seq: u64,
}

/// A sink, and the digest of what went into it.
struct Hashed<W> {
    sink: W,
    digest: FileDigest,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.sink.write(bytes)?;
        self.digest.push(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Samples that wait for their row group.
#[derive(Default)]
struct Group {
    seq: Vec<i64>,
    /// Sound values alone.
    values: Vec<i64>,
    /// 1 where there is a value.
    value_levels: Vec<i16>,
    /// Words of samples that are no indication.
    status: Vec<ByteArray>,
    /// 1 where there is a word.
    status_levels: Vec<i16>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file; `program` is the name and version of who writes it, `penrig 0.1.0`.
    ///
    /// # Errors
    /// [`WriteError::Parquet`].
    pub fn new(sink: W, description: &Description, program: &str) -> Result<Self, WriteError> {
        let column = description.quantity.column();
        let schema = format!(
            "message waveform {{ required int64 {SEQ}; optional int64 {column}; optional binary {STATUS} (utf8); }}"
        );
        let path = |name: &str| ColumnPath::from(name);
        let metadata = keys::of_description(description, program)
            .into_iter()
            .map(|(key, value)| KeyValue::new(key.to_owned(), value))
            .collect();
        let properties = WriterProperties::builder()
            .set_created_by(created_by(program))
            .set_compression(Compression::UNCOMPRESSED)
            .set_dictionary_enabled(false)
            .set_column_dictionary_enabled(path(STATUS), true)
            .set_column_encoding(path(SEQ), Encoding::DELTA_BINARY_PACKED)
            .set_column_encoding(path(column), Encoding::DELTA_BINARY_PACKED)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_max_row_group_row_count(None)
            .set_key_value_metadata(Some(metadata))
            .build();
        let schema = Arc::new(parse_message_type(&schema)?);
        let sink = Hashed {
            sink,
            digest: FileDigest::default(),
        };
        Ok(Self {
            file: SerializedFileWriter::new(sink, schema, Arc::new(properties))?,
            held: Group::default(),
            digest: SampleDigest::default(),
            samples: 0,
            first_seq: None,
            last_seq: 0,
        })
    }

    /// Takes the next samples.
    ///
    /// # Errors
    /// [`WriteError`], and the file is not to be used.
    pub fn push(&mut self, stretch: &Stretch) -> Result<(), WriteError> {
        let length = stretch.values.len() as u64;
        if length == 0 {
            return Ok(());
        }
        if self.first_seq.is_some() && stretch.first_seq <= self.last_seq {
            return Err(WriteError::OutOfOrder {
                before: self.last_seq,
                found: stretch.first_seq,
            });
        }
        let last = stretch.first_seq.saturating_add(length - 1);
        let too_large = |_| WriteError::TooLarge(last);
        i64::try_from(last).map_err(too_large)?;
        let first = i64::try_from(stretch.first_seq).map_err(too_large)?;
        self.first_seq.get_or_insert(stretch.first_seq);
        self.last_seq = last;
        self.samples += length;
        self.digest.push(stretch);
        let mut exceptions = stretch.exceptions.iter().peekable();
        for (index, value) in (0_u32..).zip(&stretch.values) {
            let fault = exceptions.next_if(|it| it.0 == index).map(|it| it.1);
            self.held.push(first + i64::from(index), *value, fault);
            if self.held.seq.len() == GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the keys that are known only now: `defects` are those that were
    /// found in these samples as they came, with what else was known of them then.
    ///
    /// # Errors
    /// [`WriteError`]; [`WriteError::Empty`] without a sample.
    pub fn finish(mut self, defects: &[SignalDefect]) -> Result<(W, Written), WriteError> {
        let first_seq = self.first_seq.ok_or(WriteError::Empty)?;
        self.flush()?;
        // All but the keys and what says where the pages are.
        self.file.flush().map_err(ParquetError::from)?;
        let pages = self.file.inner().digest.hex();
        let written = Written {
            samples: self.samples,
            samples_sha256: self.digest.hex(),
        };
        let late = [
            (keys::FIRST_SEQ, first_seq.to_string()),
            (keys::SAMPLES, written.samples.to_string()),
            (keys::SHA256, written.samples_sha256.clone()),
            (keys::PAGES, pages),
            (keys::DEFECTS, defects_text(defects)),
        ];
        for (key, value) in late {
            self.file
                .append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        Ok((self.file.into_inner()?.sink, written))
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let held = std::mem::take(&mut self.held);
        if held.seq.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        if let Some(mut column) = group.next_column()? {
            column
                .typed::<Int64Type>()
                .write_batch(&held.seq, None, None)?;
            column.close()?;
        }
        if let Some(mut column) = group.next_column()? {
            column.typed::<Int64Type>().write_batch(
                &held.values,
                Some(&held.value_levels),
                None,
            )?;
            column.close()?;
        }
        if let Some(mut column) = group.next_column()? {
            column.typed::<ByteArrayType>().write_batch(
                &held.status,
                Some(&held.status_levels),
                None,
            )?;
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

impl Group {
    fn push(&mut self, seq: i64, value: i64, fault: Option<SampleFault>) {
        self.seq.push(seq);
        self.value_levels.push(i16::from(fault.is_none()));
        self.status_levels.push(i16::from(fault.is_some()));
        match fault {
            None => self.values.push(value),
            Some(fault) => self.status.push(fault_word(fault).into()),
        }
    }
}

/// `penrig 0.1.0` as readers of Parquet expect it, so that none takes us for an old writer with
/// known faults.
fn created_by(program: &str) -> String {
    match program.split_once(' ') {
        Some((name, version)) => format!("{name} version {version}"),
        None => program.to_owned(),
    }
}

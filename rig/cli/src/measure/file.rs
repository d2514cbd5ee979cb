//! Opens waveform files, whatever they are.

use crate::Failure;
use crate::args::MeasureArgs;
use anyhow::{Context as _, anyhow};
use firmware_units::Microhertz;
use rig_waveform::{
    CsvError, CsvOptions, CsvReader, Description, FileDigest, LengthUnit, MAGIC, ParquetReader,
    Quantity, Stretch, read_edges,
};
use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// An open waveform.
pub(crate) struct Waveform {
    path: PathBuf,
    length: u64,
    samples: u64,
    stated_rate: bool,
    content: Content,
}

enum Content {
    Parquet {
        reader: Box<ParquetReader<File>>,
        file_sha256: String,
        stated_samples: u64,
    },
    Csv {
        reader: Box<CsvReader<Hashed>>,
        digest: Rc<RefCell<FileDigest>>,
    },
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    digest: Rc<RefCell<FileDigest>>,
}

impl Read for Hashed {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let taken = self.file.read(bytes)?;
        self.digest.borrow_mut().push(&bytes[..taken]);
        Ok(taken)
    }
}

impl Waveform {
    /// Opens a file and reads what it says of itself.
    pub(crate) fn open(path: &Path, args: &MeasureArgs) -> Result<Self, Failure> {
        let (mut file, length) = open(path)?;
        let is_parquet = begins_with_magic(&mut file, path)?;
        let rate = args.sample_rate;
        let content = if is_parquet {
            parquet(path, file, rate)?
        } else {
            csv(path, file, rate, args.unit.as_deref())?
        };
        Ok(Self {
            path: path.to_owned(),
            length,
            samples: 0,
            stated_rate: rate.is_some(),
            content,
        })
    }

    /// Refuses what is no displacement.
    pub(crate) fn insist_on_lengths(&self) -> Result<(), Failure> {
        match self.description().quantity {
            Quantity::Displacement => Ok(()),
            other => Err(Failure::Input(anyhow!(
                "`{}` is of {other}; strokes are measured from displacement",
                self.path.display()
            ))),
        }
    }

    pub(crate) fn description(&self) -> &Description {
        match &self.content {
            Content::Parquet { reader, .. } => reader.description(),
            Content::Csv { reader, .. } => reader.description(),
        }
    }

    /// The next samples; none after the last.
    pub(crate) fn next_stretch(&mut self) -> Result<Option<Stretch>, Failure> {
        let stretch = match &mut self.content {
            Content::Parquet { reader, .. } => reader
                .next_stretch()
                .with_context(|| self.path.display().to_string())
                .map_err(Failure::Input)?,
            Content::Csv { reader, .. } => reader
                .next_stretch()
                .map_err(|error| csv_failure(&self.path, error))?,
        };
        self.samples += stretch.as_ref().map_or(0, |it| it.values.len() as u64);
        Ok(stretch)
    }

    /// Time of the first sample on the clock that a tachometer's edges share with the file, ns:
    /// bench time of a record, the column of times of another program's file.
    pub(crate) fn first_time_ns(&self) -> i64 {
        match &self.content {
            Content::Parquet { reader, .. } => {
                i64::try_from(reader.description().first_at.0).unwrap_or(i64::MAX)
            }
            Content::Csv { reader, .. } => reader.first_time_ns(),
        }
    }

    /// Name without folders: two machines say the same of the same file.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .map(|it| it.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Parquet { .. } => "Parquet",
            Content::Csv { .. } => "CSV",
        }
    }

    /// Of the whole file, once it is read to its end.
    pub(crate) fn file_sha256(&self) -> String {
        match &self.content {
            Content::Parquet { file_sha256, .. } => file_sha256.clone(),
            Content::Csv { digest, .. } => digest.borrow().hex(),
        }
    }

    pub(crate) fn samples_sha256(&self) -> String {
        match &self.content {
            Content::Parquet { reader, .. } => reader.samples_sha256(),
            Content::Csv { reader, .. } => reader.samples_sha256(),
        }
    }

    /// Samples read so far.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Where the sample rate is from.
    pub(crate) fn rate_from(&self) -> &'static str {
        match &self.content {
            Content::Parquet { .. } => "as the file states it",
            Content::Csv { .. } if self.stated_rate => "as --sample-rate states it",
            Content::Csv { .. } => "by the file's times",
        }
    }

    pub(crate) fn recorded_defects(&self) -> String {
        match &self.content {
            Content::Parquet { reader, .. } => reader.recorded_defects().to_owned(),
            Content::Csv { .. } => String::new(),
        }
    }

    pub(crate) fn rounded_cells(&self) -> u64 {
        match &self.content {
            Content::Parquet { .. } => 0,
            Content::Csv { reader, .. } => reader.rounded_cells(),
        }
    }

    /// How much there is to read, in whatever [`Waveform::position`] counts.
    pub(crate) fn length(&self) -> u64 {
        match &self.content {
            Content::Parquet { stated_samples, .. } => *stated_samples,
            Content::Csv { .. } => self.length,
        }
    }

    /// How much was read.
    pub(crate) fn position(&self) -> u64 {
        match &self.content {
            Content::Parquet { .. } => self.samples,
            Content::Csv { reader, .. } => reader.bytes(),
        }
    }
}

/// Edges of a tachometer, from CSV or Parquet, ns.
pub(crate) fn edges(path: &Path) -> Result<Vec<i64>, Failure> {
    let (mut file, _) = open(path)?;
    if !begins_with_magic(&mut file, path)? {
        return read_edges(file).map_err(|error| csv_failure(path, error));
    }
    let context = || path.display().to_string();
    let mut reader = ParquetReader::new(file)
        .with_context(context)
        .map_err(Failure::Input)?;
    let quantity = reader.description().quantity;
    if quantity != Quantity::EdgeTime {
        return Err(Failure::Input(anyhow!(
            "`{}` is of {quantity}, not of a tachometer's edges",
            path.display()
        )));
    }
    let mut edges = Vec::new();
    while let Some(stretch) = reader
        .next_stretch()
        .with_context(context)
        .map_err(Failure::Input)?
    {
        edges.extend(stretch.values);
    }
    Ok(edges)
}

fn open(path: &Path) -> Result<(File, u64), Failure> {
    let open = || -> std::io::Result<(File, u64)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(std::io::ErrorKind::IsADirectory.into());
        }
        Ok((file, metadata.len()))
    };
    open()
        .with_context(|| format!("cannot read the waveform `{}`", path.display()))
        .map_err(Failure::Input)
}

fn begins_with_magic(file: &mut File, path: &Path) -> Result<bool, Failure> {
    let mut look = || -> std::io::Result<bool> {
        let mut first = Vec::new();
        file.by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut first)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(first == MAGIC)
    };
    look()
        .with_context(|| format!("cannot read the waveform `{}`", path.display()))
        .map_err(Failure::Input)
}

fn parquet(path: &Path, mut file: File, stated: Option<f64>) -> Result<Content, Failure> {
    let context = || path.display().to_string();
    let mut digest = FileDigest::default();
    let mut hash = || -> std::io::Result<()> {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let taken = file.read(&mut bytes)?;
            if taken == 0 {
                return Ok(());
            }
            digest.push(&bytes[..taken]);
        }
    };
    hash().with_context(context).map_err(Failure::Input)?;
    let reader = ParquetReader::new(file)
        .with_context(context)
        .map_err(Failure::Input)?;
    if let Some(stated) = stated
        && microhertz(stated) != reader.description().sample_rate
    {
        return Err(Failure::Input(anyhow!(
            "`{}` says {} samples a second, --sample-rate says {stated}",
            path.display(),
            rig_waveform::rate_text(reader.description().sample_rate)
        )));
    }
    let stated_samples = reader
        .stated_samples()
        .with_context(context)
        .map_err(Failure::Input)?;
    Ok(Content::Parquet {
        reader: Box::new(reader),
        file_sha256: digest.hex(),
        stated_samples,
    })
}

fn csv(
    path: &Path,
    file: File,
    stated: Option<f64>,
    unit: Option<&str>,
) -> Result<Content, Failure> {
    let unit =
        match unit {
            None => None,
            Some(symbol) => Some(LengthUnit::of(symbol).ok_or_else(|| {
                Failure::Input(anyhow!("--unit `{symbol}` is not nm, um, mm or m"))
            })?),
        };
    let options = CsvOptions {
        sample_rate: stated.map(microhertz),
        unit,
    };
    let digest = Rc::new(RefCell::new(FileDigest::default()));
    let hashed = Hashed {
        file,
        digest: Rc::clone(&digest),
    };
    let reader = CsvReader::new(hashed, options).map_err(|error| csv_failure(path, error))?;
    Ok(Content::Csv {
        reader: Box::new(reader),
        digest,
    })
}

fn microhertz(hertz: f64) -> Microhertz {
    // The argument is a rate between 0 and 1e9 Hz.
    Microhertz((hertz * 1e6).round() as i64)
}

fn csv_failure(path: &Path, error: CsvError) -> Failure {
    let name = path.display();
    match error {
        CsvError::Io(error) => Failure::Input(
            anyhow::Error::new(error).context(format!("cannot read the waveform `{name}`")),
        ),
        CsvError::Defects(defects) => {
            let lines: Vec<String> = defects.iter().map(|it| format!("{name}:{it}")).collect();
            let more = if defects.len() == CsvError::LIMIT {
                " or more"
            } else {
                ""
            };
            Failure::Input(anyhow!(
                "{}{more} defect{} in the waveform; nothing of it is measured\n{}",
                defects.len(),
                if defects.len() == 1 { "" } else { "s" },
                lines.join("\n")
            ))
        }
    }
}

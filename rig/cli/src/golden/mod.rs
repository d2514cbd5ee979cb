//! The golden pen: `penrig bench check --golden` measures it and appends the result to the
//! station's log; a hardware run is refused without a check that passed within the shift.

mod gate;
mod log;

use crate::args::{CheckArgs, DEFAULT_GOLDEN, DEFAULT_STATION};
use crate::input::{self, ImageFile};
use crate::progress::Display;
use crate::{Failure, bench, clock, hardware, interrupt, print_error, print_line};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use log::{LogLine, Standing};
use rig_bench::Bench;
use rig_bench_hardware::{Description, Golden, HardwareBench};
use rig_bench_virtual::VirtualBench;
use rig_procedure::{FlashPolicy, UnitJob, run_unit};
use rig_record::{AbortCause, GoldenStatus, Outcome, UnitRecord};
use rig_spec::{
    Evidence, GoldenPen, GoldenValue, Plan, PlanEntry, Required, RowId, SpecSet, UnitsWanted,
    Verdict,
};
use std::path::{Path, PathBuf};

/// The row that looks at the gauge block after the golden pen.
const DATUM_ROW: &str = "MSR-03";

/// `penrig bench check`.
pub(crate) fn check_bench(args: &CheckArgs) -> Result<u8, Failure> {
    let named = args.bench.as_deref().map(Path::new);
    let file = args.file.as_deref().or(named);
    if let Some(golden) = &args.golden {
        return check_golden(args, golden.as_deref(), file);
    }
    match file {
        Some(file) if file != Path::new("virtual") => hardware::check(file),
        _ => Err(Failure::Input(anyhow!(
            "which bench? Give its file, or --golden for the golden pen of the virtual bench"
        ))),
    }
}

/// Where a golden pen's file and log are.
struct Places {
    golden: PathBuf,
    station: PathBuf,
}

/// A bench file, read.
struct OfFile<'f> {
    file: &'f Path,
    description: Description,
}

fn check_golden(
    args: &CheckArgs,
    golden: Option<&Path>,
    file: Option<&Path>,
) -> Result<u8, Failure> {
    let spec = input::spec(&args.spec)?;
    let image = input::image(&args.image)?;
    let file = file.filter(|it| *it != Path::new("virtual"));
    let of_file = match file {
        None => None,
        Some(file) => {
            let description = hardware::read(file)?;
            Some(OfFile { file, description })
        }
    };
    let places = places(of_file.as_ref(), golden, args.station.as_deref())?;
    let pen = read(&spec, &places.golden)?;
    // Before the pen is run: a log that cannot be read or written.
    log::prepare(&places.station)?;
    interrupt::watch(|| ())?;
    let (record, bench, at) = match of_file {
        None => {
            let scenario = bench::read_scenario(args.scenario.as_deref())?;
            let index = scenario.lot.index_of(&pen.serial).ok_or_else(|| {
                Failure::Input(anyhow!(
                    "golden pen {} is not a pen of this bench's lot",
                    pen.serial
                ))
            })?;
            let today = &scenario.dates.today;
            insist_valid(&pen, today)?;
            let mut bench =
                VirtualBench::new(&scenario, index, scenario.lot.seed).map_err(Failure::input)?;
            let at = clock::now()?;
            let record = measure(&mut bench, &spec, &pen, &image, FlashPolicy::Always, today)?;
            (record, "virtual".to_owned(), at)
        }
        Some(OfFile { file, description }) => {
            let at = clock::wall()?;
            let today = clock::today(at);
            insist_valid(&pen, &today)?;
            let name = description.name.clone();
            let mut bench =
                HardwareBench::open(description, file, &args.operator, Some(&pen.serial))
                    .map_err(Failure::rig)?;
            let flash = hardware::flash_policy(&bench);
            let record = measure(&mut bench, &spec, &pen, &image, flash, &today)?;
            (record, name, at)
        }
    };
    if record.outcome == Outcome::Aborted(AbortCause::Interrupted) {
        print_error("penrig: interrupted; the golden pen was not checked");
        return Ok(130);
    }
    if let Outcome::BenchError { cause } = &record.outcome {
        print_error(&format!("penrig: bench error: {cause}"));
    }
    let check = Check {
        pen: &pen,
        record: &record,
        bench: &bench,
        at: clock::iso(at),
        operator: &args.operator,
    };
    let (lines, standing) = check.lines();
    let path = log::append(&places.station, &lines)?;
    check.print(&lines, standing);
    print_line(&format!("log          {}", path.display()));
    Ok(match standing {
        Standing::Passed => 0,
        Standing::Failed => 3,
        Standing::Inconclusive => 4,
        Standing::NotMeasured => 1,
    })
}

fn places(
    of_file: Option<&OfFile<'_>>,
    golden: Option<&Path>,
    station: Option<&Path>,
) -> Result<Places, Failure> {
    let named = match of_file {
        None => Some((
            PathBuf::from(DEFAULT_GOLDEN),
            PathBuf::from(DEFAULT_STATION),
        )),
        Some(it) => match &it.description.golden {
            Some(Golden::Kept { file, station }) => {
                Some((beside(it.file, file), beside(it.file, station)))
            }
            Some(Golden::NotKept { .. }) | None => None,
        },
    };
    let (named_golden, named_station) = named.unzip();
    let golden = golden.map(Path::to_owned).or(named_golden);
    let station = station.map(Path::to_owned).or(named_station);
    match (golden, station) {
        (Some(golden), Some(station)) => Ok(Places { golden, station }),
        _ => Err(Failure::Input(anyhow!(
            "the bench file names no golden pen; add its table [golden], or give --golden=FILE and --station DIR"
        ))),
    }
}

/// A path as a bench file has it: from the folder of that file.
fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

fn read(spec: &SpecSet, file: &Path) -> Result<GoldenPen, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the golden pen's file `{name}`"))
        .map_err(Failure::Input)?;
    GoldenPen::parse(&name, &text, spec).map_err(|defects| {
        let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
        Failure::Input(anyhow!(
            "the golden pen's file cannot be used\n{}",
            lines.join("\n")
        ))
    })
}

fn insist_valid(pen: &GoldenPen, today: &str) -> Result<(), Failure> {
    // ISO 8601 dates compare as text.
    if today <= pen.valid_until.as_str() {
        return Ok(());
    }
    Err(Failure::Rig(anyhow!(
        "the reference values of golden pen {} held until {}; have it measured anew and enter them",
        pen.serial,
        pen.valid_until
    )))
}

/// What a hardware run may know of its bench by the golden pen.
///
/// # Errors
/// The bench file does not speak of one, or its last check is missing, failed or older than a
/// shift: the bench is not used.
pub(crate) fn insist(
    spec: &SpecSet,
    description: &Description,
    file: &Path,
    now: Timestamp,
) -> Result<GoldenStatus, Failure> {
    let (golden, station) = match &description.golden {
        Some(Golden::NotKept { reason }) => {
            let reason = reason.clone();
            return Ok(GoldenStatus::NotKept { reason });
        }
        Some(Golden::Kept {
            file: golden,
            station,
        }) => (beside(file, golden), beside(file, station)),
        None => {
            return Err(Failure::Rig(anyhow!(
                "the bench file `{}` does not speak of a golden pen; add its table [golden]: kept = \"yes\" with file and station, or kept = \"no\" with a reason that every report will repeat",
                file.display()
            )));
        }
    };
    let pen = read(spec, &golden)?;
    insist_valid(&pen, &clock::today(now))?;
    let lines = log::read(&station)?;
    match gate::last_check(&lines, &description.name, &pen, now) {
        Ok(checked) => Ok(GoldenStatus::Passed {
            serial: pen.serial,
            checked,
        }),
        Err(refusal) => Err(Failure::Rig(anyhow!(
            "{refusal}; put golden pen {} into the fixture and run `penrig bench check --golden --bench {}`",
            pen.serial,
            file.display()
        ))),
    }
}

/// Runs the golden pen's rows as any run would, and looks at the gauge block afterwards.
fn measure<B: Bench>(
    bench: &mut B,
    spec: &SpecSet,
    pen: &GoldenPen,
    image: &ImageFile,
    flash: FlashPolicy,
    date: &str,
) -> Result<UnitRecord, Failure> {
    let datum = spec.row(DATUM_ROW).map(|it| it.id.clone());
    let rows = pen.values.iter().map(|it| it.row.clone()).chain(datum);
    let plan = Plan {
        name: "golden".to_owned(),
        entries: rows.map(entry).collect(),
    };
    let job = UnitJob {
        spec,
        plan: &plan,
        image: &image.image,
        build_id: image.build_id.as_deref(),
        serial: &pen.serial,
        index: 0,
        of: 1,
        flash,
        date,
    };
    let display = Display::new(1);
    let mut line = display.unit(&pen.serial);
    let record = run_unit(
        bench,
        &job,
        &mut |progress| line.show(&progress),
        &interrupt::is_set,
    );
    line.finish();
    display.clear();
    Ok(record)
}

/// Measured once: a golden pen is not tried again until it fits.
fn entry(row: RowId) -> PlanEntry {
    PlanEntry {
        row,
        required: Required::Yes,
        n_units: UnitsWanted::All,
        max_remeasure: 0,
        note: String::new(),
    }
}

/// A check that was made.
struct Check<'a> {
    pen: &'a GoldenPen,
    record: &'a UnitRecord,
    bench: &'a str,
    at: String,
    operator: &'a str,
}

impl Check<'_> {
    /// One line a reference value, and what they come to together.
    fn lines(&self) -> (Vec<LogLine>, Standing) {
        let mut lines: Vec<LogLine> = (1..)
            .zip(&self.pen.values)
            .map(|(number, value)| self.line(number, value))
            .collect();
        let worst = lines.iter().map(|it| it.standing()).max();
        let standing = match self.record.outcome {
            Outcome::Completed => worst.unwrap_or(Standing::NotMeasured),
            _ => Standing::NotMeasured,
        };
        for line in &mut lines {
            line.check = standing.word().to_owned();
        }
        (lines, standing)
    }

    fn line(&self, number: usize, value: &GoldenValue) -> LogLine {
        let unit = value.unit;
        let print = |it: i64| unit.print(it);
        let print_unsigned = |it: u64| print(i64::try_from(it).unwrap_or(i64::MAX));
        let result = self.record.result(value.row.as_str());
        let evidence: Option<&Evidence> = result.and_then(|it| it.evidence());
        let judged = evidence.and_then(|it| value.judge(it));
        let measured = evidence
            .and_then(|it| it.measured)
            .filter(|_| judged.is_some());
        let (standing, why) = match &judged {
            Some(it) => {
                let why: Vec<String> = it.why.iter().map(ToString::to_string).collect();
                (Standing::of(it.verdict), why.join("; "))
            }
            None => (Standing::NotMeasured, self.why_not(result)),
        };
        LogLine {
            checked: self.at.clone(),
            bench: self.bench.to_owned(),
            serial: self.pen.serial.clone(),
            row: value.row.to_string(),
            line: number,
            of: self.pen.values.len(),
            value: measured.map(|it| print(it.value)).unwrap_or_default(),
            expanded: measured
                .map(|it| print_unsigned(it.expanded))
                .unwrap_or_default(),
            reference: print(value.reference),
            reference_u: print_unsigned(value.reference_u),
            difference: judged
                .as_ref()
                .map(|it| print(it.difference))
                .unwrap_or_default(),
            difference_u: judged
                .as_ref()
                .map(|it| print_unsigned(it.expanded))
                .unwrap_or_default(),
            allowed: print_unsigned(value.allowed),
            unit: unit.printed().to_string(),
            verdict: standing.word().to_owned(),
            why,
            check: String::new(),
            golden_sha256: self.pen.sha256.clone(),
            operator: self.operator.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn why_not(&self, result: Option<&rig_record::RowResult>) -> String {
        let reason = result.and_then(|it| it.why_not_run());
        match reason {
            Some(reason) => reason.to_string(),
            None => self.record.outcome.to_string(),
        }
    }

    fn print(&self, lines: &[LogLine], standing: Standing) {
        print_line(&format!(
            "{}  golden pen {} on bench {}, {}",
            standing.word().to_uppercase(),
            self.pen.serial,
            self.bench,
            self.at
        ));
        for it in lines {
            let unit = &it.unit;
            let why = if it.why.is_empty() {
                String::new()
            } else {
                format!(": {}", it.why)
            };
            let text = if it.value.is_empty() {
                format!("{:12} {}{why}", it.row, it.verdict)
            } else {
                format!(
                    "{:12} {} {unit} (U {}), reference {} {unit} (U {}): difference {} {unit} of {} {unit} allowed, {}{why}",
                    it.row,
                    it.value,
                    it.expanded,
                    it.reference,
                    it.reference_u,
                    it.difference,
                    it.allowed,
                    it.verdict
                )
            };
            print_line(&text);
        }
        let next = match standing {
            Standing::Passed => format!(
                "the bench may be used for {} h, with this file of reference values",
                self.pen.shift_h
            ),
            Standing::Failed | Standing::Inconclusive | Standing::NotMeasured => {
                "the bench may not be used: find out why, and check again".to_owned()
            }
        };
        print_line(&format!("next         {next}"));
    }
}

impl Standing {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Passed,
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::Fail => Self::Failed,
        }
    }
}

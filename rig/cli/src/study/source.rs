//! Which pens a study is of, and where its set-ups come from.

use crate::args::StudyGrrArgs;
use crate::qualify::file_name;
use crate::{Failure, bench, clock, hardware, interrupt};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use rig_bench_virtual::Scenario;
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// Where set-ups come from.
pub(super) struct Source {
    pub(super) kind: SourceKind,
    /// Serial numbers, in the order of the study.
    pub(super) pens: Vec<String>,
    /// Of the order of runs and of the virtual bench.
    pub(super) seed: u64,
}

pub(super) enum SourceKind {
    /// A bench is made for each set-up.
    Virtual(Box<Scenario>),
    /// One bench, opened for each set-up, with a person beside it.
    Hardware { file: PathBuf, today: String },
}

impl Source {
    pub(super) fn new(args: &StudyGrrArgs, asked_pens: u32) -> Result<Self, Failure> {
        match bench::hardware_file(&args.bench)? {
            None => Self::of_scenario(args, asked_pens),
            Some(file) => Self::of_file(args, file, asked_pens),
        }
    }

    fn of_scenario(args: &StudyGrrArgs, asked_pens: u32) -> Result<Self, Failure> {
        let mut scenario = bench::read_scenario(args.scenario.as_deref())?;
        let wanted = args.pens.unwrap_or(asked_pens) as usize;
        if args.scenario.is_none() {
            // The reference lot goes on as it began: a pen does not depend on how many there are.
            scenario.lot.units = scenario.lot.units.max(wanted);
        }
        let pens = if args.serial.is_empty() {
            if scenario.lot.units < wanted {
                return Err(Failure::Input(anyhow!(
                    "the scenario's lot has {} pens, the study wants {wanted}; raise `units` in its [lot], or give --pens",
                    scenario.lot.units
                )));
            }
            scenario.serials().into_iter().take(wanted).collect()
        } else {
            named(&args.serial)?
        };
        for serial in &pens {
            if scenario.lot.index_of(serial).is_none() {
                return Err(Failure::Input(anyhow!(
                    "serial number {serial} is not a pen of this bench's lot"
                )));
            }
        }
        Ok(Self {
            seed: args.seed.unwrap_or(scenario.lot.seed),
            kind: SourceKind::Virtual(Box::new(scenario)),
            pens,
        })
    }

    fn of_file(args: &StudyGrrArgs, file: &Path, asked_pens: u32) -> Result<Self, Failure> {
        if args.scenario.is_some() {
            return Err(Failure::Input(anyhow!(
                "--scenario belongs to the virtual bench; a hardware bench is as it is"
            )));
        }
        hardware::read(file)?;
        if args.serial.is_empty() {
            return Err(Failure::Input(anyhow!(
                "which pens? Name each with --serial SN; rig.csv asks for {asked_pens}"
            )));
        }
        let is_attended = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !is_attended {
            return Err(Failure::Input(anyhow!(
                "a person has to put each pen into the fixture anew; run this at a terminal"
            )));
        }
        Ok(Self {
            kind: SourceKind::Hardware {
                file: file.to_owned(),
                today: clock::today(clock::wall()?),
            },
            pens: named(&args.serial)?,
            seed: args.seed.unwrap_or(1),
        })
    }

    pub(super) fn time(&self) -> Result<Timestamp, Failure> {
        match self.kind {
            SourceKind::Virtual(_) => clock::now(),
            SourceKind::Hardware { .. } => clock::wall(),
        }
    }

    pub(super) fn scenario_name(&self, args: &StudyGrrArgs) -> Option<String> {
        match self.kind {
            SourceKind::Virtual(_) => {
                let name = args.scenario.as_deref().map(file_name);
                Some(name.unwrap_or_else(|| "reference".to_owned()))
            }
            SourceKind::Hardware { .. } => None,
        }
    }
}

/// At least two pens, each named once.
fn named(serials: &[String]) -> Result<Vec<String>, Failure> {
    let different: BTreeSet<&String> = serials.iter().collect();
    if different.len() < serials.len() || serials.len() < 2 {
        return Err(Failure::Input(anyhow!(
            "a study needs at least two pens, each named once"
        )));
    }
    Ok(serials.to_vec())
}

/// Asks the person at the terminal to put a pen in, and waits.
pub(super) fn ask_for(serial: &str, setup: u32) -> Result<(), Failure> {
    let mut stderr = std::io::stderr();
    let asked = write!(
        stderr,
        "set-up {setup}: take the pen out, put pen {serial} into the fixture anew, then press Enter (q and Enter to end) "
    )
    .and_then(|()| stderr.flush());
    asked
        .context("cannot ask for a pen")
        .map_err(Failure::Rig)?;
    let mut answer = String::new();
    let length = std::io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")
        .map_err(Failure::Rig)?;
    if length == 0 || answer.trim() == "q" || interrupt::is_set() {
        interrupt::set();
        return Err(Failure::Rig(anyhow!(
            "ended before pen {serial}, set-up {setup}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pens_are_named_once_each() {
        let named = |serials: &[&str]| {
            let serials: Vec<String> = serials.iter().map(|it| (*it).to_owned()).collect();
            named(&serials).is_ok()
        };
        assert!(named(&["A", "B"]));
        assert!(!named(&["A", "A"]));
        assert!(!named(&["A"]));
    }
}

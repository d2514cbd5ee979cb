//! The chains of a run's units, read back.

use super::journal::read_file;
use super::{LoadedUnit, unit_journal};
use crate::{Failure, qualify};
use anyhow::anyhow;
use rig_record::UnitRecord;
use rig_record::journal::{Begun, BenchRecord, Chain, FileRecord, UnitEvent, UnitOrder};
use rig_spec::{Pool, RowId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// A line of a unit's chain of which attempts are not taken in: they stand in its end too.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UnitLine {
    Begun {
        bench: BenchRecord,
    },
    Attempted(IgnoredAny),
    Wrote {
        row: RowId,
        file: FileRecord,
        notes: Vec<String>,
    },
    Ended(Box<UnitRecord>),
}

/// Whether the records of units that were dealt with are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Records {
    Kept,
    Dropped,
}

/// What a unit's chain holds, and the chain by its file's name if it was begun.
pub(super) struct UnitRead {
    pub(super) unit: LoadedUnit,
    pub(super) chain: Option<(String, Chain)>,
    /// Lines whose time is before that of the line before them.
    pub(super) backwards: Vec<u64>,
}

/// Reads the chain of every unit. They hang on nothing of each other, so that each processor takes
/// its share; what comes of it does not depend on how many there are.
pub(super) fn read_units(
    folder: &Path,
    begun: &Begun,
    origin: &str,
    ends: &BTreeMap<&str, &str>,
    records: Records,
) -> Result<Vec<UnitRead>, Failure> {
    let orders: Vec<(usize, &UnitOrder)> = begun.units.iter().enumerate().collect();
    let share = orders.len().div_ceil(qualify::default_jobs()).max(1);
    let read = |share: &[(usize, &UnitOrder)]| -> Result<Vec<UnitRead>, Failure> {
        let mut pool = Pool::default();
        let mut reads: Vec<UnitRead> = Vec::with_capacity(share.len());
        for (position, order) in share {
            let name = unit_journal(*position, &order.serial);
            let path = folder.join(&name);
            let of_chain = (path.as_path(), name, origin);
            let ended = ends.get(order.serial.as_str()).copied();
            let before = reads.last().and_then(|it| it.unit.benches.last()).cloned();
            let mut read = read_unit(of_chain, &order.serial, ended, &mut pool, before)?;
            if records == Records::Dropped {
                read.unit.record = None;
            }
            reads.push(read);
        }
        Ok(reads)
    };
    let shares: Vec<Result<Vec<UnitRead>, Failure>> = thread::scope(|scope| {
        let threads: Vec<_> = orders
            .chunks(share)
            .map(|share| scope.spawn(|| read(share)))
            .collect();
        let joined = threads.into_iter().map(|it| match it.join() {
            Ok(reads) => reads,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    });
    let mut all = Vec::with_capacity(orders.len());
    for share in shares {
        all.extend(share?);
    }
    Ok(all)
}

/// Reads a unit's chain, which ends with a hash by the word of the run's; `before` is the bench
/// that had the unit before it.
fn read_unit(
    (path, name, origin): (&Path, String, &str),
    serial: &str,
    ended: Option<&str>,
    pool: &mut Pool,
    before: Option<Arc<BenchRecord>>,
) -> Result<UnitRead, Failure> {
    let mut unit = LoadedUnit {
        serial: serial.to_owned(),
        benches: Vec::new(),
        events: Vec::new(),
        is_done: false,
        record: None,
    };
    if ended.is_none() && !path.exists() {
        return Ok(UnitRead {
            unit,
            chain: None,
            backwards: Vec::new(),
        });
    }
    let read = read_file::<UnitLine>(path, origin)?;
    if let Some(head) = ended
        && head != read.chain.head()
    {
        return Err(Failure::Input(anyhow!(
            "`{}` ends with {}, and the run was told it ends with {head}: its end was cut off or changed",
            path.display(),
            read.chain.head()
        )));
    }
    let backwards = read.backwards().map(|it| it.seq).collect();
    for line in read.lines {
        match line.event {
            UnitLine::Begun { bench } => unit.benches.push(match &before {
                Some(before) if **before == bench => Arc::clone(before),
                _ => Arc::new(bench),
            }),
            UnitLine::Ended(mut record) => {
                record.share(pool);
                unit.record = Some(*record);
            }
            UnitLine::Wrote { row, file, notes } => {
                unit.events.push(UnitEvent::Wrote { row, file, notes });
            }
            UnitLine::Attempted(_) => {}
        }
    }
    unit.is_done = unit.record.is_some();
    if !unit.is_done {
        unit.events = acknowledged(path, origin)?;
    }
    Ok(UnitRead {
        unit,
        chain: Some((name, read.chain)),
        backwards,
    })
}

/// Attempts and files of a unit as its chain has them, in order.
pub(crate) fn acknowledged(path: &Path, origin: &str) -> Result<Vec<UnitEvent>, Failure> {
    let lines = read_file::<UnitEvent>(path, origin)?.lines.into_iter();
    let is_one =
        |it: &UnitEvent| matches!(it, UnitEvent::Attempted { .. } | UnitEvent::Wrote { .. });
    Ok(lines.map(|it| it.event).filter(is_one).collect())
}

//! Who the fixture's controller says it is, held against the bench file.

use crate::description::{Description, Parts};
use crate::line::{Line, fixture};
use rig_bench::{Actuator, BenchError, BenchFault, Fixture, Instrument};
use rig_fixture_wire::{Command, Reply, Who};

/// What a controller says of itself and its bench.
pub(crate) struct Described {
    pub(crate) who: Who,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) fixture: Fixture,
    pub(crate) actuators: Vec<Actuator>,
    pub(crate) faults: Vec<BenchFault>,
}

/// Asks the controller.
pub(crate) fn ask(line: &mut Line) -> Result<Described, BenchError> {
    let (mut who, mut about, mut actuators) = (None, None, Vec::new());
    let mut instruments = Vec::new();
    for reply in line.command(&Command::Describe)?.1 {
        match reply {
            Reply::Who(it) => who = Some(it),
            Reply::Instrument(it) => instruments.push(Instrument::from(it)),
            Reply::Fixture(it) => about = Some(Fixture::from(it)),
            Reply::Actuators(names) => actuators.extend(names.into_iter().map(Actuator::from)),
            Reply::Fault(_) | Reply::Done { .. } | Reply::Refused(_) => {}
        }
    }
    let replies = line.command_if_known(&Command::DescribeFaults)?;
    let faults = replies.into_iter().filter_map(|reply| match reply {
        Reply::Fault(it) => Some(BenchFault::from(it)),
        _ => None,
    });
    let faults = faults.collect();
    let (Some(who), Some(about)) = (who, about) else {
        return Err(fixture(
            "its controller does not say who it is and what it holds".to_owned(),
        ));
    };
    Ok(Described {
        who,
        instruments,
        fixture: about,
        actuators,
        faults,
    })
}

/// What the bench has: of the parts that the bench file lists, those that the controller streams;
/// or all that the controller describes, if the file leaves that to it.
///
/// An instrument that the file lists and the controller does not stream is missing, and rows that
/// need it are not run.
pub(crate) fn settle(
    description: &Description,
    described: &Described,
) -> Result<Parts, BenchError> {
    let Some(listed) = &description.parts else {
        return Ok(Parts {
            fixture: described.fixture.clone(),
            actuators: described.actuators.clone(),
            instruments: described.instruments.clone(),
        });
    };
    let mut instruments = Vec::new();
    for instrument in &listed.instruments {
        let Some(streamed) = described
            .instruments
            .iter()
            .find(|it| it.id == instrument.id)
        else {
            continue;
        };
        let same = (&streamed.serial, streamed.sample_rate_hz)
            == (&instrument.serial, instrument.sample_rate_hz);
        if !same {
            return Err(BenchError::Instrument {
                instrument: instrument.id,
                cause: format!(
                    "the controller has serial {} at {} samples/s, the bench file serial {} at {}; put the bench file or the instrument right",
                    streamed.serial,
                    streamed.sample_rate_hz,
                    instrument.serial,
                    instrument.sample_rate_hz
                ),
            });
        }
        instruments.push(instrument.clone());
    }
    let actuators = listed.actuators.iter().copied();
    Ok(Parts {
        fixture: Fixture {
            time_jitter_ns: described.fixture.time_jitter_ns,
            ..listed.fixture.clone()
        },
        actuators: actuators
            .filter(|it| described.actuators.contains(it))
            .collect(),
        instruments,
    })
}

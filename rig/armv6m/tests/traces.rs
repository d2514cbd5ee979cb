//! Replays programs whose traces were captured from QEMU: registers and flags before each
//! instruction, and RAM, which a program's last instructions read.
//!
//! `cargo xtask traces` captures them anew, and tells the instruction that differs.

use std::collections::BTreeSet;
use std::path::Path;

use rig_armv6m::Stop;
use rig_armv6m_traces::{Golden, PROGRAMS, Program, Replay, run_at_once};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden(program: &Program) -> Golden {
    let path = folder().join(format!("{}.txt", program.name));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    Golden::parse(&text).unwrap_or_else(|defects| panic!("{path:?}: {defects:?}"))
}

#[test]
fn every_instruction_gives_what_qemu_gave() {
    let (mut n_instructions, mut differences) = (0, Vec::new());
    for program in PROGRAMS {
        let expected = golden(program);
        let found = Golden::new(program, "rig-armv6m", Replay::new(program));
        n_instructions += found.n_states;
        if let Err(difference) = expected.compare(&found) {
            differences.push(format!("{}: {difference}", program.name));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(n_instructions > 1_000_000, "{n_instructions} instructions");
}

/// The core's inner loop does what single steps do.
#[test]
fn a_program_run_at_once_ends_as_one_run_instruction_by_instruction() {
    for program in PROGRAMS {
        let mut steps = Replay::new(program);
        assert!(steps.by_ref().count() > 10_000, "{}", program.name);
        let (steps, at_once) = (steps.outcome(), run_at_once(program));
        assert_eq!((steps.stop, steps.gap), (Stop::Halted, None));
        assert!(
            steps == at_once,
            "{}: {}, {}",
            program.name,
            steps.state,
            at_once.state
        );
    }
}

#[test]
fn every_golden_file_belongs_to_a_program() {
    let names: BTreeSet<String> = PROGRAMS
        .iter()
        .map(|it| format!("{}.txt", it.name))
        .collect();
    let files = std::fs::read_dir(folder()).unwrap();
    let files: BTreeSet<String> = files
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, names);
    assert_eq!(names.len(), PROGRAMS.len());
}

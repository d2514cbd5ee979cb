//! Runs a program on `rig-armv6m`.

use rig_armv6m::{Core, Gap, Master, Stop, Width};

use crate::board::Board;
use crate::program::Program;
use crate::state::State;

const DHCSR: u32 = 0xE000_EDF0;
const DBGKEY_DEBUGEN: u32 = 0xA05F_0001;
const HARD_FAULT: u32 = 3;

/// Where instructions end that never come to the end of a program.
const MOST_INSTRUCTIONS: u64 = 1_000_000;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub stop: Stop,
    /// The first access to a private peripheral register that the core does not model.
    pub gap: Option<Gap>,
    /// Registers and xPSR at the end.
    pub state: State,
    /// Contents of RAM at the end.
    pub ram: Vec<u8>,
    /// Instructions retired.
    pub instructions: u64,
}

/// A program on a core, one state at a time: an iterator over the trace.
#[derive(Clone, Debug)]
pub struct Replay {
    core: Core,
    board: Board,
    stop: Stop,
}

impl Replay {
    /// Resets a core with the program in its memory.
    pub fn new(program: &Program) -> Self {
        let mut board = Board::new(program);
        let mut core = Core::new();
        core.reset(&mut board);
        // The BKPT that ends a program halts instead of faulting.
        let enabled = core.ppb_write(DHCSR, Width::Word, DBGKEY_DEBUGEN, Master::Debugger);
        debug_assert_eq!(enabled, Ok(()));
        Self {
            core,
            board,
            stop: Stop::Deadline,
        }
    }

    fn state(&self) -> State {
        State {
            registers: std::array::from_fn(|it| self.core.register(it)),
            xpsr: self.core.xpsr(),
        }
    }

    /// Where it stands.
    pub fn outcome(mut self) -> Outcome {
        Outcome {
            stop: self.stop,
            gap: self.core.take_gap(),
            state: self.state(),
            ram: self.board.ram().to_vec(),
            instructions: self.core.instructions(),
        }
    }

    /// Whether an instruction is executed, or begun, at a state: a state from which an exception
    /// is entered without one is none of the trace. `entered` is the state behind it.
    fn begins_instruction(&mut self, state: &State, entered: &State, has_retired: bool) -> bool {
        use rig_armv6m::Bus as _;

        let is_fault = entered.xpsr & 0x3F == HARD_FAULT;
        let pc = state.registers[15];
        has_retired || is_fault && (state.xpsr >> 24 & 1 == 0 || self.board.fetch(pc).is_ok())
    }
}

impl Iterator for Replay {
    type Item = State;

    /// The state before the next instruction; nothing more when the core stands.
    fn next(&mut self) -> Option<State> {
        while self.stop == Stop::Deadline && self.core.instructions() < MOST_INSTRUCTIONS {
            let state = self.state();
            let n_before = self.core.instructions();
            self.stop = self.core.run(&mut self.board, self.core.now() + 1);
            let has_retired = self.core.instructions() != n_before;
            let is_end = self.stop == Stop::Halted;
            if is_end || self.begins_instruction(&state, &self.state(), has_retired) {
                return Some(state);
            }
        }
        None
    }
}

/// Runs a program in slices of some thousand cycles, as fast as the core goes.
pub fn run_at_once(program: &Program) -> Outcome {
    let mut replay = Replay::new(program);
    while replay.stop == Stop::Deadline && replay.core.instructions() < MOST_INSTRUCTIONS {
        replay.stop = replay.core.run(&mut replay.board, replay.core.now() + 5000);
    }
    replay.outcome()
}

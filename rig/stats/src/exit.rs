//! The exit code of a run.

/// What the program tells its caller, ordered so that the larger one wins when several hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// Every required row pass on every unit.
    Met,
    /// Inconclusive, held, or a required row not run.
    Undecided,
    /// The rig could not do its job.
    BenchError,
    /// A pen failed a required row; or a mismatch was found.
    Fail,
    /// Usage, or a defect in an input.
    Input,
    /// Interrupted; the DUT is parked and the record kept.
    Interrupted,
}

impl ExitCode {
    /// The number given to the operating system.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::BenchError => 1,
            Self::Input => 2,
            Self::Fail => 3,
            Self::Undecided => 4,
            Self::Interrupted => 130,
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Met => "every required row pass on every unit",
            Self::BenchError => "the rig could not do its job",
            Self::Input => "usage, or a defect in an input",
            Self::Fail => "a required row failed",
            Self::Undecided => "inconclusive, held, or a required row not run",
            Self::Interrupted => "interrupted; record kept",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_130_2_3_1_4_0() {
        let mut codes = [
            ExitCode::Met,
            ExitCode::Fail,
            ExitCode::Interrupted,
            ExitCode::Undecided,
            ExitCode::Input,
            ExitCode::BenchError,
        ];
        codes.sort();
        codes.reverse();
        assert_eq!(codes.map(ExitCode::number), [130, 2, 3, 1, 4, 0]);
    }
}

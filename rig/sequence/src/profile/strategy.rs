//! The profiles as a strategy of proptest, for models and firmware that run on the host.

use super::{Profile, Ranges, drawn};
use crate::action::{Sequence, Step};
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Draws sequences of one profile; shrinks by leaving steps out, one after the other.
///
/// A sequence that failed on a bench is not shrunk by this: there a try costs bench time, and a
/// failure may be flaky.
#[derive(Clone, Debug)]
pub struct Sequences {
    /// From which profile.
    pub profile: Profile,
    /// Within which limits.
    pub ranges: Ranges,
}

/// A sequence, and which of its steps are left out.
#[derive(Clone, Debug)]
pub struct SequenceTree {
    steps: Vec<(Step, bool)>,
    /// The next step to leave out.
    next: usize,
    /// The step left out last.
    last: Option<usize>,
}

impl Strategy for Sequences {
    type Tree = SequenceTree;
    type Value = Sequence;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let sequence = drawn(self.profile, runner.new_rng(), &self.ranges);
        Ok(SequenceTree {
            steps: sequence.steps.into_iter().map(|it| (it, true)).collect(),
            next: 0,
            last: None,
        })
    }
}

impl ValueTree for SequenceTree {
    type Value = Sequence;

    fn current(&self) -> Sequence {
        let kept = self.steps.iter().filter(|(_, kept)| *kept);
        Sequence {
            steps: kept.map(|(step, _)| step.clone()).collect(),
        }
    }

    fn simplify(&mut self) -> bool {
        let Some((_, kept)) = self.steps.get_mut(self.next) else {
            return false;
        };
        *kept = false;
        self.last = Some(self.next);
        self.next += 1;
        true
    }

    fn complicate(&mut self) -> bool {
        let Some(last) = self.last.take() else {
            return false;
        };
        self.steps[last].1 = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::profile::ranges::tests::pen_a1;
    use proptest::test_runner::{Config, TestError};

    #[test]
    fn a_failure_shrinks_to_the_steps_that_make_it() {
        let sequences = Sequences {
            profile: Profile::Adversarial,
            ranges: pen_a1(),
        };
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::default()
        });
        // A planted failure: a reset somewhere behind a garbled byte.
        let failed = runner.run(&sequences, |sequence| {
            let mut garbled = false;
            for step in &sequence.steps {
                garbled |= matches!(step.action, Action::Garbage(_));
                if garbled && step.action == Action::Reset {
                    return Err(proptest::test_runner::TestCaseError::fail("planted"));
                }
            }
            Ok(())
        });
        let Err(TestError::Fail(_, smallest)) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(smallest.steps.len(), 2, "{smallest}");
    }
}

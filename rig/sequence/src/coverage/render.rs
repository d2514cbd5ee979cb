//! Coverage as text and as rows.

use super::limits::Side;
use super::{Coverage, Item};
use crate::profile::Ranges;
use std::fmt;

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(one) | Self::Refusal(one) | Self::Fault(one) | Self::Action(one) => {
                f.write_str(one)
            }
            Self::Transition(from, to) => write!(f, "{from} to {to}"),
            Self::Command(command, state) => write!(f, "{command} in {state}"),
            Self::Limit(limit, side) => write!(f, "{} {limit}", side.word()),
        }
    }
}

/// Items behind a word, if there are any.
fn list(text: &mut String, word: &str, items: Vec<&Item>) {
    let items: Vec<String> = items.into_iter().map(ToString::to_string).collect();
    if !items.is_empty() {
        text.push_str(&format!("; {word}: {}", items.join(", ")));
    }
}

impl Coverage {
    /// A line a group: what was reached, of how much; and what was not, but for commands in states,
    /// which are many: [`Coverage::commands_table`] has them. What [`Item::needs`] more than a
    /// sequence stands apart, as out of reach.
    #[must_use]
    pub fn table(&self, ranges: &Ranges) -> String {
        let missing = self.missing(ranges);
        let mut text = String::new();
        for (group, (name, n_reached, n_all)) in self.groups(ranges).into_iter().enumerate() {
            let lacking: Vec<&Item> = missing.iter().filter(|it| it.group() == group).collect();
            text.push_str(&format!("{name:<18} {n_reached:>4} of {n_all:>3}"));
            if group != Item::COMMANDS {
                let (far, near) = lacking.iter().partition(|it| it.needs().is_some());
                list(&mut text, "not", near);
                list(&mut text, "out of reach", far);
            }
            text.push('\n');
        }
        text
    }

    /// Rows for a report: group, item, how often; what was not reached with zero, in order.
    #[must_use]
    pub fn rows(&self, ranges: &Ranges) -> Vec<[String; 3]> {
        let all = Item::all(ranges);
        let others = self.items().filter(|it| !all.contains(it));
        all.iter()
            .chain(others)
            .map(|item| {
                [
                    item.group_name().to_owned(),
                    item.to_string(),
                    self.times(item).to_string(),
                ]
            })
            .collect()
    }

    /// Commands against states, as often as each was sent in each.
    #[must_use]
    pub fn commands_table(&self) -> String {
        let states: Vec<&'static str> = super::names::STATES
            .into_iter()
            .map(super::names::state)
            .chain([super::names::UNKNOWN])
            .collect();
        let mut text = format!("{:<13}", "command");
        for state in &states {
            text.push_str(&format!(" {state:>9}"));
        }
        for command in super::names::COMMANDS {
            text.push_str(&format!("\n{command:<13}"));
            for state in &states {
                let times = self.times(&Item::Command(command, state));
                text.push_str(&format!(" {times:>9}"));
            }
        }
        text.push('\n');
        text
    }

    /// How often a limit was touched on each side: inside, at, outside.
    #[must_use]
    pub fn limit(&self, name: &str) -> [u64; 3] {
        Side::ALL.map(|side| self.times(&Item::Limit(name.to_owned(), side)))
    }
}

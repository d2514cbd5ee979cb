//! The console's words: what each is for, how it is written, and which one is meant.

use super::line_error::LineError;
use super::words::WORDS;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Identify,
    Status,
    Set,
    Get,
    Preset,
    Unlock,
    Lock,
    Start,
    Stop,
    Pause,
    Section,
    Treatment,
    End,
    Faults,
    Clear,
    Cartridge,
    Log,
    Link,
    Calibration,
    Calibrate,
    Telemetry,
    Wait,
    Fit,
    Unfit,
    Press,
    Load,
    Block,
    Supply,
    Shaft,
    Raw,
    Help,
    Quit,
}

/// Where a command stands in the list of `help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Pen,
    Bench,
    Console,
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) verb: Verb,
    pub(crate) group: Group,
    /// What may stand behind the name.
    pub(crate) arguments: &'static str,
    /// Words that may stand behind the name.
    pub(crate) choices: &'static [&'static str],
    /// What it does, in one line.
    pub(crate) summary: &'static str,
    /// What else there is to know.
    pub(crate) detail: &'static str,
    pub(crate) example: &'static str,
}

/// The command meant: by its name, or by as much of it as no other command begins with.
pub(crate) fn find(given: &str) -> Result<&'static Word, LineError> {
    let names: Vec<&'static str> = WORDS.iter().map(|word| word.name).collect();
    let name = choose(given, &names).map_err(|error| match error {
        LineError::NotOneOf { given, .. } => LineError::Unknown {
            near: near(&given.to_lowercase(), &names),
            given,
        },
        other => other,
    })?;
    Ok(WORDS
        .iter()
        .find(|word| word.name == name)
        .expect("chosen from these"))
}

/// The choice meant, likewise.
pub(crate) fn choose(given: &str, choices: &[&'static str]) -> Result<&'static str, LineError> {
    let lower = given.to_lowercase();
    let begins: Vec<&'static str> = choices
        .iter()
        .copied()
        .filter(|choice| choice.starts_with(&lower))
        .collect();
    let exact = begins.iter().find(|choice| **choice == lower);
    match (exact, begins.as_slice()) {
        (Some(choice), _) | (None, [choice]) => Ok(choice),
        (None, []) => Err(LineError::NotOneOf {
            given: given.to_owned(),
            choices: choices.to_vec(),
        }),
        (None, several) => Err(LineError::Ambiguous {
            given: given.to_owned(),
            choices: several.to_vec(),
        }),
    }
}

/// Choices that may have been meant: two slips of the finger away at most, the nearest first.
fn near(given: &str, choices: &[&'static str]) -> Vec<&'static str> {
    let allowed = 2.min(given.chars().count() / 2);
    let mut found: Vec<(usize, &'static str)> = choices
        .iter()
        .map(|choice| (slips(given, choice), *choice))
        .filter(|(n_slips, _)| *n_slips <= allowed)
        .collect();
    found.sort();
    found.into_iter().map(|(_, choice)| choice).collect()
}

/// Letters to add, leave out, change, or swap with their neighbour, to make one word of another.
fn slips(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut next = vec![i];
        for j in 1..=to.len() {
            let changed = usize::from(from[i - 1] != to[j - 1]);
            let mut least = (row[j - 1] + changed).min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = row;
        row = next;
    }
    row[to.len()]
}

/// Where the word before the cursor begins, and what may stand there.
pub(crate) fn complete(line: &str, cursor: usize) -> (usize, Vec<&'static str>) {
    let typed = line.get(..cursor).unwrap_or(line);
    let start = typed.rfind(char::is_whitespace).map_or(0, |at| {
        at + typed[at..].chars().next().map_or(0, char::len_utf8)
    });
    let begun = typed[start..].to_lowercase();
    let before: Vec<&str> = typed[..start].split_whitespace().collect();
    let choices: Vec<&'static str> = match before.as_slice() {
        [] => WORDS.iter().map(|word| word.name).collect(),
        [name] => find(name).map_or(Vec::new(), Word::choices),
        _ => Vec::new(),
    };
    let fitting = choices.into_iter().filter(|it| it.starts_with(&begun));
    (start, fitting.collect())
}

impl Word {
    fn choices(&self) -> Vec<&'static str> {
        if self.verb == Verb::Help {
            return WORDS.iter().map(|word| word.name).collect();
        }
        self.choices.to_vec()
    }

    /// Name and arguments.
    pub(crate) fn usage(&self) -> String {
        format!("{} {}", self.name, self.arguments)
            .trim_end()
            .to_owned()
    }

    /// All there is to know of the command.
    pub(crate) fn help(&self) -> String {
        let detail = if self.detail.is_empty() {
            String::new()
        } else {
            format!("\n{}", self.detail)
        };
        format!(
            "{}\n{}.{detail}\nExample: {}",
            self.usage(),
            self.summary,
            self.example
        )
    }
}

/// Every command in a line.
pub(crate) fn overview() -> String {
    let width = WORDS.iter().map(|it| it.usage().len()).max().unwrap_or(0);
    let groups = [
        (Group::Pen, "The pen"),
        (Group::Bench, "The bench"),
        (Group::Console, "The console"),
    ];
    let mut lines = Vec::new();
    for (group, title) in groups {
        lines.push(title.to_owned());
        for word in WORDS.iter().filter(|word| word.group == group) {
            lines.push(format!("  {:width$}  {}", word.usage(), word.summary));
        }
    }
    lines.push("A command may be cut short where no other begins so; `help NAME` says more, with an example; # begins a remark.".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: Result<&str, &str>) {
        let actual = find(given).map(|word| word.name);
        let actual = actual.map_err(|error| error.to_string());
        assert_eq!(actual, expected.map_err(str::to_owned), "{given}");
    }

    #[test]
    fn a_command_may_be_cut_short_where_it_is_the_only_one() {
        check("start", Ok("start"));
        check("STOP", Ok("stop"));
        check("star", Ok("start"));
        check("id", Ok("identify"));
        check("l", Err("`l` may be `lock`, `log`, `link` or `load`"));
    }

    #[test]
    fn the_nearest_come_first_and_nothing_far_is_near() {
        let near = |given| near(given, &["start", "stop", "status", "set", "section"]);
        assert_eq!(near("statr"), ["start", "status"]);
        assert_eq!(near("sotp"), ["stop", "set"]);
        assert_eq!(near("qqqqq"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
    }

    #[test]
    fn slips_are_counted() {
        for (from, to, expected) in [
            ("", "", 0),
            ("stop", "stop", 0),
            ("sotp", "stop", 1),
            ("stp", "stop", 1),
            ("stopp", "stop", 1),
            ("stip", "stop", 1),
            ("", "stop", 4),
            ("pots", "stop", 3),
        ] {
            assert_eq!(slips(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn tab_completes_commands_and_their_words() {
        let check = |line: &str, start, expected: &[&str]| {
            assert_eq!(
                complete(line, line.len()),
                (start, expected.to_vec()),
                "{line}"
            );
        };
        check("sta", 0, &["status", "start"]);
        check("  sto", 2, &["stop"]);
        check("set ", 4, &["depth", "rate"]);
        check("set d", 4, &["depth"]);
        check("preset s", 7, &["stretch-marks", "scars"]);
        check("help tel", 5, &["telemetry"]);
        check("wait ", 5, &[]);
        check("set depth 1", 10, &[]);
        check("nonsense ", 9, &[]);
        check("é ", 3, &[]);
        assert_eq!(complete("status", 3), (0, vec!["status", "start"]));
    }

    #[test]
    fn every_command_has_help_with_an_example_that_is_understood() {
        let mut text = vec![overview()];
        for word in WORDS {
            let parsed = crate::console::command::parse(word.example);
            assert!(matches!(parsed, Ok(Some(_))), "{}: {parsed:?}", word.name);
            text.push(word.help());
        }
        insta::assert_snapshot!(text.join("\n\n"));
    }

    #[test]
    fn the_example_of_raw_is_a_whole_request() {
        use crate::console::command::{Command, parse};
        let example = find("raw").unwrap().example;
        let frame = firmware_wire::encode(1_000, &firmware_wire::Request::GetStatus).unwrap();
        assert_eq!(parse(example), Ok(Some(Command::Raw(frame.to_vec()))));
    }

    #[test]
    fn every_treatment_area_has_its_name() {
        for (preset, name) in firmware_wire::Preset::ALL
            .into_iter()
            .zip(crate::console::words::PRESETS)
        {
            assert_eq!(crate::console::words::preset_name(preset), *name);
        }
    }
}

//! Asks the person at the bench which pen was put in. A scanner is a keyboard that ends with Enter.

use crate::{Failure, lot};
use anyhow::{Context as _, anyhow};
use rig_spec::{Document, IntakeList};
use std::io::{self, BufRead, IsTerminal as _, Write};

/// Whether there is someone to ask.
pub(crate) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks at the terminal until an answer can be a pen of the device, and of the list if there is one.
pub(crate) fn ask(document: &Document, intake: Option<&IntakeList>) -> Result<String, Failure> {
    ask_on(&mut io::stdin().lock(), &mut io::stderr(), document, intake)
}

fn ask_on(
    keyboard: &mut impl BufRead,
    screen: &mut impl Write,
    document: &Document,
    intake: Option<&IntakeList>,
) -> Result<String, Failure> {
    let form = document
        .serial_pattern
        .as_ref()
        .map(|it| format!(" ({it})"))
        .unwrap_or_default();
    loop {
        write!(
            screen,
            "serial number of the pen in the fixture{form}; scan or type it, nothing to leave: "
        )
        .and_then(|()| screen.flush())
        .context("cannot ask for a serial number")
        .map_err(Failure::Rig)?;
        let mut line = Vec::new();
        keyboard
            .read_until(b'\n', &mut line)
            .context("cannot read the serial number")
            .map_err(Failure::Rig)?;
        let answer = String::from_utf8_lossy(&line);
        let answer = answer.trim();
        if answer.is_empty() {
            return Err(Failure::Input(anyhow!(
                "no serial number was given; nothing was run"
            )));
        }
        let of_udi = intake.and_then(|it| lot::by_udi(answer, it));
        let serial = of_udi.unwrap_or(answer);
        match lot::check_serial(serial, document, intake) {
            Ok(()) => return Ok(serial.to_owned()),
            Err(error) => writeln!(screen, "{error}")
                .context("cannot ask for a serial number")
                .map_err(Failure::Rig)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_spec::SerialPattern;

    fn document() -> Document {
        Document {
            document: String::new(),
            revision: String::new(),
            status: String::new(),
            approver: None,
            effective: None,
            device: String::new(),
            maximum_rated_ambient: String::new(),
            rated_motor_current: None,
            serial_pattern: Some(SerialPattern::parse("PA1-[0-9]{8}").expect("a pattern")),
        }
    }

    const LIST: &str = "serial,udi\nPA1-00000003,(01)09506000134352(21)PA1-00000003\n";

    /// What was typed gives this serial number, or none; and what was said in between.
    fn check(typed: &[u8], expected: Option<&str>, said: &[&str]) {
        let document = document();
        let list = IntakeList::parse("lot.csv", LIST, &document).expect("a list");
        let mut screen = Vec::new();
        let answer = ask_on(&mut &*typed, &mut screen, &document, Some(&list));
        let screen = String::from_utf8(screen).expect("text");
        let prompt = "serial number of the pen in the fixture (PA1-[0-9]{8}); scan or type it, nothing to leave: ";
        let shown: Vec<&str> = screen.split(prompt).filter(|it| !it.is_empty()).collect();
        assert_eq!(shown, said);
        match (answer, expected) {
            (Ok(answer), Some(expected)) => assert_eq!(answer, expected),
            (Err(Failure::Input(_)), None) => {}
            (other, _) => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_asks_until_the_answer_is_a_listed_pen() {
        check(b"PA1-00000003\n", Some("PA1-00000003"), &[]);
        check(b" PA1-00000003\r\n", Some("PA1-00000003"), &[]);
        check(
            b"010950600013435221PA1-00000003\n",
            Some("PA1-00000003"),
            &[],
        );
        check(
            b"PA1-3\nPA1-00000004\n\xff\nPA1-00000003\n",
            Some("PA1-00000003"),
            &[
                "`PA1-3` does not have the form of a serial number, PA1-[0-9]{8}\n",
                "serial number PA1-00000004 is not on the intake list\n",
                "`\u{fffd}` is not a serial number: 1 to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit\n",
            ],
        );
    }

    #[test]
    fn nothing_typed_is_no_pen() {
        check(b"", None, &[]);
        check(b"\n", None, &[]);
        check(
            b"PA1-3\n",
            None,
            &["`PA1-3` does not have the form of a serial number, PA1-[0-9]{8}\n"],
        );
    }
}

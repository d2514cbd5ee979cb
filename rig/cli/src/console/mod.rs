//! `penrig console`: one pen by hand, typed or scripted.
//!
//! `command` and what it needs say what a line means, `reply` and `sentences` how an answer reads:
//! functions of their arguments. `operator` does what commands say, `source` reads lines.

mod command;
mod fixture;
mod history;
mod leave;
mod line_error;
mod operator;
mod quantity;
mod reply;
mod sentences;
mod source;
mod vocabulary;
mod words;

use crate::args::ConsoleArgs;
use crate::clock::Pace;
use crate::dut;
use crate::identify::PenReport;
use crate::{Failure, bench, input, interrupt, print_error, print_line};
use leave::Left;
use operator::{Done, Operator, SLICE};
use rig_bench::Bench;
use source::{LineEditor, PROMPT, Typed};
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};

/// Exit code of a script with a line that was not understood.
const NOT_UNDERSTOOD: u8 = 2;
/// Exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: &ConsoleArgs) -> Result<u8, Failure> {
    let image = input::image(&args.bench.image)?;
    let mut opened = bench::open(&args.bench)?;
    let (typed, received) = mpsc::channel();
    let also = typed.clone();
    interrupt::watch(move || {
        // Nobody listens any more at the very end.
        let _ = also.send(Typed::Signal);
    })?;
    dut::flash(&mut opened.bench, &image)?;
    let mut session = dut::power_up(&mut opened.bench)?;
    let greeting = dut::greet_expected(&mut session, &opened.serial, &image)?;
    print_line(&format!("bench {}", opened.title));
    print_line(&PenReport::new(&greeting, None).line());
    if std::io::stdin().is_terminal() {
        print_line("`help` lists the commands, Tab completes them, `quit` ends");
        let editor = LineEditor::start(args.history.clone(), typed)?;
        let pace = Pace::start(session.now());
        let operator = Operator::new(session, &greeting, Some(pace));
        converse(operator, editor, &received)
    } else {
        source::read_script(typed);
        follow(Operator::new(session, &greeting, None), &received)
    }
}

/// A script: one line after another, bench time only as they take it.
fn follow<B: Bench>(
    mut operator: Operator<'_, B>,
    received: &Receiver<Typed>,
) -> Result<u8, Failure> {
    let mut code = 0;
    let mut ended = Ok(());
    for number in 1.. {
        let line = match received.recv() {
            Ok(Typed::Line(line)) if !interrupt::is_set() => line,
            Ok(Typed::End) | Err(_) => break,
            Ok(Typed::Line(_) | Typed::Interrupt | Typed::Signal) => {
                code = INTERRUPTED;
                break;
            }
        };
        print_line(&format!("{PROMPT}{line}"));
        match obey(&mut operator, &line) {
            Ok(Obeyed::Yes) => {}
            Ok(Obeyed::No(why)) => {
                print_error(&format!("penrig: line {number}: {why}"));
                code = NOT_UNDERSTOOD;
            }
            Ok(Obeyed::Quit) => break,
            Err(failure) => {
                ended = Err(failure);
                break;
            }
        }
    }
    if interrupt::is_set() {
        code = INTERRUPTED;
    }
    leave(operator, ended)?;
    Ok(code)
}

/// Someone at a terminal: bench time goes with the wall clock while lines are typed.
fn converse<B: Bench>(
    mut operator: Operator<'_, B>,
    mut editor: LineEditor,
    received: &Receiver<Typed>,
) -> Result<u8, Failure> {
    editor.go_on();
    let mut code = 0;
    let ended = loop {
        let now = operator.now();
        let next = match operator.pace() {
            Some(pace) => pace.keep_or_receive(now, received),
            None => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        if matches!(next, Ok(Typed::Line(_) | Typed::Interrupt | Typed::End)) {
            editor.has_handed_over();
        }
        let text = match next {
            Ok(Typed::Line(text)) => text,
            Ok(Typed::Interrupt | Typed::Signal) => {
                code = INTERRUPTED;
                break Ok(());
            }
            Ok(Typed::End) | Err(RecvTimeoutError::Disconnected) => break Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                let shown = operator.pass(SLICE, &mut |text| editor.show(text));
                if let Err(error) = shown {
                    break Err(Failure::rig(error));
                }
                continue;
            }
        };
        match obey_each(&mut operator, &text) {
            Ok(Obeyed::Quit) => break Ok(()),
            Ok(_) => {}
            Err(failure) => break Err(failure),
        }
        if interrupt::is_set() {
            // The terminal has printed ^C, and no line end.
            print_line("");
            code = INTERRUPTED;
            break Ok(());
        }
        editor.go_on();
    };
    let left = leave(operator, ended);
    editor.end();
    left.map(|()| code)
}

/// Does what was typed says: a line, or several that were pasted.
fn obey_each<B: Bench>(operator: &mut Operator<'_, B>, text: &str) -> Result<Obeyed, Failure> {
    let is_pasted = text.lines().nth(1).is_some();
    for line in text.lines() {
        if interrupt::is_set() {
            break;
        }
        if is_pasted {
            print_line(&format!("{PROMPT}{line}"));
        }
        match obey(operator, line)? {
            Obeyed::Yes => {}
            Obeyed::No(why) => {
                print_line(&why);
                break;
            }
            Obeyed::Quit => return Ok(Obeyed::Quit),
        }
    }
    Ok(Obeyed::Yes)
}

/// What became of a line.
enum Obeyed {
    Yes,
    /// It was not understood, or cannot be done here; why.
    No(String),
    Quit,
}

/// Does what a line says.
fn obey<B: Bench>(operator: &mut Operator<'_, B>, line: &str) -> Result<Obeyed, Failure> {
    let command = match command::parse(line) {
        Ok(Some(command)) => command,
        Ok(None) => return Ok(Obeyed::Yes),
        Err(error) => return Ok(Obeyed::No(error.to_string())),
    };
    let done = operator.execute(command, &mut |text| print_line(text));
    Ok(match done.map_err(Failure::rig)? {
        Done::Yes => Obeyed::Yes,
        Done::NotHere(why) => Obeyed::No(why.to_owned()),
        Done::Quit => Obeyed::Quit,
    })
}

/// Stops, parks and switches the pen off, and says how it was left. What went wrong before comes
/// first.
fn leave<B: Bench>(operator: Operator<'_, B>, ended: Result<(), Failure>) -> Result<(), Failure> {
    let left = operator.end();
    print_line(match &left {
        Ok(Left::Parked) => "STOP sent; the pen says that it is parked; switched off",
        Ok(Left::NotParked) => {
            "STOP sent; the pen did not park, its NEEDLES MAY BE EXPOSED; switched off"
        }
        Ok(Left::Silent) => {
            "STOP sent; the pen did not answer, its NEEDLES MAY BE EXPOSED; switched off"
        }
        Err(_) => {
            "the bench failed: whether STOP arrived is not known, NEEDLES MAY BE EXPOSED; \
             a bench that is let go switches the motor off"
        }
    });
    ended.and(left.map(drop).map_err(Failure::rig))
}

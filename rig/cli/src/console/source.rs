//! Where lines come from: a script, read as it is, or someone at a terminal.

use super::history;
use super::vocabulary;
use crate::{Failure, print_error, print_line};
use anyhow::Context as _;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Editor, ExternalPrinter, Helper};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

/// What stands before each line.
pub(crate) const PROMPT: &str = "pen> ";

/// What comes from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C in place of a line.
    Interrupt,
    /// The program was interrupted, whatever it was at.
    Signal,
    /// Nothing more will come.
    End,
}

/// Reads stdin to its end, in a thread of its own, so that an interrupt need not wait for a line.
pub(crate) fn read_script(typed: Sender<Typed>) {
    thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut line = Vec::new();
        // A stdin that cannot be read has ended; nobody listens to a line after the last.
        while matches!(stdin.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if typed.send(Typed::Line(text)).is_err() {
                return;
            }
            line.clear();
        }
        let _ = typed.send(Typed::End);
    });
}

/// A line editor at work.
///
/// It lets someone type one line, hands it over, and waits to be told to go on; so what is printed
/// in between cannot meet a prompt. What is to be shown while someone types goes through
/// [`LineEditor::show`].
pub(crate) struct LineEditor {
    go_on: Sender<()>,
    lines: Sender<String>,
    thread: JoinHandle<()>,
    /// Whether it was told to go on since it last handed something over.
    is_reading: bool,
}

impl LineEditor {
    /// Starts the editor; it waits to be told to go on.
    pub(crate) fn start(file: Option<PathBuf>, typed: Sender<Typed>) -> Result<Self, Failure> {
        let (go_on, may_go_on) = mpsc::channel();
        let (lines, to_print) = mpsc::channel();
        let (opened, is_open) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut editor = match open() {
                Ok(editor) => editor,
                Err(error) => {
                    let _ = opened.send(Err(error));
                    return;
                }
            };
            let _ = opened.send(Ok(()));
            let file = file.or_else(history::default_file);
            let file = file.filter(|it| load(&mut editor, it));
            print_beside(&mut editor, to_print);
            edit(&mut editor, file, &typed, &may_go_on);
        });
        is_open
            .recv()
            .context("the line editor ended")
            .map_err(Failure::Rig)?
            .context("cannot edit lines at this terminal")
            .map_err(Failure::Rig)?;
        Ok(Self {
            go_on,
            lines,
            thread,
            is_reading: false,
        })
    }

    /// Gives the prompt.
    pub(crate) fn go_on(&mut self) {
        // An editor that is gone has said so.
        let _ = self.go_on.send(());
        self.is_reading = true;
    }

    /// Notes that it handed something over.
    pub(crate) fn has_handed_over(&mut self) {
        self.is_reading = false;
    }

    /// Shows text while someone may be typing.
    pub(crate) fn show(&self, text: &str) {
        let _ = self.lines.send(text.to_owned());
    }

    /// Ends it. Someone who is typing is asked for Enter, since nobody else can give the terminal
    /// back as it was.
    pub(crate) fn end(self) {
        if self.is_reading {
            self.show("press Enter to leave");
        }
        drop((self.go_on, self.lines));
        // It has printed what went wrong.
        let _ = self.thread.join();
    }
}

type PenEditor = Editor<Completion, FileHistory>;

fn open() -> rustyline::Result<PenEditor> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Completion));
    Ok(editor)
}

fn edit(
    editor: &mut PenEditor,
    mut file: Option<PathBuf>,
    typed: &Sender<Typed>,
    may_go_on: &Receiver<()>,
) {
    while may_go_on.recv().is_ok() {
        let next = match editor.readline(PROMPT) {
            Ok(line) => {
                // Without a memory there is no history, and nothing worse.
                let _ = editor.add_history_entry(&line);
                file = file.filter(|it| save(editor, it));
                Typed::Line(line)
            }
            Err(ReadlineError::Interrupted) => Typed::Interrupt,
            Err(ReadlineError::Eof) => Typed::End,
            Err(error) => {
                print_error(&format!("penrig: the terminal: {error}"));
                Typed::End
            }
        };
        if typed.send(next).is_err() {
            return;
        }
    }
}

/// Prints what comes while someone may be typing, from a thread of its own: the editor's printer
/// may make its caller wait for the next prompt.
fn print_beside(editor: &mut PenEditor, lines: Receiver<String>) {
    match editor.create_external_printer() {
        Ok(mut printer) => thread::spawn(move || {
            for line in lines {
                // The editor is gone, and the terminal with it.
                if printer.print(format!("{line}\n")).is_err() {
                    return;
                }
            }
        }),
        // No terminal that a line could be redrawn on.
        Err(_) => thread::spawn(move || {
            for line in lines {
                print_line(&line);
            }
        }),
    };
}

/// Reads what was typed before; false if the file cannot be used.
fn load(editor: &mut PenEditor, file: &Path) -> bool {
    match editor.load_history(file) {
        Ok(()) => true,
        Err(ReadlineError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => {
            print_error(&format!(
                "penrig: typed lines are not remembered: cannot read `{}`: {error}",
                file.display()
            ));
            false
        }
    }
}

/// Writes what was typed since it was last written; false if that cannot be done.
fn save(editor: &mut PenEditor, file: &Path) -> bool {
    let made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    let saved = made
        .map_err(ReadlineError::from)
        .and_then(|()| editor.append_history(file));
    if let Err(error) = &saved {
        print_error(&format!(
            "penrig: typed lines are not remembered: cannot write `{}`: {error}",
            file.display()
        ));
    }
    saved.is_ok()
}

/// Tab completion.
struct Completion;

impl Completer for Completion {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let (start, choices) = vocabulary::complete(line, pos);
        // A space behind a word that is the only one saves a key.
        let space = if choices.len() == 1 { " " } else { "" };
        let choices = choices.into_iter().map(|it| format!("{it}{space}"));
        Ok((start, choices.collect()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}

impl Validator for Completion {}

impl Helper for Completion {}

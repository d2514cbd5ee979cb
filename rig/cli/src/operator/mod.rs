//! What the person at the bench sees and is asked: verdicts, time left, serial numbers, and what
//! Ctrl-C does.

mod banner;
mod screen;
mod serial_prompt;
mod stop;
mod time_left;
mod verdict;

pub(crate) use banner::{band, banner, last};
pub(crate) use screen::{attach, columns, paint};
pub(crate) use serial_prompt::{ask, is_attended};
pub(crate) use stop::on_interrupt;
pub(crate) use time_left::Times;
pub(crate) use verdict::{Announcement, of_run, of_unit};

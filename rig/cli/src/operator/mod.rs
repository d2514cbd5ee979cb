//! What the person at the bench sees and is asked.

mod serial_prompt;

pub(crate) use serial_prompt::{ask, is_attended};

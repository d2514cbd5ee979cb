//! The core on a small board: instructions, exceptions, debug and timer, seen from outside.

mod board;
mod debug;
mod exceptions;
mod faults;
mod instructions;
mod masking;
mod single_step;
mod sleep;
mod timer;

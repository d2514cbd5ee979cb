//! The pen's behaviour as a pure state machine.
#![cfg_attr(not(test), no_std)]

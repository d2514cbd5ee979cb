//! The pen's behaviour as a pure state machine.

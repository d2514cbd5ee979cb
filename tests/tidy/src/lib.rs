//! House rules that are checked by machine.

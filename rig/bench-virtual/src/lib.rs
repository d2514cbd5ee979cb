//! The virtual bench: emulated MCU, debug port, mechanism, instruments.

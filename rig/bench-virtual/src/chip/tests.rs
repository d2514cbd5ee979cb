//! Rules of single peripherals, tested through their registers.

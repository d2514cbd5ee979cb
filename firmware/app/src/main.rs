//! Pen A1 firmware.
#![no_std]
#![no_main]

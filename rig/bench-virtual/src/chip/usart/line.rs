//! One character on the line between two ends with bit rates of their own: what the receiving end
//! makes of it (RM0444 33.5.6 and 33.5.8).
//!
//! The receiver counts its bits from the falling edge of the start bit and looks at each thrice,
//! around its middle; of samples that differ it takes the majority. That gives the tolerances of
//! RM0444 33.5.8: 3.75 % by 16 samples a bit, 2.5 % by 8 until a sample lies in the bit after,
//! 4.375 % and 3.75 % for the majority or for a single sample.

/// Bits of a character: start, eight of data, stop.
const BITS: u32 = 10;

/// Bit lengths that differ by less than this share disturb nothing: the least tolerance of any
/// receiver is 2.5 %.
const HARMLESS: f64 = 0.02;

/// A receiving end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receiver {
    /// Length of its bit, CPU cycles.
    pub(super) bit: f64,
    /// Where in a bit it looks, as shares of the bit.
    pub(super) samples: &'static [f64],
}

impl Receiver {
    /// Samples 8, 9 and 10 of 16.
    pub(super) const BY_16: &'static [f64] = &[8.0 / 16.0, 9.0 / 16.0, 10.0 / 16.0];
    /// Samples 4, 5 and 6 of 8.
    pub(super) const BY_8: &'static [f64] = &[4.0 / 8.0, 5.0 / 8.0, 6.0 / 8.0];
}

/// What was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) byte: u8,
    /// Samples of a bit differed.
    pub(super) noise: bool,
    /// No stop bit where it was expected.
    pub(super) framing: bool,
}

/// A character whose bits are `sent_bit` cycles long, as a receiver hears it; `next` is the one
/// that follows and how many cycles after this one's start.
pub(super) fn hear(byte: u8, sent_bit: f64, next: Option<(f64, u8)>, receiver: Receiver) -> Heard {
    if (receiver.bit - sent_bit).abs() < HARMLESS * sent_bit {
        return Heard {
            byte,
            ..Heard::default()
        };
    }
    let level = |at: f64| match next {
        Some((start, next)) if at >= start => level_of(next, (at - start) / sent_bit),
        _ => level_of(byte, at / sent_bit),
    };
    let mut heard = Heard::default();
    for bit in 0..BITS {
        let high = receiver
            .samples
            .iter()
            .filter(|&&share| level((f64::from(bit) + share) * receiver.bit))
            .count();
        heard.noise |= high != 0 && high != receiver.samples.len();
        let is_high = 2 * high > receiver.samples.len();
        match bit {
            0 => {}
            1..=8 => heard.byte |= u8::from(is_high) << (bit - 1),
            _ => heard.framing = !is_high,
        }
    }
    heard
}

/// The line's level so many bits after the start of a character; idle is high.
fn level_of(byte: u8, bits: f64) -> bool {
    if bits < 1.0 {
        false
    } else if bits < 9.0 {
        byte >> (bits as u32 - 1) & 1 != 0
    } else {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a receiver that is slower than the line by so many percent of its bit makes of 0x00
    /// with a character behind it: the first to suffer is its stop bit.
    fn slower(percent: f64, samples: &'static [f64]) -> Heard {
        let receiver = Receiver { bit: 1.0, samples };
        let sent_bit = 1.0 - percent / 100.0;
        hear(0x00, sent_bit, Some((10.0 * sent_bit, 0x00)), receiver)
    }

    /// RM0444 33.5.8, tables of the tolerance for ten bits and BRR[3:0] = 0000.
    #[test]
    fn tolerances_are_those_of_the_manual() {
        const MIDDLE_16: &[f64] = &[9.0 / 16.0];
        const MIDDLE_8: &[f64] = &[5.0 / 8.0];
        let disturbed = |heard: Heard| heard.noise || heard.framing;
        for (samples, tolerance) in [
            (Receiver::BY_16, 3.75),
            (Receiver::BY_8, 2.5),
            (MIDDLE_16, 4.375),
            (MIDDLE_8, 3.75),
        ] {
            assert!(!disturbed(slower(tolerance - 0.01, samples)), "{tolerance}");
            assert!(disturbed(slower(tolerance + 0.01, samples)), "{tolerance}");
        }
        assert!(!slower(4.37, Receiver::BY_16).framing, "noise alone");
        assert!(slower(4.38, Receiver::BY_16).framing);
    }

    #[test]
    fn twice_the_rate_doubles_every_bit() {
        let receiver = Receiver {
            bit: 1.0,
            samples: Receiver::BY_16,
        };
        // The start bit's second half, then the lowest bits twice each, the fourth's second half
        // for the stop bit.
        for (byte, wanted) in [
            (0b0000_1101, (0b1110_0110, false)),
            (0b0000_0101, (0b0110_0110, true)),
        ] {
            let heard = hear(byte, 2.0, None, receiver);
            assert_eq!((heard.byte, heard.framing), wanted);
        }
    }

    #[test]
    fn within_the_tolerance_every_byte_arrives() {
        for bit in [0.97, 1.0, 1.035] {
            for byte in 0..=255 {
                let receiver = Receiver {
                    bit,
                    samples: Receiver::BY_16,
                };
                let heard = hear(byte, 1.0, Some((10.0, 0x00)), receiver);
                assert_eq!((heard.byte, heard.framing), (byte, false), "{bit}");
            }
        }
    }
}

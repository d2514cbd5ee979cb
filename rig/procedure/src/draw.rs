//! Random choices of a procedure, drawn from what the record holds.

/// Draws numbers from a seed: SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(crate) struct Draw {
    state: u64,
}

impl Draw {
    /// Seeded from the unit's serial number and the row's name, by FNV-1a: both stand in the
    /// record, so that anyone can draw the same again.
    pub(crate) fn of(serial: &str, row: &str) -> Self {
        let bytes = serial.bytes().chain([0]).chain(row.bytes());
        let state = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Self { state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included; its bias is below 1e-9 for ranges of
    /// seconds in nanoseconds.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        let span = u128::from(most.saturating_sub(least)) + 1;
        // The high half of the product is below the span, and the sum at most `most`.
        least + ((u128::from(self.next()) * span) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_unit_and_row_draw_the_same_and_others_do_not() {
        let draw = |serial: &str, row: &str| {
            let mut draw = Draw::of(serial, row);
            [(); 4].map(|()| draw.between(0, 1_000_000))
        };
        assert_eq!(
            draw("PA1-00000001", "SAF-10"),
            draw("PA1-00000001", "SAF-10")
        );
        assert_ne!(
            draw("PA1-00000001", "SAF-10"),
            draw("PA1-00000002", "SAF-10")
        );
        assert_ne!(
            draw("PA1-00000001", "SAF-10"),
            draw("PA1-00000001", "SAF-11")
        );
    }

    #[test]
    fn numbers_fill_their_range_and_no_more() {
        let mut draw = Draw::of("PA1-00000001", "SAF-10");
        let mut seen = [0_u32; 7];
        for _ in 0..7_000 {
            seen[draw.between(3, 9) as usize - 3] += 1;
        }
        assert!(
            seen.iter().all(|count| (850..1_150).contains(count)),
            "{seen:?}"
        );
        assert_eq!(draw.between(5, 5), 5);
        assert_eq!(draw.between(5, 4), 5);
    }
}

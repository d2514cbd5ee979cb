//! Additions and shifts with their flags (A2.2.1), and the flags themselves.

/// The condition flags, kept as they are cheapest to set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    /// The last result, extended by its sign: N is set when this is negative, Z when its lower
    /// half is 0. So both can be set at once, as a status register may have them.
    nz: i64,
    pub(crate) c: bool,
    pub(crate) v: bool,
}

impl Flags {
    /// Flags from bits 31 to 28 of a program status register.
    pub(crate) fn from_psr(psr: u32) -> Self {
        Self {
            nz: i64::from(psr as i32) << 32 | i64::from(!psr >> 30 & 1),
            c: psr & 1 << 29 != 0,
            v: psr & 1 << 28 != 0,
        }
    }

    /// Bits 31 to 28 of a program status register.
    pub(crate) fn to_psr(self) -> u32 {
        u32::from(self.n()) << 31
            | u32::from(self.z()) << 30
            | u32::from(self.c) << 29
            | u32::from(self.v) << 28
    }

    #[inline(always)]
    pub(crate) fn n(self) -> bool {
        self.nz < 0
    }

    #[inline(always)]
    pub(crate) fn z(self) -> bool {
        self.nz as u32 == 0
    }

    #[inline(always)]
    pub(crate) fn n_equals_v(self) -> bool {
        self.n() == self.v
    }

    #[inline(always)]
    pub(crate) fn set_nz(&mut self, result: u32) -> u32 {
        self.nz = i64::from(result as i32);
        result
    }

    /// x + y + carry, all flags.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: u32, y: u32, carry: bool) -> u32 {
        let (partial, carry_1) = x.overflowing_add(y);
        let (result, carry_2) = partial.overflowing_add(u32::from(carry));
        self.c = carry_1 | carry_2;
        self.v = ((x ^ result) & (y ^ result)) >> 31 != 0;
        self.set_nz(result)
    }

    /// x - y, all flags; C is "no borrow".
    #[inline(always)]
    pub(crate) fn subtract(&mut self, x: u32, y: u32) -> u32 {
        let result = x.wrapping_sub(y);
        self.c = x >= y;
        self.v = ((x ^ y) & (x ^ result)) >> 31 != 0;
        self.set_nz(result)
    }

    /// Shifts left by 0 to 255; by 0 leaves C.
    #[inline(always)]
    pub(crate) fn shift_left(&mut self, x: u32, amount: u32) -> u32 {
        let result = match amount {
            0 => x,
            1..=32 => {
                let wide = u64::from(x) << amount;
                self.c = wide & 1 << 32 != 0;
                wide as u32
            }
            _ => {
                self.c = false;
                0
            }
        };
        self.set_nz(result)
    }

    /// Shifts right by 0 to 255, filling with zeros; by 0 leaves C.
    #[inline(always)]
    pub(crate) fn shift_right(&mut self, x: u32, amount: u32) -> u32 {
        let result = match amount {
            0 => x,
            1..=32 => {
                self.c = x >> (amount - 1) & 1 != 0;
                (u64::from(x) >> amount) as u32
            }
            _ => {
                self.c = false;
                0
            }
        };
        self.set_nz(result)
    }

    /// Shifts right by 0 to 255, filling with the sign; by 0 leaves C.
    #[inline(always)]
    pub(crate) fn shift_right_signed(&mut self, x: u32, amount: u32) -> u32 {
        let result = if amount == 0 {
            x
        } else {
            let amount = amount.min(32);
            let wide = i64::from(x as i32);
            self.c = wide >> (amount - 1) & 1 != 0;
            (wide >> amount) as u32
        };
        self.set_nz(result)
    }

    /// Rotates right by 0 to 255; by 0 leaves C.
    #[inline(always)]
    pub(crate) fn rotate_right(&mut self, x: u32, amount: u32) -> u32 {
        let result = x.rotate_right(amount & 31);
        if amount != 0 {
            self.c = result >> 31 != 0;
        }
        self.set_nz(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boundary() -> impl Strategy<Value = u32> {
        prop_oneof![
            any::<u32>(),
            prop::sample::select(vec![0, 1, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, u32::MAX]),
        ]
    }

    /// N, Z, C, V as the manual's AddWithCarry has them, in 64-bit arithmetic.
    fn add_with_carry(x: u32, y: u32, carry: bool) -> (u32, u32) {
        let unsigned = u64::from(x) + u64::from(y) + u64::from(carry);
        let signed = i64::from(x as i32) + i64::from(y as i32) + i64::from(carry);
        let result = unsigned as u32;
        let psr = (result & 1 << 31)
            | u32::from(result == 0) << 30
            | u32::from(u64::from(result) != unsigned) << 29
            | u32::from(i64::from(result as i32) != signed) << 28;
        (result, psr)
    }

    proptest! {
        #[test]
        fn additions_agree_with_wide_arithmetic(x in boundary(), y in boundary(), carry: bool) {
            let mut flags = Flags::default();
            let result = flags.add(x, y, carry);
            prop_assert_eq!((result, flags.to_psr()), add_with_carry(x, y, carry));
        }

        #[test]
        fn subtraction_is_addition_of_the_complement(x in boundary(), y in boundary()) {
            let mut flags = Flags::default();
            let result = flags.subtract(x, y);
            prop_assert_eq!((result, flags.to_psr()), add_with_carry(x, !y, true));
        }

        #[test]
        fn shifts_agree_with_repeated_shifts_by_one(x in boundary(), amount in 0u32..=255, carry: bool) {
            let start = Flags { c: carry, ..Flags::default() };
            let (mut left, mut right, mut signed, mut rotated) = ((x, carry), (x, carry), (x, carry), (x, carry));
            for _ in 0..amount {
                left = (left.0 << 1, left.0 >> 31 != 0);
                right = (right.0 >> 1, right.0 & 1 != 0);
                signed = (((signed.0 as i32) >> 1) as u32, signed.0 & 1 != 0);
                rotated = (rotated.0.rotate_right(1), rotated.0 & 1 != 0);
            }
            let mut flags = start;
            prop_assert_eq!((flags.shift_left(x, amount), flags.c), left);
            let mut flags = start;
            prop_assert_eq!((flags.shift_right(x, amount), flags.c), right);
            let mut flags = start;
            prop_assert_eq!((flags.shift_right_signed(x, amount), flags.c), signed);
            let mut flags = start;
            prop_assert_eq!((flags.rotate_right(x, amount), flags.c), rotated);
        }

        #[test]
        fn flags_survive_the_status_register(top in 0u32..16) {
            prop_assert_eq!(Flags::from_psr(top << 28).to_psr(), top << 28);
        }
    }
}

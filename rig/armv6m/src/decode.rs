//! Decoding of the first halfword: its top ten bits select the operation (A5.2).
//!
//! The few encodings that need more bits (CPS, the hints, the 32-bit instructions) are completed
//! by the code that executes them.

/// What a halfword asks for. Operand fields stay in the halfword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Op {
    Undefined,
    LslImm,
    LsrImm,
    AsrImm,
    AddReg,
    SubReg,
    AddImm3,
    SubImm3,
    MovImm,
    CmpImm,
    AddImm8,
    SubImm8,
    And,
    Eor,
    LslReg,
    LsrReg,
    AsrReg,
    Adc,
    Sbc,
    Ror,
    Tst,
    Rsb,
    CmpReg,
    Cmn,
    Orr,
    Mul,
    Bic,
    Mvn,
    AddHigh,
    CmpHigh,
    MovHigh,
    Bx,
    Blx,
    LdrLiteral,
    StrReg,
    StrhReg,
    StrbReg,
    LdrsbReg,
    LdrReg,
    LdrhReg,
    LdrbReg,
    LdrshReg,
    StrImm,
    LdrImm,
    StrbImm,
    LdrbImm,
    StrhImm,
    LdrhImm,
    StrSp,
    LdrSp,
    Adr,
    AddSpReg,
    AddSp,
    SubSp,
    Sxth,
    Sxtb,
    Uxth,
    Uxtb,
    Push,
    Pop,
    Cps,
    Rev,
    Rev16,
    Revsh,
    Bkpt,
    Hint,
    Stm,
    Ldm,
    Beq,
    Bne,
    Bcs,
    Bcc,
    Bmi,
    Bpl,
    Bvs,
    Bvc,
    Bhi,
    Bls,
    Bge,
    Blt,
    Bgt,
    Ble,
    Svc,
    B,
    Wide,
}

/// The operation of a halfword.
#[inline(always)]
pub(crate) fn decode(halfword: u32) -> Op {
    OPS[usize::from(halfword as u16 >> 6)]
}

static OPS: [Op; 1024] = {
    let mut ops = [Op::Undefined; 1024];
    let mut row = 0;
    while row < ROWS.len() {
        let (first, n_top_bits, op) = ROWS[row];
        let mut index = (first >> 6) as usize;
        let end = index + (1 << (10 - n_top_bits));
        while index < end {
            ops[index] = op;
            index += 1;
        }
        row += 1;
    }
    ops
};

/// First halfword of an encoding, number of its fixed top bits, operation. What no row covers
/// is undefined: 0xDE00 (UDF), CBZ, IT and the 32-bit spaces 0xE800 and 0xF800 among them.
const ROWS: &[(u16, u32, Op)] = &[
    (0x0000, 5, Op::LslImm),
    (0x0800, 5, Op::LsrImm),
    (0x1000, 5, Op::AsrImm),
    (0x1800, 7, Op::AddReg),
    (0x1A00, 7, Op::SubReg),
    (0x1C00, 7, Op::AddImm3),
    (0x1E00, 7, Op::SubImm3),
    (0x2000, 5, Op::MovImm),
    (0x2800, 5, Op::CmpImm),
    (0x3000, 5, Op::AddImm8),
    (0x3800, 5, Op::SubImm8),
    (0x4000, 10, Op::And),
    (0x4040, 10, Op::Eor),
    (0x4080, 10, Op::LslReg),
    (0x40C0, 10, Op::LsrReg),
    (0x4100, 10, Op::AsrReg),
    (0x4140, 10, Op::Adc),
    (0x4180, 10, Op::Sbc),
    (0x41C0, 10, Op::Ror),
    (0x4200, 10, Op::Tst),
    (0x4240, 10, Op::Rsb),
    (0x4280, 10, Op::CmpReg),
    (0x42C0, 10, Op::Cmn),
    (0x4300, 10, Op::Orr),
    (0x4340, 10, Op::Mul),
    (0x4380, 10, Op::Bic),
    (0x43C0, 10, Op::Mvn),
    (0x4400, 8, Op::AddHigh),
    (0x4500, 8, Op::CmpHigh),
    (0x4600, 8, Op::MovHigh),
    (0x4700, 9, Op::Bx),
    (0x4780, 9, Op::Blx),
    (0x4800, 5, Op::LdrLiteral),
    (0x5000, 7, Op::StrReg),
    (0x5200, 7, Op::StrhReg),
    (0x5400, 7, Op::StrbReg),
    (0x5600, 7, Op::LdrsbReg),
    (0x5800, 7, Op::LdrReg),
    (0x5A00, 7, Op::LdrhReg),
    (0x5C00, 7, Op::LdrbReg),
    (0x5E00, 7, Op::LdrshReg),
    (0x6000, 5, Op::StrImm),
    (0x6800, 5, Op::LdrImm),
    (0x7000, 5, Op::StrbImm),
    (0x7800, 5, Op::LdrbImm),
    (0x8000, 5, Op::StrhImm),
    (0x8800, 5, Op::LdrhImm),
    (0x9000, 5, Op::StrSp),
    (0x9800, 5, Op::LdrSp),
    (0xA000, 5, Op::Adr),
    (0xA800, 5, Op::AddSpReg),
    (0xB000, 9, Op::AddSp),
    (0xB080, 9, Op::SubSp),
    (0xB200, 10, Op::Sxth),
    (0xB240, 10, Op::Sxtb),
    (0xB280, 10, Op::Uxth),
    (0xB2C0, 10, Op::Uxtb),
    (0xB400, 7, Op::Push),
    (0xB640, 10, Op::Cps),
    (0xBA00, 10, Op::Rev),
    (0xBA40, 10, Op::Rev16),
    (0xBAC0, 10, Op::Revsh),
    (0xBC00, 7, Op::Pop),
    (0xBE00, 8, Op::Bkpt),
    (0xBF00, 8, Op::Hint),
    (0xC000, 5, Op::Stm),
    (0xC800, 5, Op::Ldm),
    (0xD000, 8, Op::Beq),
    (0xD100, 8, Op::Bne),
    (0xD200, 8, Op::Bcs),
    (0xD300, 8, Op::Bcc),
    (0xD400, 8, Op::Bmi),
    (0xD500, 8, Op::Bpl),
    (0xD600, 8, Op::Bvs),
    (0xD700, 8, Op::Bvc),
    (0xD800, 8, Op::Bhi),
    (0xD900, 8, Op::Bls),
    (0xDA00, 8, Op::Bge),
    (0xDB00, 8, Op::Blt),
    (0xDC00, 8, Op::Bgt),
    (0xDD00, 8, Op::Ble),
    (0xDF00, 8, Op::Svc),
    (0xE000, 5, Op::B),
    (0xF000, 5, Op::Wide),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_do_not_overlap() {
        let mut n_covered = 0;
        for &(first, n_top_bits, _) in ROWS {
            assert_eq!(
                u32::from(first) & ((1 << (16 - n_top_bits)) - 1),
                0,
                "{first:#06x}"
            );
            n_covered += 1 << (10 - n_top_bits);
        }
        let mut seen = [false; 1024];
        for &(first, n_top_bits, _) in ROWS {
            for index in (first >> 6)..(first >> 6) + (1 << (10 - n_top_bits)) {
                assert!(!seen[usize::from(index)], "{first:#06x} overlaps");
                seen[usize::from(index)] = true;
            }
        }
        assert_eq!(seen.iter().filter(|it| **it).count(), n_covered);
    }

    #[test]
    fn encodings_of_the_manual() {
        for (halfword, op) in [
            (0x0008, Op::LslImm),
            (0x4770, Op::Bx),
            (0x4790, Op::Blx),
            (0xB510, Op::Push),
            (0xBD10, Op::Pop),
            (0xB672, Op::Cps),
            (0xBF30, Op::Hint),
            (0xDE00, Op::Undefined),
            (0xDF01, Op::Svc),
            (0xBA80, Op::Undefined),
            (0xB140, Op::Undefined),
            (0xE7FE, Op::B),
            (0xE92D, Op::Undefined),
            (0xF000, Op::Wide),
            (0xF800, Op::Undefined),
        ] {
            assert_eq!(decode(halfword), op, "{halfword:#06x}");
        }
    }
}

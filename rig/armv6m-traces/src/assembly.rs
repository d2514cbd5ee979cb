//! Machine code of one block, with labels and a pool of literals behind it (A5, A6.7).

/// Address of a place in a block that is not emitted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(usize);

#[derive(Clone, Copy, Debug)]
enum Literal {
    Value(u32),
    /// Address of a label plus a constant.
    Label(Label, u32),
    /// Distance of a label from an address.
    From(Label, u32),
    /// Address behind the block.
    End,
}

/// A block of code at an address that is a multiple of 4.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    start: u32,
    code: Vec<u16>,
    /// Literal loads: index of the instruction, and what it loads.
    loads: Vec<(usize, Literal)>,
    /// Branches: index of the instruction, and where they go.
    branches: Vec<(usize, Label)>,
    /// Index of the halfword at each label.
    labels: Vec<Option<usize>>,
}

impl Block {
    pub(crate) fn new(start: u32) -> Self {
        Self {
            start,
            code: Vec::new(),
            loads: Vec::new(),
            branches: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Address of the next instruction.
    pub(crate) fn here(&self) -> u32 {
        self.start + 2 * self.code.len() as u32
    }

    pub(crate) fn n_halfwords(&self) -> usize {
        self.code.len()
    }

    pub(crate) fn op(&mut self, halfword: u16) {
        self.code.push(halfword);
    }

    pub(crate) fn ops(&mut self, halfwords: &[u16]) {
        self.code.extend_from_slice(halfwords);
    }

    /// LDR (literal) of a value.
    pub(crate) fn load(&mut self, register: u16, value: u32) {
        self.load_literal(register, Literal::Value(value));
    }

    /// LDR (literal) of a label's address with bits of a constant.
    pub(crate) fn load_label(&mut self, register: u16, label: Label, plus: u32) {
        self.load_literal(register, Literal::Label(label, plus));
    }

    /// LDR (literal) of how far a label is from an address.
    pub(crate) fn load_distance(&mut self, register: u16, label: Label, from: u32) {
        self.load_literal(register, Literal::From(label, from));
    }

    /// LDR (literal) of the address of the next block.
    pub(crate) fn load_end(&mut self, register: u16) {
        self.load_literal(register, Literal::End);
    }

    fn load_literal(&mut self, register: u16, literal: Literal) {
        self.loads.push((self.code.len(), literal));
        self.op(0x4800 | register << 8);
    }

    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub(crate) fn place(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// A label here.
    pub(crate) fn label_here(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        label
    }

    /// B with a condition, within 256 bytes.
    pub(crate) fn branch_if(&mut self, condition: u16, to: Label) {
        self.branches.push((self.code.len(), to));
        self.op(0xD000 | condition << 8);
    }

    /// B.
    pub(crate) fn branch(&mut self, to: Label) {
        self.branches.push((self.code.len(), to));
        self.op(0xE000);
    }

    /// BL (A6.7).
    pub(crate) fn call(&mut self, target: u32) {
        let offset = target.wrapping_sub(self.here() + 4);
        self.ops(&branch_and_link(offset));
    }

    fn address(&self, label: Label) -> u32 {
        let index = self.labels[label.0].expect("every label is placed");
        self.start + 2 * index as u32
    }

    /// The block's halfwords, literals behind its code. Execution goes on behind them.
    ///
    /// # Panics
    /// A literal or a label is out of reach: the block is too long.
    pub(crate) fn finish(mut self) -> Vec<u16> {
        // A branch over the pool, and a NOP where alignment asks for one.
        let behind = self.label();
        self.branch(behind);
        if self.code.len() % 2 == 1 {
            self.op(NOP);
        }
        let end = self.here() + 4 * self.loads.len() as u32;
        let loads = std::mem::take(&mut self.loads);
        for (index, literal) in loads {
            let pc = (self.start + 2 * index as u32 + 4) & !3;
            let offset = (self.here() - pc) / 4;
            assert!(offset < 256, "a literal is out of reach");
            self.code[index] |= offset as u16;
            let value = match literal {
                Literal::Value(value) => value,
                Literal::Label(label, plus) => self.address(label) + plus,
                Literal::From(label, from) => self.address(label).wrapping_sub(from),
                Literal::End => end,
            };
            self.ops(&[value as u16, (value >> 16) as u16]);
        }
        self.place(behind);
        for (index, label) in std::mem::take(&mut self.branches) {
            let pc = self.start + 2 * index as u32 + 4;
            let offset = self.address(label).wrapping_sub(pc) as i32 / 2;
            let (mask, reach) = if self.code[index] >> 12 == 0xD {
                (0xFF, 128)
            } else {
                (0x7FF, 1024)
            };
            assert!((-reach..reach).contains(&offset), "a label is out of reach");
            self.code[index] |= offset as u16 & mask;
        }
        self.code
    }
}

/// BL by an even offset of up to 16 MiB either way.
fn branch_and_link(offset: u32) -> [u16; 2] {
    let sign = offset >> 24 & 1;
    let j1 = !(offset >> 23 ^ sign) & 1;
    let j2 = !(offset >> 22 ^ sign) & 1;
    [
        (0xF000 | sign << 10 | offset >> 12 & 0x3FF) as u16,
        (0xD000 | j1 << 13 | j2 << 11 | offset >> 1 & 0x7FF) as u16,
    ]
}

pub(crate) const NOP: u16 = 0xBF00;
pub(crate) const BX_LR: u16 = 0x4770;
pub(crate) const CPSIE: u16 = 0xB662;
pub(crate) const CPSID: u16 = 0xB672;
pub(crate) const SVC: u16 = 0xDF00;
pub(crate) const UDF: u16 = 0xDE00;
pub(crate) const BKPT: u16 = 0xBE00;
pub(crate) const DSB: [u16; 2] = [0xF3BF, 0x8F4F];
pub(crate) const DMB: [u16; 2] = [0xF3BF, 0x8F5F];
pub(crate) const ISB: [u16; 2] = [0xF3BF, 0x8F6F];

pub(crate) const APSR: u16 = 0;
pub(crate) const MSP: u16 = 8;
pub(crate) const PSP: u16 = 9;
pub(crate) const PRIMASK: u16 = 16;
pub(crate) const CONTROL: u16 = 20;

pub(crate) const SP: u16 = 13;
pub(crate) const LR: u16 = 14;
pub(crate) const PC: u16 = 15;

/// MOV of any registers (A6.7, T1).
pub(crate) fn mov(to: u16, from: u16) -> u16 {
    high(0x4600, to, from)
}

/// An instruction with two four-bit registers: ADD, CMP or MOV.
pub(crate) fn high(op: u16, d: u16, m: u16) -> u16 {
    op | (d & 8) << 4 | m << 3 | d & 7
}

/// An instruction with two low registers, the first at bit 0.
pub(crate) fn low(op: u16, d: u16, m: u16) -> u16 {
    op | m << 3 | d
}

/// An instruction with three low registers.
pub(crate) fn three(op: u16, d: u16, n: u16, m: u16) -> u16 {
    op | m << 6 | n << 3 | d
}

/// An instruction with a low register at bit 8 and an 8-bit immediate.
pub(crate) fn imm8(op: u16, register: u16, value: u32) -> u16 {
    op | register << 8 | value as u16 & 0xFF
}

/// An instruction with two low registers and a 5-bit immediate.
pub(crate) fn imm5(op: u16, d: u16, m: u16, value: u32) -> u16 {
    op | (value as u16 & 0x1F) << 6 | m << 3 | d
}

pub(crate) fn msr(special: u16, from: u16) -> [u16; 2] {
    [0xF380 | from, 0x8800 | special]
}

pub(crate) fn mrs(to: u16, special: u16) -> [u16; 2] {
    [0xF3EF, 0x8000 | to << 8 | special]
}

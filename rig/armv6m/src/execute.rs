//! The inner loop and the 16-bit instructions (A6.7), with the cycles of table 3-1 of the
//! Cortex-M0+ Technical Reference Manual.

use crate::core::{Core, LR, PC, SP};
use crate::debug::HaltReason;
use crate::decode::{Op, decode};
use crate::memory::{Abort, fetch};
use crate::nvic::SV_CALL;
use crate::{Bus, Width};

/// Cycles of a branch taken: the two-stage pipeline is filled again.
const TAKEN: u64 = 2;
/// Cycles of BL.
const LINKED: u64 = 3;
/// Cycles of a load or store of one register.
const ACCESS: u64 = 2;

/// Three-bit register number at bit `shift`.
#[inline(always)]
fn low(halfword: u32, shift: u32) -> usize {
    (halfword >> shift & 7) as usize
}

/// Five-bit offset at bit 6.
#[inline(always)]
fn imm5(halfword: u32) -> u32 {
    halfword >> 6 & 0x1F
}

#[inline(always)]
fn imm8(halfword: u32) -> u32 {
    halfword & 0xFF
}

/// Where the core stands while instructions are executed: kept out of [`Core`], in registers of
/// the host, and put back before anything but an instruction looks at it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Address of the instruction.
    pub(crate) pc: u32,
    /// Cycle at which it begins.
    pub(crate) cycles: u64,
}

impl Core {
    /// Executes instructions until the cycle count reaches `self.deadline`.
    pub(crate) fn execute<B: Bus>(&mut self, bus: &mut B) {
        if self.debug.has_breakpoints() {
            self.execute_watched::<B, true>(bus);
        } else {
            self.execute_watched::<B, false>(bus);
        }
    }

    #[inline(never)]
    fn execute_watched<B: Bus, const BREAKPOINTS: bool>(&mut self, bus: &mut B) {
        let mut n_retired = 0;
        let mut place = self.place();
        while place.cycles < self.deadline {
            if BREAKPOINTS && self.debug.is_breakpoint(place.pc) {
                self.put(place);
                self.halt(HaltReason::Breakpoint);
                break;
            }
            match self.step(bus, place) {
                Ok(next) => {
                    place = next;
                    n_retired += 1;
                }
                Err(abort) => {
                    self.put(place);
                    match abort {
                        Abort::Fault => self.fault(bus, place.pc),
                        Abort::Breakpoint => self.halt(HaltReason::Breakpoint),
                    }
                    place = self.place();
                }
            }
        }
        self.put(place);
        self.instructions += n_retired;
    }

    #[inline(always)]
    fn place(&self) -> Place {
        Place {
            pc: self.r[PC],
            cycles: self.cycles,
        }
    }

    #[inline(always)]
    fn put(&mut self, place: Place) {
        self.r[PC] = place.pc;
        self.cycles = place.cycles;
    }

    /// Executes the instruction at `place`; returns where the next one is.
    #[inline(always)]
    fn step<B: Bus>(&mut self, bus: &mut B, place: Place) -> Result<Place, Abort> {
        let pc = place.pc;
        let hw = fetch(bus, pc)?;
        let mut next = pc.wrapping_add(2);
        let n_cycles = match decode(hw) {
            Op::LslImm => self.shift_imm(hw, |it, x, n| it.flags.shift_left(x, n)),
            Op::LsrImm => self.shift_imm(hw, |it, x, n| {
                it.flags.shift_right(x, if n == 0 { 32 } else { n })
            }),
            Op::AsrImm => self.shift_imm(hw, |it, x, n| {
                it.flags.shift_right_signed(x, if n == 0 { 32 } else { n })
            }),
            Op::AddReg => {
                self.r[low(hw, 0)] = self
                    .flags
                    .add(self.r[low(hw, 3)], self.r[low(hw, 6)], false);
                1
            }
            Op::SubReg => {
                self.r[low(hw, 0)] = self.flags.subtract(self.r[low(hw, 3)], self.r[low(hw, 6)]);
                1
            }
            Op::AddImm3 => {
                self.r[low(hw, 0)] = self.flags.add(self.r[low(hw, 3)], hw >> 6 & 7, false);
                1
            }
            Op::SubImm3 => {
                self.r[low(hw, 0)] = self.flags.subtract(self.r[low(hw, 3)], hw >> 6 & 7);
                1
            }
            Op::MovImm => {
                self.r[low(hw, 8)] = self.flags.set_nz(imm8(hw));
                1
            }
            Op::CmpImm => {
                self.flags.subtract(self.r[low(hw, 8)], imm8(hw));
                1
            }
            Op::AddImm8 => {
                self.r[low(hw, 8)] = self.flags.add(self.r[low(hw, 8)], imm8(hw), false);
                1
            }
            Op::SubImm8 => {
                self.r[low(hw, 8)] = self.flags.subtract(self.r[low(hw, 8)], imm8(hw));
                1
            }

            Op::And => self.logic(hw, |d, m| d & m),
            Op::Eor => self.logic(hw, |d, m| d ^ m),
            Op::Orr => self.logic(hw, |d, m| d | m),
            Op::Bic => self.logic(hw, |d, m| d & !m),
            Op::Mvn => self.logic(hw, |_, m| !m),
            Op::Mul => self.logic(hw, |d, m| d.wrapping_mul(m)),
            Op::LslReg => self.arithmetic(hw, |it, d, m| it.flags.shift_left(d, m & 0xFF)),
            Op::LsrReg => self.arithmetic(hw, |it, d, m| it.flags.shift_right(d, m & 0xFF)),
            Op::AsrReg => self.arithmetic(hw, |it, d, m| it.flags.shift_right_signed(d, m & 0xFF)),
            Op::Ror => self.arithmetic(hw, |it, d, m| it.flags.rotate_right(d, m & 0xFF)),
            Op::Adc => self.arithmetic(hw, |it, d, m| it.flags.add(d, m, it.flags.c)),
            Op::Sbc => self.arithmetic(hw, |it, d, m| it.flags.add(d, !m, it.flags.c)),
            Op::Rsb => self.arithmetic(hw, |it, _, m| it.flags.subtract(0, m)),
            Op::Tst => {
                self.flags.set_nz(self.r[low(hw, 0)] & self.r[low(hw, 3)]);
                1
            }
            Op::CmpReg => {
                self.flags.subtract(self.r[low(hw, 0)], self.r[low(hw, 3)]);
                1
            }
            Op::Cmn => {
                self.flags
                    .add(self.r[low(hw, 0)], self.r[low(hw, 3)], false);
                1
            }

            Op::AddHigh => {
                let sum = self
                    .high(hw, pc)
                    .wrapping_add(self.any(high_destination(hw), pc));
                self.set_high(hw, sum, &mut next)
            }
            Op::MovHigh => self.set_high(hw, self.high(hw, pc), &mut next),
            Op::CmpHigh => {
                self.flags
                    .subtract(self.any(high_destination(hw), pc), self.high(hw, pc));
                1
            }
            Op::Bx => {
                let target = self.high(hw, pc);
                return self.branch_exchange(bus, place, target, TAKEN);
            }
            Op::Blx => {
                let target = self.high(hw, pc);
                self.r[LR] = pc.wrapping_add(2) | 1;
                next = self.interworking(target);
                TAKEN
            }

            Op::LdrLiteral => {
                let address = (pc.wrapping_add(4) & !3).wrapping_add(4 * imm8(hw));
                self.r[low(hw, 8)] = self.load(bus, place, address, Width::Word)?;
                ACCESS
            }
            Op::StrReg => self.store_at(bus, place, hw, self.reg_address(hw), Width::Word)?,
            Op::StrhReg => self.store_at(bus, place, hw, self.reg_address(hw), Width::Halfword)?,
            Op::StrbReg => self.store_at(bus, place, hw, self.reg_address(hw), Width::Byte)?,
            Op::LdrReg => self.load_at(bus, place, hw, self.reg_address(hw), Width::Word)?,
            Op::LdrhReg => self.load_at(bus, place, hw, self.reg_address(hw), Width::Halfword)?,
            Op::LdrbReg => self.load_at(bus, place, hw, self.reg_address(hw), Width::Byte)?,
            Op::LdrsbReg => {
                let loaded = self.load(bus, place, self.reg_address(hw), Width::Byte)?;
                self.r[low(hw, 0)] = i32::from(loaded as i8) as u32;
                ACCESS
            }
            Op::LdrshReg => {
                let loaded = self.load(bus, place, self.reg_address(hw), Width::Halfword)?;
                self.r[low(hw, 0)] = i32::from(loaded as i16) as u32;
                ACCESS
            }
            Op::StrImm => self.store_at(bus, place, hw, self.imm_address(hw, 4), Width::Word)?,
            Op::LdrImm => self.load_at(bus, place, hw, self.imm_address(hw, 4), Width::Word)?,
            Op::StrbImm => self.store_at(bus, place, hw, self.imm_address(hw, 1), Width::Byte)?,
            Op::LdrbImm => self.load_at(bus, place, hw, self.imm_address(hw, 1), Width::Byte)?,
            Op::StrhImm => {
                self.store_at(bus, place, hw, self.imm_address(hw, 2), Width::Halfword)?
            }
            Op::LdrhImm => {
                self.load_at(bus, place, hw, self.imm_address(hw, 2), Width::Halfword)?
            }
            Op::StrSp => {
                let address = self.r[SP].wrapping_add(4 * imm8(hw));
                self.store(bus, place, address, Width::Word, self.r[low(hw, 8)])?;
                ACCESS
            }
            Op::LdrSp => {
                let address = self.r[SP].wrapping_add(4 * imm8(hw));
                self.r[low(hw, 8)] = self.load(bus, place, address, Width::Word)?;
                ACCESS
            }

            Op::Adr => {
                self.r[low(hw, 8)] = (pc.wrapping_add(4) & !3).wrapping_add(4 * imm8(hw));
                1
            }
            Op::AddSpReg => {
                self.r[low(hw, 8)] = self.r[SP].wrapping_add(4 * imm8(hw));
                1
            }
            Op::AddSp => {
                self.r[SP] = self.r[SP].wrapping_add(4 * (hw & 0x7F));
                1
            }
            Op::SubSp => {
                self.r[SP] = self.r[SP].wrapping_sub(4 * (hw & 0x7F));
                1
            }
            Op::Sxth => self.extend(hw, |x| i32::from(x as i16) as u32),
            Op::Sxtb => self.extend(hw, |x| i32::from(x as i8) as u32),
            Op::Uxth => self.extend(hw, |x| x & 0xFFFF),
            Op::Uxtb => self.extend(hw, |x| x & 0xFF),
            Op::Rev => self.extend(hw, u32::swap_bytes),
            Op::Rev16 => self.extend(hw, |x| x.swap_bytes().rotate_left(16)),
            Op::Revsh => self.extend(hw, |x| i32::from((x as u16).swap_bytes() as i16) as u32),

            Op::Push => self.push(bus, place, hw)?,
            Op::Pop => return self.pop(bus, place, hw),
            Op::Stm => self.store_multiple(bus, place, hw)?,
            Op::Ldm => self.load_multiple(bus, place, hw)?,

            Op::Beq => branch_if(self.flags.z(), hw, &mut next),
            Op::Bne => branch_if(!self.flags.z(), hw, &mut next),
            Op::Bcs => branch_if(self.flags.c, hw, &mut next),
            Op::Bcc => branch_if(!self.flags.c, hw, &mut next),
            Op::Bmi => branch_if(self.flags.n(), hw, &mut next),
            Op::Bpl => branch_if(!self.flags.n(), hw, &mut next),
            Op::Bvs => branch_if(self.flags.v, hw, &mut next),
            Op::Bvc => branch_if(!self.flags.v, hw, &mut next),
            Op::Bhi => branch_if(self.flags.c && !self.flags.z(), hw, &mut next),
            Op::Bls => branch_if(!self.flags.c || self.flags.z(), hw, &mut next),
            Op::Bge => branch_if(self.flags.n_equals_v(), hw, &mut next),
            Op::Blt => branch_if(!self.flags.n_equals_v(), hw, &mut next),
            Op::Bgt => branch_if(self.flags.n_equals_v() && !self.flags.z(), hw, &mut next),
            Op::Ble => branch_if(!self.flags.n_equals_v() || self.flags.z(), hw, &mut next),
            Op::B => {
                let offset = ((hw << 21) as i32 >> 20) as u32;
                next = pc.wrapping_add(4).wrapping_add(offset);
                TAKEN
            }
            Op::Wide => {
                let second = fetch(bus, next)?;
                next = pc.wrapping_add(4);
                if second & 0xD000 == 0xD000 {
                    self.r[LR] = next | 1;
                    next = next.wrapping_add(link_offset(hw, second));
                    LINKED
                } else {
                    self.execute_wide(hw, second)?
                }
            }

            Op::Svc => self.supervisor_call()?,
            Op::Cps => {
                // CPSIE i, CPSID i; the other variants are unpredictable.
                if hw & 0xFFEF != 0xB662 {
                    return Err(Abort::Fault);
                }
                if self.is_privileged() {
                    self.set_primask(hw & 0x10 != 0);
                }
                1
            }
            Op::Hint => self.hint(hw)?,
            Op::Bkpt if self.debug.is_enabled() => return Err(Abort::Breakpoint),
            Op::Bkpt | Op::Undefined => return Err(Abort::Fault),
        };
        Ok(Place {
            pc: next,
            cycles: place.cycles + n_cycles,
        })
    }

    #[inline(always)]
    fn shift_imm(&mut self, hw: u32, shift: impl Fn(&mut Self, u32, u32) -> u32) -> u64 {
        self.r[low(hw, 0)] = shift(self, self.r[low(hw, 3)], imm5(hw));
        1
    }

    #[inline(always)]
    fn logic(&mut self, hw: u32, operation: impl Fn(u32, u32) -> u32) -> u64 {
        let result = operation(self.r[low(hw, 0)], self.r[low(hw, 3)]);
        self.r[low(hw, 0)] = self.flags.set_nz(result);
        1
    }

    #[inline(always)]
    fn arithmetic(&mut self, hw: u32, operation: impl Fn(&mut Self, u32, u32) -> u32) -> u64 {
        self.r[low(hw, 0)] = operation(self, self.r[low(hw, 0)], self.r[low(hw, 3)]);
        1
    }

    #[inline(always)]
    fn extend(&mut self, hw: u32, operation: impl Fn(u32) -> u32) -> u64 {
        self.r[low(hw, 0)] = operation(self.r[low(hw, 3)]);
        1
    }

    /// Any register as an operand: r15 reads as the instruction's address plus 4.
    #[inline(always)]
    fn any(&self, index: usize, pc: u32) -> u32 {
        if index == PC {
            pc.wrapping_add(4)
        } else {
            self.r[index]
        }
    }

    /// The four-bit source register at bit 3.
    #[inline(always)]
    fn high(&self, hw: u32, pc: u32) -> u32 {
        self.any((hw >> 3 & 0xF) as usize, pc)
    }

    #[inline(always)]
    fn set_high(&mut self, hw: u32, value: u32, next: &mut u32) -> u64 {
        match high_destination(hw) {
            PC => {
                *next = value & !1;
                return TAKEN;
            }
            SP => self.r[SP] = value & !3,
            index => self.r[index] = value,
        }
        1
    }

    #[inline(always)]
    fn reg_address(&self, hw: u32) -> u32 {
        self.r[low(hw, 3)].wrapping_add(self.r[low(hw, 6)])
    }

    #[inline(always)]
    fn imm_address(&self, hw: u32, scale: u32) -> u32 {
        self.r[low(hw, 3)].wrapping_add(scale * imm5(hw))
    }

    #[inline(always)]
    fn load_at<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        hw: u32,
        address: u32,
        width: Width,
    ) -> Result<u64, Abort> {
        self.r[low(hw, 0)] = self.load(bus, place, address, width)?;
        Ok(ACCESS)
    }

    #[inline(always)]
    fn store_at<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        hw: u32,
        address: u32,
        width: Width,
    ) -> Result<u64, Abort> {
        self.store(bus, place, address, width, self.r[low(hw, 0)])?;
        Ok(ACCESS)
    }

    /// PUSH. The stack pointer moves when every store has been taken.
    fn push<B: Bus>(&mut self, bus: &mut B, place: Place, hw: u32) -> Result<u64, Abort> {
        let registers = imm8(hw) | if hw & 0x100 != 0 { 1 << LR } else { 0 };
        let bottom = self.r[SP].wrapping_sub(4 * registers.count_ones());
        self.store_registers(bus, place, bottom, registers)?;
        self.r[SP] = bottom;
        Ok(1 + u64::from(registers.count_ones()))
    }

    fn pop<B: Bus>(&mut self, bus: &mut B, place: Place, hw: u32) -> Result<Place, Abort> {
        let registers = imm8(hw);
        let has_pc = hw & 0x100 != 0;
        if registers == 0 && !has_pc {
            return Err(Abort::Fault);
        }
        let end = self.load_registers(bus, place, self.r[SP], registers)?;
        let n_registers = u64::from(registers.count_ones());
        if !has_pc {
            self.r[SP] = end;
            return Ok(Place {
                pc: place.pc.wrapping_add(2),
                cycles: place.cycles + 1 + n_registers,
            });
        }
        let target = self.load(bus, place, end, Width::Word)?;
        self.r[SP] = end.wrapping_add(4);
        self.branch_exchange(bus, place, target, 3 + n_registers)
    }

    /// Branches to an address whose bit 0 becomes the T bit. Without it, the next instruction
    /// faults.
    #[inline(always)]
    fn interworking(&mut self, target: u32) -> u32 {
        if target & 1 == 0 {
            self.thumb = false;
            self.deadline = 0;
        }
        target & !1
    }

    /// Branches as BX and POP do: in handler mode, 0xF… returns from the exception.
    #[inline(always)]
    fn branch_exchange<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        target: u32,
        n_cycles: u64,
    ) -> Result<Place, Abort> {
        if self.exception != 0 && target >> 28 == 0xF {
            self.cycles = place.cycles;
            self.return_from_exception(bus, target)?;
            self.cycles += n_cycles;
            return Ok(self.place());
        }
        Ok(Place {
            pc: self.interworking(target),
            cycles: place.cycles + n_cycles,
        })
    }

    fn store_multiple<B: Bus>(&mut self, bus: &mut B, place: Place, hw: u32) -> Result<u64, Abort> {
        let base = low(hw, 8);
        let end = self.store_registers(bus, place, self.r[base], imm8(hw))?;
        self.r[base] = end;
        Ok(1 + u64::from(imm8(hw).count_ones()))
    }

    /// LDM. A base register in the list keeps what was loaded; after a fault it is unchanged.
    fn load_multiple<B: Bus>(&mut self, bus: &mut B, place: Place, hw: u32) -> Result<u64, Abort> {
        let base = low(hw, 8);
        let start = self.r[base];
        if imm8(hw) == 0 {
            return Err(Abort::Fault);
        }
        match self.load_registers(bus, place, start, imm8(hw)) {
            Err(abort) => {
                self.r[base] = start;
                return Err(abort);
            }
            Ok(end) if imm8(hw) >> base & 1 == 0 => self.r[base] = end,
            Ok(_) => {}
        }
        Ok(1 + u64::from(imm8(hw).count_ones()))
    }

    /// Stores registers upwards from `address`; returns the address after the last. An empty list
    /// is unpredictable, here a fault.
    fn store_registers<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        registers: u32,
    ) -> Result<u32, Abort> {
        if registers == 0 {
            return Err(Abort::Fault);
        }
        let (mut address, mut left) = (address, registers);
        while left != 0 {
            let register = left.trailing_zeros() as usize & 0xF;
            self.store(bus, place, address, Width::Word, self.r[register])?;
            address = address.wrapping_add(4);
            left &= left - 1;
        }
        Ok(address)
    }

    /// Loads registers upwards from `address`; returns the address after the last.
    fn load_registers<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        registers: u32,
    ) -> Result<u32, Abort> {
        let (mut address, mut left) = (address, registers);
        while left != 0 {
            let register = left.trailing_zeros() as usize & 0xF;
            self.r[register] = self.load(bus, place, address, Width::Word)?;
            address = address.wrapping_add(4);
            left &= left - 1;
        }
        Ok(address)
    }

    /// SVC: where its priority would not preempt, it escalates to HardFault (B1.5.6).
    fn supervisor_call(&mut self) -> Result<u64, Abort> {
        if self.nvic.priority(SV_CALL) >= self.execution_priority() {
            return Err(Abort::Fault);
        }
        self.pend(1 << SV_CALL);
        Ok(1)
    }

    fn hint(&mut self, hw: u32) -> Result<u64, Abort> {
        match hw & 0xFF {
            0x20 => self.sleep_for_event(),
            0x30 => self.sleep_for_interrupt(),
            0x40 => self.event = true,
            // IT blocks came with ARMv7-M.
            operand if operand & 0xF != 0 => return Err(Abort::Fault),
            // NOP, YIELD, and hints not allocated, which execute as NOP.
            _ => return Ok(1),
        }
        Ok(if hw & 0xFF == 0x40 { 1 } else { 2 })
    }
}

#[inline(always)]
fn high_destination(hw: u32) -> usize {
    (hw & 7 | hw >> 4 & 8) as usize
}

/// Moves `next` by the branch's offset if it is taken; returns its cycles.
#[inline(always)]
fn branch_if(taken: bool, hw: u32, next: &mut u32) -> u64 {
    if taken {
        let offset = ((hw << 24) as i32 >> 23) as u32;
        *next = next.wrapping_add(2).wrapping_add(offset);
        return TAKEN;
    }
    1
}

/// What BL adds to the address after it.
#[inline(always)]
fn link_offset(first: u32, second: u32) -> u32 {
    let sign = first >> 10 & 1;
    let i1 = !(second >> 13 ^ sign) & 1;
    let i2 = !(second >> 11 ^ sign) & 1;
    let offset = sign << 24 | i1 << 23 | i2 << 22 | (first & 0x3FF) << 12 | (second & 0x7FF) << 1;
    ((offset << 7) as i32 >> 7) as u32
}

//! The private peripheral bus: address map of NVIC, SysTick, SCB, debug, breakpoint unit and ROM
//! table (B3.2, C1; Cortex-M0+ TRM, 4 to 8).

use crate::core::{Core, Master};
use crate::debug::N_BREAKPOINTS;
use crate::nvic::{FIRST_INTERRUPT, NMI, PEND_SV, SV_CALL, SYS_TICK};
use crate::{BusFault, Width};

const DWT_CTRL: u32 = 0xE000_1000;
const DWT_PCSR: u32 = 0xE000_101C;
const BP_CTRL: u32 = 0xE000_2000;
const BP_COMP0: u32 = 0xE000_2008;
const BP_COMP_LAST: u32 = BP_COMP0 + 4 * (N_BREAKPOINTS as u32 - 1);
const ACTLR: u32 = 0xE000_E008;
const SYST_CSR: u32 = 0xE000_E010;
const SYST_RVR: u32 = 0xE000_E014;
const SYST_CVR: u32 = 0xE000_E018;
const NVIC_ISER: u32 = 0xE000_E100;
const NVIC_ICER: u32 = 0xE000_E180;
const NVIC_ISPR: u32 = 0xE000_E200;
const NVIC_ICPR: u32 = 0xE000_E280;
const NVIC_IPR0: u32 = 0xE000_E400;
const NVIC_IPR7: u32 = 0xE000_E41C;
const CPUID: u32 = 0xE000_ED00;
const ICSR: u32 = 0xE000_ED04;
const VTOR: u32 = 0xE000_ED08;
const AIRCR: u32 = 0xE000_ED0C;
const SCR: u32 = 0xE000_ED10;
const CCR: u32 = 0xE000_ED14;
const SHPR2: u32 = 0xE000_ED1C;
const SHPR3: u32 = 0xE000_ED20;
const SHCSR: u32 = 0xE000_ED24;
const DFSR: u32 = 0xE000_ED30;
const DHCSR: u32 = 0xE000_EDF0;
const DCRSR: u32 = 0xE000_EDF4;
const DCRDR: u32 = 0xE000_EDF8;
const DEMCR: u32 = 0xE000_EDFC;
const ROM_TABLE: u32 = 0xE00F_F000;

/// CPUID of a Cortex-M0+ r0p1.
const CPUID_VALUE: u32 = 0x410C_C601;
/// CCR: STKALIGN and UNALIGN_TRP, both fixed.
const CCR_VALUE: u32 = 1 << 9 | 1 << 3;

const VECTKEY: u32 = 0x05FA << 16;
const VECTKEYSTAT: u32 = 0xFA05 << 16;
const SYSRESETREQ: u32 = 1 << 2;
const VECTCLRACTIVE: u32 = 1 << 1;

const SVCALLPENDED: u32 = 1 << 15;

pub(crate) const SLEEPONEXIT: u32 = 1 << 1;
pub(crate) const SLEEPDEEP: u32 = 1 << 2;
pub(crate) const SEVONPEND: u32 = 1 << 4;

/// ROM table entries: offset of the component, present, 32-bit format.
const ROM_ENTRIES: [u32; 4] = [
    0xFFF0_F003, // SCS at 0xE000_E000
    0xFFF0_2003, // DWT at 0xE000_1000
    0xFFF0_3003, // BPU at 0xE000_2000
    0,
];

/// A CoreSight component: base address, peripheral ids 0 to 2, class byte of the component id.
/// (Cortex-M0+ TRM, tables 8-2 to 8-5.)
const COMPONENTS: [(u32, [u32; 3], u32); 4] = [
    (0xE000_E000, [0x08, 0xB0, 0x0B], 0xE0),
    (0xE000_1000, [0x0A, 0xB0, 0x0B], 0xE0),
    (0xE000_2000, [0x0B, 0xB0, 0x0B], 0xE0),
    (ROM_TABLE, [0xC0, 0xB4, 0x0B], 0x10),
];

impl Core {
    /// Reads a register of the private peripheral bus, 0xE000_0000 to 0xE00F_FFFF.
    ///
    /// A debugger's read of DHCSR clears its sticky bits, the program's read of SYST_CSR clears
    /// COUNTFLAG.
    ///
    /// # Errors
    /// Not an aligned word access, or no readable register is modelled at the address.
    pub fn ppb_read(
        &mut self,
        address: u32,
        width: Width,
        master: Master,
    ) -> Result<u32, BusFault> {
        if width != Width::Word || address & 3 != 0 {
            return Err(BusFault);
        }
        self.count_systick();
        let value = match address {
            // No comparators.
            DWT_CTRL => 0,
            DWT_PCSR if self.is_halted() => 0xFFFF_FFFF,
            DWT_PCSR => self.r[crate::core::PC],
            BP_CTRL => self.debug.breakpoint_control(),
            BP_COMP0..=BP_COMP_LAST => self.debug.comparator(register_index(address, BP_COMP0)),
            ACTLR => 0,
            SYST_CSR => {
                let control = self.systick.control();
                if master == Master::Core {
                    self.systick.clear_count_flag();
                }
                control
            }
            SYST_RVR => self.systick.reload(),
            SYST_CVR => self.systick.value(),
            NVIC_ISER | NVIC_ICER => self.nvic.enabled_interrupts(),
            NVIC_ISPR | NVIC_ICPR => self.nvic.pending_interrupts(),
            NVIC_IPR0..=NVIC_IPR7 => self
                .nvic
                .interrupt_priorities(register_index(address, NVIC_IPR0)),
            CPUID => CPUID_VALUE,
            ICSR => self.interrupt_control(),
            VTOR => self.vector_table,
            AIRCR => VECTKEYSTAT,
            SCR => self.system_control,
            CCR => CCR_VALUE,
            SHPR2 => self.nvic.sv_call_priority(),
            SHPR3 => self.nvic.system_priorities(),
            SHCSR if self.nvic.is_pending(SV_CALL) => SVCALLPENDED,
            SHCSR => 0,
            DFSR => self.debug.fault_status(),
            DHCSR => {
                let status = self.halting_status();
                if master == Master::Debugger {
                    self.clear_halting_status();
                }
                status
            }
            DCRDR => self.debug.data(),
            DEMCR => self.debug.exception_control(),
            _ => identification(address).ok_or(BusFault)?,
        };
        Ok(value)
    }

    /// Writes a register of the private peripheral bus. Takes effect at once: a debugger's halt
    /// request halts the core between two instructions, here.
    ///
    /// Only a debugger can write the debug registers; the program's writes to them change nothing.
    ///
    /// # Errors
    /// Not an aligned word access, or no register is modelled at the address.
    pub fn ppb_write(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        master: Master,
    ) -> Result<(), BusFault> {
        if width != Width::Word || address & 3 != 0 {
            return Err(BusFault);
        }
        self.count_systick();
        match address {
            SYST_CSR => self.systick.set_control(value, self.cycles),
            SYST_RVR => self.systick.set_reload(value),
            SYST_CVR => self.systick.clear_value(),
            NVIC_ISER => self.nvic.enable(value),
            NVIC_ICER => self.nvic.disable(value),
            NVIC_ISPR => self.pend(u64::from(value) << FIRST_INTERRUPT),
            NVIC_ICPR => self.nvic.unpend(u64::from(value) << FIRST_INTERRUPT),
            NVIC_IPR0..=NVIC_IPR7 => {
                self.nvic
                    .set_interrupt_priorities(register_index(address, NVIC_IPR0), value);
            }
            ICSR => self.set_interrupt_control(value),
            VTOR => self.vector_table = value & 0xFFFF_FF00,
            AIRCR => self.set_reset_control(value, master),
            SCR => self.system_control = value & (SLEEPONEXIT | SLEEPDEEP | SEVONPEND),
            SHPR2 => self.nvic.set_sv_call_priority(value),
            SHPR3 => self.nvic.set_system_priorities(value),
            SHCSR if value & SVCALLPENDED != 0 => self.pend(1 << SV_CALL),
            SHCSR => self.nvic.unpend(1 << SV_CALL),
            // Read-only.
            ACTLR | CPUID | CCR | DWT_CTRL | DWT_PCSR => {}
            _ => self.write_debug(address, value, master)?,
        }
        self.deadline = 0;
        Ok(())
    }

    fn write_debug(&mut self, address: u32, value: u32, master: Master) -> Result<(), BusFault> {
        let is_debugger = master == Master::Debugger;
        match address {
            BP_CTRL | BP_COMP0..=BP_COMP_LAST | DFSR | DHCSR | DCRSR | DCRDR | DEMCR
                if !is_debugger => {}
            BP_CTRL => self.debug.set_breakpoint_control(value),
            BP_COMP0..=BP_COMP_LAST => {
                self.debug
                    .set_comparator(register_index(address, BP_COMP0), value);
            }
            DFSR => self.debug.clear_fault_status(value),
            DHCSR => self.set_halting_control(value),
            DCRSR => self.transfer_register(value),
            DCRDR => self.debug.set_data(value),
            DEMCR => self.debug.set_exception_control(value),
            _ => return Err(BusFault),
        }
        Ok(())
    }

    /// ICSR: what is active, what comes next, and the pending bits of the system exceptions.
    fn interrupt_control(&self) -> u32 {
        let next = self.nvic.first_pending(!0).unwrap_or(0);
        let is_interrupt_pending = self.nvic.pending_interrupts() != 0;
        self.exception
            | next << 12
            | u32::from(is_interrupt_pending) << 22
            | u32::from(self.nvic.is_pending(SYS_TICK)) << 26
            | u32::from(self.nvic.is_pending(PEND_SV)) << 28
            | u32::from(self.nvic.is_pending(NMI)) << 31
    }

    /// ICSR: the clearing bits first, so that a set wins over a clear of the same exception.
    fn set_interrupt_control(&mut self, value: u32) {
        for (bit, exception) in [(25, SYS_TICK), (27, PEND_SV)] {
            if value >> bit & 1 != 0 {
                self.nvic.unpend(1 << exception);
            }
        }
        for (bit, exception) in [(26, SYS_TICK), (28, PEND_SV), (31, NMI)] {
            if value >> bit & 1 != 0 {
                self.pend(1 << exception);
            }
        }
    }

    /// AIRCR; without the key a write changes nothing.
    fn set_reset_control(&mut self, value: u32, master: Master) {
        if value & 0xFFFF_0000 != VECTKEY {
            return;
        }
        if value & SYSRESETREQ != 0 {
            self.reset_requested = true;
        }
        if value & VECTCLRACTIVE != 0 && master == Master::Debugger && self.is_halted() {
            self.nvic.deactivate_all();
            self.exception = 0;
        }
    }
}

/// Number of the word register at `address` in an array that starts at `first`.
fn register_index(address: u32, first: u32) -> usize {
    ((address - first) / 4) as usize
}

/// ROM table entries, and the identification registers at the end of each component.
fn identification(address: u32) -> Option<u32> {
    let offset = address & 0xFFF;
    let entry = ROM_ENTRIES.get(offset as usize / 4);
    let (base, peripheral_id, class) =
        COMPONENTS.into_iter().find(|it| it.0 == address & !0xFFF)?;
    match offset {
        0xFD0 => Some(0x04),
        0xFD4..=0xFDC => Some(0),
        0xFE0..=0xFE8 => Some(peripheral_id[(offset as usize - 0xFE0) / 4]),
        0xFEC => Some(0),
        0xFF0 => Some(0x0D),
        0xFF4 => Some(class),
        0xFF8 => Some(0x05),
        0xFFC => Some(0xB1),
        // MEMTYPE: system memory can be reached through the port.
        0xFCC if base == ROM_TABLE => Some(1),
        _ if base == ROM_TABLE => entry.copied(),
        _ => None,
    }
}

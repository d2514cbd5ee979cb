//! Flash at 0, RAM at 0x2000_0000, a port that drives the interrupt lines, and a core on it.

use rig_armv6m::{Attention, Bus, BusFault, Core, Master, Stop, Width};

const FLASH_BYTES: usize = 0x1000;
const RAM_BASE: u32 = 0x2000_0000;
const RAM_BYTES: usize = 0x4000;

/// Where programs of the tests start.
pub(crate) const PROGRAM: u32 = 0x100;
/// Initial stack pointer.
pub(crate) const STACK: u32 = 0x2000_3000;
/// A word written here becomes the state of the interrupt lines.
pub(crate) const LINES_PORT: u32 = 0x4000_0000;
/// A write here asks the run to return.
pub(crate) const RETURN_PORT: u32 = 0x4000_0004;

pub(crate) const NOP: u16 = 0xBF00;
pub(crate) const BX_LR: u16 = 0x4770;
pub(crate) const BRANCH_TO_SELF: u16 = 0xE7FE;
pub(crate) const WFI: u16 = 0xBF30;

pub(crate) const NVIC_ISER: u32 = 0xE000_E100;
pub(crate) const NVIC_ISPR: u32 = 0xE000_E200;
pub(crate) const NVIC_ICPR: u32 = 0xE000_E280;
pub(crate) const NVIC_IPR0: u32 = 0xE000_E400;
pub(crate) const ICSR: u32 = 0xE000_ED04;
pub(crate) const SCR: u32 = 0xE000_ED10;
pub(crate) const DFSR: u32 = 0xE000_ED30;
pub(crate) const DHCSR: u32 = 0xE000_EDF0;
pub(crate) const DCRSR: u32 = 0xE000_EDF4;
pub(crate) const DCRDR: u32 = 0xE000_EDF8;
pub(crate) const DEMCR: u32 = 0xE000_EDFC;

/// DHCSR key with C_DEBUGEN, and C_HALT, C_STEP, C_MASKINTS to add.
pub(crate) const DEBUGEN: u32 = 0xA05F_0001;
pub(crate) const HALT: u32 = 2;
pub(crate) const STEP: u32 = 4;
pub(crate) const MASKINTS: u32 = 8;

/// Address of the default handler of an exception.
pub(crate) fn handler(exception: u32) -> u32 {
    0x400 + 0x20 * exception
}

#[derive(Clone, Debug)]
pub(crate) struct Board {
    pub(crate) flash: Vec<u8>,
    pub(crate) ram: Vec<u8>,
    lines: u32,
    attention: Attention,
}

impl Board {
    fn memory(&mut self, address: u32, width: Width) -> Result<&mut [u8], BusFault> {
        let n_bytes = match width {
            Width::Byte => 1,
            Width::Halfword => 2,
            Width::Word => 4,
        };
        let (memory, offset) = if address < RAM_BASE {
            (&mut self.flash, address)
        } else {
            (&mut self.ram, address - RAM_BASE)
        };
        memory
            .get_mut(offset as usize..offset as usize + n_bytes)
            .ok_or(BusFault)
    }

    pub(crate) fn poke(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusFault> {
        let memory = self.memory(address, width)?;
        let n_bytes = memory.len();
        memory.copy_from_slice(&value.to_le_bytes()[..n_bytes]);
        Ok(())
    }
}

impl Bus for Board {
    fn read(&mut self, address: u32, width: Width, _: u64) -> Result<u32, BusFault> {
        let memory = self.memory(address, width)?;
        Ok(memory
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn write(&mut self, address: u32, width: Width, value: u32, _: u64) -> Result<(), BusFault> {
        match address {
            LINES_PORT => {
                self.lines = value;
                self.attention = Attention::Lines;
                Ok(())
            }
            RETURN_PORT => {
                self.attention = Attention::Return;
                Ok(())
            }
            0..RAM_BASE => Err(BusFault),
            _ => self.poke(address, width, value),
        }
    }

    fn fetch(&mut self, address: u32) -> Result<u16, BusFault> {
        match address {
            // That peripherals do not execute is for the core to know.
            0x4000_0000.. => Ok(NOP),
            _ => self.read(address, Width::Halfword, 0).map(|it| it as u16),
        }
    }

    fn interrupt_lines(&mut self, _: u64) -> u32 {
        self.lines
    }

    fn attention(&mut self) -> Attention {
        std::mem::replace(&mut self.attention, Attention::None)
    }
}

/// Core and board, reset and ready to run NOPs at [`PROGRAM`]; each handler is a `bx lr`.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) core: Core,
    pub(crate) board: Board,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::with_program(&[])
    }

    pub(crate) fn with_program(program: &[u16]) -> Self {
        let board = Board {
            flash: NOP.to_le_bytes().repeat(FLASH_BYTES / 2),
            ram: vec![0; RAM_BYTES],
            lines: 0,
            attention: Attention::None,
        };
        let mut machine = Self {
            core: Core::new(),
            board,
        };
        machine.set_word(0, STACK);
        machine.set_word(4, PROGRAM | 1);
        for exception in 2..48 {
            machine.set_word(4 * exception, handler(exception) | 1);
            machine.place(handler(exception), &[BX_LR]);
        }
        machine.place(handler(0) - 2, &[BRANCH_TO_SELF]);
        machine.place(PROGRAM, program);
        machine.reset();
        machine
    }

    pub(crate) fn reset(&mut self) {
        self.core.reset(&mut self.board);
    }

    pub(crate) fn place(&mut self, address: u32, code: &[u16]) {
        for (address, halfword) in (address..).step_by(2).zip(code) {
            self.board
                .poke(address, Width::Halfword, u32::from(*halfword))
                .expect("programs of the tests fit into memory");
        }
    }

    pub(crate) fn set_word(&mut self, address: u32, value: u32) {
        self.board
            .poke(address, Width::Word, value)
            .expect("the address is in memory");
    }

    pub(crate) fn word(&mut self, address: u32) -> u32 {
        self.board
            .read(address, Width::Word, 0)
            .expect("the address is in memory")
    }

    /// Runs one instruction or exception entry.
    pub(crate) fn advance(&mut self) -> Stop {
        self.run(1)
    }

    pub(crate) fn run(&mut self, n_cycles: u64) -> Stop {
        self.core.run(&mut self.board, self.core.now() + n_cycles)
    }

    pub(crate) fn pc(&self) -> u32 {
        self.core.register(15)
    }

    /// Number of the exception being handled; 0 in thread mode.
    pub(crate) fn exception(&mut self) -> u32 {
        self.peek(ICSR) & 0x1FF
    }

    /// The exceptions handled one after the other in the next `n` instructions and entries.
    pub(crate) fn trace(&mut self, n: usize) -> Vec<u32> {
        let mut trace = vec![self.exception()];
        for _ in 0..n {
            self.advance();
            trace.push(self.exception());
        }
        trace.dedup();
        trace
    }

    /// Reads a private peripheral register as a debugger.
    pub(crate) fn peek(&mut self, address: u32) -> u32 {
        self.core
            .ppb_read(address, Width::Word, Master::Debugger)
            .expect("the register is modelled")
    }

    /// Writes a private peripheral register as a debugger.
    pub(crate) fn poke(&mut self, address: u32, value: u32) {
        self.core
            .ppb_write(address, Width::Word, value, Master::Debugger)
            .expect("the register is modelled");
    }

    pub(crate) fn debug_register(&mut self, select: u32) -> u32 {
        self.poke(DCRSR, select);
        self.peek(DCRDR)
    }

    pub(crate) fn set_debug_register(&mut self, select: u32, value: u32) {
        self.poke(DCRDR, value);
        self.poke(DCRSR, select | 1 << 16);
    }

    /// Sets registers as a debugger: halts, writes, resumes.
    pub(crate) fn set_registers(&mut self, registers: &[(u32, u32)]) {
        self.poke(DHCSR, DEBUGEN | HALT);
        for (select, value) in registers {
            self.set_debug_register(*select, *value);
        }
        self.poke(DHCSR, 0xA05F_0000);
    }
}

//! The Cortex-M0+ ROM table and the identification of what it lists (ARM DDI 0484, 9.2).

/// Where ST's table is, which names the chip and lists the processor's (RM0444 40.7).
pub(super) const MCU_TABLE: u32 = 0xF000_0000;

/// Where the processor's table is.
const ROM_TABLE: u32 = 0xE00F_F000;

/// Offsets of SCS, DWT and BPU from the table, each present.
const ENTRIES: [u32; 4] = [0xFFF0_F003, 0xFFF0_2003, 0xFFF0_3003, 0];

const SCS: u32 = 0xE000_E000;
const DWT: u32 = 0xE000_1000;
const BPU: u32 = 0xE000_2000;

/// Reads a word of the table, or an identification register of a component that does not have
/// it itself.
pub(super) fn read(address: u32) -> Option<u32> {
    let (page, offset) = (address & !0xFFF, address & 0xFFF);
    // Class 1 is a ROM table, 0xE a generic component.
    let (part, class) = match page {
        // The part is the device id of DBG_IDCODE.
        MCU_TABLE => (0x460, 0x1),
        ROM_TABLE => (0x4C0, 0x1),
        SCS => (0x008, 0xE),
        DWT => (0x00A, 0xE),
        BPU => (0x00B, 0xE),
        _ => return None,
    };
    let is_table = class == 1;
    if is_table && offset < 0xFCC {
        let entries: &[u32] = if page == MCU_TABLE {
            &[ROM_TABLE.wrapping_sub(MCU_TABLE) | 3, 0]
        } else {
            &ENTRIES
        };
        return Some(entries.get((offset / 4) as usize).copied().unwrap_or(0));
    }
    // Designer ST: JEP106 continuation 0, identity 0x20.
    if page == MCU_TABLE {
        match offset {
            0xFD0 => return Some(0x00),
            0xFE4 => return Some(part >> 8),
            0xFE8 => return Some(0x0A),
            _ => {}
        }
    }
    // Designer ARM: JEP106 continuation 4, identity 0x3B.
    Some(match offset {
        // DEVARCH and what is reserved beside it: these components have none.
        0xFBC | 0xFC8 => 0,
        0xFCC => u32::from(is_table),
        0xFD0 => 0x04,
        0xFD4..=0xFDC => 0,
        0xFE0 => part & 0xFF,
        0xFE4 => 0xB0 | part >> 8,
        0xFE8 => 0x0B,
        0xFEC => 0,
        0xFF0 => 0x0D,
        0xFF4 => class << 4,
        0xFF8 => 0x05,
        0xFFC => 0xB1,
        _ => return None,
    })
}

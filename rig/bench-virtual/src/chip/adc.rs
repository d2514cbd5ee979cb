//! ADC1 (RM0444 15): calibration, both sequencers, conversion timing, DMA requests.

use super::{CPU_HZ, Unmodelled};

// ISR.
const ADRDY: u32 = 1 << 0;
const EOSMP: u32 = 1 << 1;
const EOC: u32 = 1 << 2;
const EOS: u32 = 1 << 3;
const OVR: u32 = 1 << 4;
const EOCAL: u32 = 1 << 11;
const CCRDY: u32 = 1 << 13;
// CR.
const ADEN: u32 = 1 << 0;
const ADDIS: u32 = 1 << 1;
const ADSTART: u32 = 1 << 2;
const ADSTP: u32 = 1 << 4;
const ADVREGEN: u32 = 1 << 28;
const ADCAL: u32 = 1 << 31;
// CFGR1.
const DMAEN: u32 = 1 << 0;
const DMACFG: u32 = 1 << 1;
const SCANDIR: u32 = 1 << 2;
const ALIGN: u32 = 1 << 5;
const OVRMOD: u32 = 1 << 12;
const CONT: u32 = 1 << 13;
const CHSELRMOD: u32 = 1 << 21;
/// Hardware triggers, wait and auto-off, discontinuous mode, watchdog.
const CFGR1_UNMODELLED: u32 = 0x0C00 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 23;
// CFGR2.
const OVSE: u32 = 1 << 0;
const TOVS: u32 = 1 << 9;

/// The regulator's start: 20 µs (DS12232, ADC characteristics).
const REGULATOR_CYCLES: u64 = CPU_HZ * 20 / 1_000_000;
/// Calibration takes 82 ADC clocks (DS12232 table 63).
const CALIBRATION_CLOCKS: u64 = 82;
/// Stabilisation time after ADEN is 1 to 2 ADC clocks beyond the 20 µs regulator (DS12232 5.3.17).
const READY_CLOCKS: u64 = 2;
/// Sampling times in half ADC clocks (RM0444 15.12.7).
const SAMPLE_HALF_CLOCKS: [u64; 8] = [3, 7, 15, 25, 39, 79, 159, 321];

/// Channels with a voltage on them: IN1, IN4, IN6, IN7.
pub(crate) const WIRED: u32 = 1 << 1 | 1 << 4 | 1 << 6 | 1 << 7;

#[derive(Clone, Debug)]
pub(crate) struct Adc {
    isr: u32,
    ier: u32,
    cr: u32,
    cfgr1: u32,
    cfgr2: u32,
    smpr: u32,
    thresholds: [u32; 3],
    chselr: u32,
    ccr: u32,
    data: u32,
    data_full: bool,
    calibration: u32,
    /// Channels of the sequence, four bits each, and how many.
    sequence: u64,
    sequence_len: u32,
    position: u32,
    busy_until: u64,
    /// From when on the regulator holds its voltage, while it is on.
    regulated_at: u64,
    /// Conversions never end: a fault.
    pub(crate) is_dead: bool,
    /// Voltages by channel, in 12-bit LSB with their fraction.
    inputs: [f32; 8],
}

impl Adc {
    pub(crate) fn new() -> Self {
        Self {
            isr: 0,
            ier: 0,
            cr: 0,
            cfgr1: 0,
            cfgr2: 0,
            smpr: 0,
            thresholds: [0x0FFF_0000; 3],
            chselr: 0,
            ccr: 0,
            data: 0,
            data_full: false,
            calibration: 0,
            sequence: 0,
            sequence_len: 0,
            position: 0,
            busy_until: u64::MAX,
            regulated_at: u64::MAX,
            is_dead: false,
            inputs: [0.0; 8],
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self {
            is_dead: self.is_dead,
            inputs: self.inputs,
            ..Self::new()
        };
    }

    pub(crate) fn set_input(&mut self, channel: usize, lsb: f32) {
        self.inputs[channel] = lsb;
    }

    /// CPU cycles in half an ADC clock, times two, so that odd halves count.
    fn cycles(&self, half_clocks: u64) -> u64 {
        // Synchronous clocks are PCLK by 2, 4 or 1; the asynchronous one is 16 MHz by PRESC.
        const PRESCALERS: [u64; 12] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256];
        let divider = match self.cfgr2 >> 30 {
            1 => 2,
            2 => 4,
            3 => 1,
            _ => PRESCALERS[((self.ccr >> 18 & 0xF) as usize).min(11)],
        };
        (half_clocks * divider).div_ceil(2)
    }

    pub(crate) fn next_event(&self) -> u64 {
        self.busy_until
    }

    /// Ends what was under way: calibration, enabling or one conversion.
    pub(crate) fn on_event(&mut self, now: u64) {
        if now < self.busy_until {
            return;
        }
        let end = self.busy_until;
        self.busy_until = u64::MAX;
        if self.cr & ADCAL != 0 {
            self.cr &= !ADCAL;
            self.isr |= EOCAL;
            self.calibration = 0x40;
        } else if self.cr & ADSTART != 0 {
            self.finish_conversion(end);
        } else if self.cr & ADEN != 0 {
            self.isr |= ADRDY;
        }
    }

    fn finish_conversion(&mut self, end: u64) {
        let channel = (self.sequence >> (4 * self.position) & 0xF) as usize;
        let value = self.convert(channel);
        self.isr |= EOSMP | EOC;
        if self.data_full {
            self.isr |= OVR;
        }
        if !self.data_full || self.cfgr1 & OVRMOD != 0 {
            self.data = value;
            self.data_full = true;
        }
        self.position += 1;
        if self.position < self.sequence_len {
            self.begin_conversion(end);
            return;
        }
        self.isr |= EOS;
        self.position = 0;
        if self.cfgr1 & CONT != 0 {
            self.begin_conversion(end);
        } else {
            self.cr &= !ADSTART;
        }
    }

    /// One conversion of an ideal converter: rounded to the nearest code, held at the ends.
    fn convert(&self, channel: usize) -> u32 {
        let lsb = self.inputs.get(channel).copied().unwrap_or(0.0);
        let code = (lsb + 0.5).clamp(0.0, 4095.0) as u32;
        let drop = 2 * (self.cfgr1 >> 3 & 3);
        let code = code >> drop;
        if self.cfgr2 & OVSE != 0 {
            // The voltage stands still meanwhile, so every sample of the sum is the same.
            let ratio = 2 << (self.cfgr2 >> 2 & 7);
            return ((code * ratio) >> (self.cfgr2 >> 5 & 0xF)) & 0xFFFF;
        }
        if self.cfgr1 & ALIGN != 0 {
            return code << (4 + drop);
        }
        code
    }

    fn begin_conversion(&mut self, now: u64) {
        if self.is_dead {
            self.busy_until = u64::MAX;
            return;
        }
        let channel = self.sequence >> (4 * self.position) & 0xF;
        let second = self.smpr >> (8 + channel) & 1 != 0;
        let sample = self.smpr >> if second { 4 } else { 0 } & 7;
        // 12.5 clocks of successive approximation, two fewer for each two bits (RM0444 15.3.16).
        let convert = 25 - 4 * u64::from(self.cfgr1 >> 3 & 3);
        let samples = if self.cfgr2 & OVSE != 0 {
            2 << (self.cfgr2 >> 2 & 7)
        } else {
            1
        };
        let half_clocks = samples * (SAMPLE_HALF_CLOCKS[sample as usize] + convert);
        self.busy_until = now + self.cycles(half_clocks);
    }

    /// Lays the sequence out; fails on channels that carry nothing modelled.
    fn plan_sequence(&mut self) -> Result<(), Unmodelled> {
        self.sequence = 0;
        self.sequence_len = 0;
        let mut push = |channel: u32| {
            if WIRED >> channel & 1 == 0 {
                return Err(Unmodelled);
            }
            self.sequence |= u64::from(channel) << (4 * self.sequence_len);
            self.sequence_len += 1;
            Ok(())
        };
        if self.cfgr1 & CHSELRMOD != 0 {
            // Up to eight places; 15 ends the sequence (RM0444 15.12.10).
            for place in 0..8 {
                match self.chselr >> (4 * place) & 0xF {
                    0xF => break,
                    channel => push(channel)?,
                }
            }
        } else {
            for step in 0..19 {
                let channel = if self.cfgr1 & SCANDIR != 0 {
                    18 - step
                } else {
                    step
                };
                if self.chselr >> channel & 1 != 0 {
                    push(channel)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn interrupt(&self) -> bool {
        self.isr & self.ier & 0x2B9F != 0
    }

    /// DMAMUX input 5.
    pub(crate) fn requests_dma(&self) -> bool {
        self.cfgr1 & DMAEN != 0 && self.data_full
    }

    /// The DMA channel has made its last transfer: in one-shot mode conversions stop (15.5.5).
    pub(crate) fn dma_block_done(&mut self) {
        if self.cfgr1 & DMACFG == 0 {
            self.stop();
        }
    }

    fn stop(&mut self) {
        if self.cr & ADSTART != 0 {
            self.cr &= !ADSTART;
            self.busy_until = u64::MAX;
            self.position = 0;
        }
    }

    pub(crate) fn read(&mut self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.isr,
            0x04 => self.ier,
            0x08 => self.cr,
            0x0C => self.cfgr1,
            0x10 => self.cfgr2,
            0x14 => self.smpr,
            0x20 => self.thresholds[0],
            0x24 => self.thresholds[1],
            0x28 => self.chselr,
            0x2C => self.thresholds[2],
            0x40 => {
                self.data_full = false;
                self.isr &= !EOC;
                self.data
            }
            // No channel is given to the second and third analog watchdog.
            0xA0 | 0xA4 => 0,
            0xB4 => self.calibration,
            0x308 => self.ccr,
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32, now: u64) -> Result<(), Unmodelled> {
        match offset {
            0x00 => self.isr &= !(value & 0x2B9F),
            0x04 => self.ier = value & 0x2B9F,
            0x08 => return self.write_cr(value, now),
            0x0C if value & CFGR1_UNMODELLED != 0 => return Err(Unmodelled),
            0x0C => {
                // The other sequencer or order is set up, too (ADC_ISR.CCRDY).
                if (self.cfgr1 ^ value) & (CHSELRMOD | SCANDIR) != 0 {
                    self.isr |= CCRDY;
                }
                self.cfgr1 = value;
            }
            0x10 if value & TOVS != 0 => return Err(Unmodelled),
            0x10 => self.cfgr2 = value,
            0x14 => self.smpr = value,
            // Analog watchdogs cannot be enabled.
            0x20 => self.thresholds[0] = value,
            0x24 => self.thresholds[1] = value,
            0x2C => self.thresholds[2] = value,
            0x28 => {
                self.chselr = value;
                self.isr |= CCRDY;
            }
            0xB4 => self.calibration = value & 0x7F,
            // Internal sources would need their channels, which are refused at start.
            0x308 => self.ccr = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    /// Bits of CR are set by software and cleared by hardware (RM0444 15.12.3).
    fn write_cr(&mut self, value: u32, now: u64) -> Result<(), Unmodelled> {
        if value & ADVREGEN == 0 {
            self.regulated_at = u64::MAX;
        } else if self.cr & ADVREGEN == 0 {
            self.regulated_at = now + REGULATOR_CYCLES;
        }
        self.cr = self.cr & !ADVREGEN | value & ADVREGEN;
        // What a converter does without its regulator is not said (RM0444 15).
        if value & (ADCAL | ADEN) != 0 && now < self.regulated_at {
            return Err(Unmodelled);
        }
        if value & ADCAL != 0 && self.cr & ADEN == 0 {
            self.cr |= ADCAL;
            self.busy_until = now + self.cycles(2 * CALIBRATION_CLOCKS);
        }
        if value & ADEN != 0 && self.cr & (ADEN | ADCAL) == 0 {
            self.cr |= ADEN;
            self.busy_until = now + self.cycles(2 * READY_CLOCKS);
        }
        if value & ADSTP != 0 {
            self.stop();
        }
        if value & ADDIS != 0 && self.cr & (ADEN | ADSTART) == ADEN {
            self.cr &= !ADEN;
            self.isr &= !ADRDY;
            self.busy_until = u64::MAX;
        }
        if value & ADSTART != 0 && self.cr & ADEN != 0 && self.cr & ADSTART == 0 {
            self.plan_sequence()?;
            if self.sequence_len > 0 {
                self.cr |= ADSTART;
                self.position = 0;
                self.begin_conversion(now);
            }
        }
        Ok(())
    }
}

const _: () = assert!(CPU_HZ == 16_000_000, "the ADC's clocks count on 16 MHz");

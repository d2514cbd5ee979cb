//! Pins and timers of Pen A1 hardware revision C (HARDWARE.md): sets them up, reads them, drives
//! them. Register references are to RM0444.
#![expect(
    unsafe_code,
    reason = "the DMA controller writes the conversions into a static buffer"
)]

use core::cell::UnsafeCell;

use embassy_stm32::Peri;
use embassy_stm32::gpio::{AfType, Flex, Input, Level, Output, OutputType, Pull, Speed};
use embassy_stm32::i2c::{self, I2c};
use embassy_stm32::interrupt::typelevel::{Binding, Handler, Interrupt, TIM2};
use embassy_stm32::mode::Blocking;
use embassy_stm32::pac;
use embassy_stm32::peripherals;
use embassy_stm32::rcc;
use embassy_stm32::time::Hertz;
use embassy_stm32::timer::simple_pwm::{PwmPin, SimplePwm};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_time::Duration;
use firmware_core::{
    AnalogCounts, Capture, ChipCommand, ChipOutcome, Direction, FlashOutcome, Inputs, Outputs,
    PAGE_LEN, StepTrain, TICK,
};
use firmware_wire::cartridge::I2C_ADDRESS;

/// Timers that count microseconds divide the 16 MHz by 16.
const PRESCALER_1_MHZ: u16 = 15;
/// A control tick in counts of TIM2.
const TICK_COUNTS: u32 = TICK.0 as u32;
/// Width of a STEP pulse in µs.
const STEP_WIDTH: u16 = 20;
/// DMAMUX request of the converter (RM0444 table 59).
const DMAMUX_REQUEST_ADC: u8 = 5;
/// Converter channels in the order of conversion: position, current, battery, nose.
const CHANNELS: [usize; 4] = [1, 4, 6, 7];

/// Where the DMA controller puts a sequence of conversions.
struct Conversions(UnsafeCell<[u16; CHANNELS.len()]>);

// SAFETY: the one reader reads volatile halfwords between sequences.
unsafe impl Sync for Conversions {}

static CONVERSIONS: Conversions = Conversions(UnsafeCell::new([0; CHANNELS.len()]));

/// Says that a control tick is due.
pub(crate) static TICK_DUE: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Everything the control loop senses and drives.
pub(crate) struct Board {
    pwm: SimplePwm<'static, peripherals::TIM1>,
    cutoff: Output<'static>,
    brake: Output<'static>,
    cartridge: Input<'static>,
    stepper_enable: Output<'static>,
    direction: Output<'static>,
    home: Input<'static>,
    button: Input<'static>,
    led: Output<'static>,
    chip: I2c<'static, Blocking, i2c::Master>,
    chip_outcome: Option<ChipOutcome>,
    _alternate: [Flex<'static>; 2],
    _analog: [Flex<'static>; 4],
}

/// The chip's pins and peripherals that [`Board`] takes.
pub(crate) struct Parts {
    pub(crate) tim1: Peri<'static, peripherals::TIM1>,
    pub(crate) i2c1: Peri<'static, peripherals::I2C1>,
    pub(crate) pa0: Peri<'static, peripherals::PA0>,
    pub(crate) pa1: Peri<'static, peripherals::PA1>,
    pub(crate) pa4: Peri<'static, peripherals::PA4>,
    pub(crate) pa5: Peri<'static, peripherals::PA5>,
    pub(crate) pa6: Peri<'static, peripherals::PA6>,
    pub(crate) pa7: Peri<'static, peripherals::PA7>,
    pub(crate) pa8: Peri<'static, peripherals::PA8>,
    pub(crate) pb0: Peri<'static, peripherals::PB0>,
    pub(crate) pb1: Peri<'static, peripherals::PB1>,
    pub(crate) pb4: Peri<'static, peripherals::PB4>,
    pub(crate) pb5: Peri<'static, peripherals::PB5>,
    pub(crate) pb6: Peri<'static, peripherals::PB6>,
    pub(crate) pb7: Peri<'static, peripherals::PB7>,
    pub(crate) pb8: Peri<'static, peripherals::PB8>,
    pub(crate) pb9: Peri<'static, peripherals::PB9>,
    pub(crate) pb10: Peri<'static, peripherals::PB10>,
    pub(crate) pc13: Peri<'static, peripherals::PC13>,
}

impl Board {
    /// Sets everything up, switched off.
    pub(crate) fn new(p: Parts, _tick: impl Binding<TIM2, TickHandler>) -> Self {
        let (low, speed) = (Level::Low, Speed::Low);
        let cutoff = Output::new(p.pb0, low, speed);
        let brake = Output::new(p.pb1, low, speed);
        let motor = PwmPin::new(p.pa8, OutputType::PushPull);
        let mut pwm = SimplePwm::new(
            p.tim1,
            Some(motor),
            None,
            None,
            None,
            Hertz(20_000),
            Default::default(),
        );
        pwm.ch1().set_duty_cycle_fully_off();
        pwm.ch1().enable();

        let mut hall = Flex::new(p.pa0);
        hall.set_as_af_unchecked(2, AfType::input(Pull::None));
        start_timer();

        let mut step = Flex::new(p.pb8);
        step.set_as_af_unchecked(2, AfType::output(OutputType::PushPull, Speed::Low));
        prepare_steps();

        let mut analog = [
            Flex::new(p.pa1),
            Flex::new(p.pa4),
            Flex::new(p.pa6),
            Flex::new(p.pa7),
        ];
        for pin in &mut analog {
            pin.set_as_analog();
        }
        start_converter();

        let mut config = i2c::Config::default();
        config.frequency = Hertz(100_000);
        // A page takes 1 ms; a bus that is stuck must not starve the watchdog.
        config.timeout = Duration::from_millis(5);
        Self {
            pwm,
            cutoff,
            brake,
            cartridge: Input::new(p.pb4, Pull::Up),
            stepper_enable: Output::new(p.pb5, low, speed),
            direction: Output::new(p.pb9, low, speed),
            home: Input::new(p.pb10, Pull::Up),
            button: Input::new(p.pc13, Pull::None),
            led: Output::new(p.pa5, low, speed),
            chip: I2c::new_blocking(p.i2c1, p.pb6, p.pb7, config),
            chip_outcome: None,
            _alternate: [hall, step],
            _analog: analog,
        }
    }

    /// Reads everything, and starts the conversions that the next call will read.
    pub(crate) fn sense(&mut self, flash: Option<FlashOutcome>) -> Inputs {
        let analog = conversions();
        start_conversions();
        let hall = capture();
        Inputs {
            analog,
            // After the capture, so that no edge lies in the future.
            now: pac::TIM2.cnt().read(),
            hall,
            button: self.button.is_low(),
            cartridge: self.cartridge.is_low(),
            home: self.home.is_low(),
            chip: self.chip_outcome.take(),
            flash,
        }
    }

    /// Drives everything.
    pub(crate) fn drive(&mut self, outputs: &Outputs) {
        // What switches off comes before what switches on: the brake must never meet a closed
        // cut-off.
        if outputs.brake {
            self.pwm.ch1().set_duty_cycle_fully_off();
            self.cutoff.set_low();
            self.brake.set_high();
        } else {
            self.brake.set_low();
            self.cutoff.set_level(level(outputs.cutoff_closed));
            self.pwm.ch1().set_duty_cycle(u32::from(outputs.duty));
        }
        self.stepper_enable
            .set_level(level(outputs.stepper_enabled));
        if let Some(train) = outputs.steps {
            await_steps();
            self.direction
                .set_level(level(train.direction == Direction::Outward));
            send_steps(train);
        }
        self.led.set_level(level(outputs.led));
        if let Some(command) = outputs.chip {
            self.chip_outcome = Some(self.talk(command));
        }
    }

    fn talk(&mut self, command: ChipCommand) -> ChipOutcome {
        match command {
            ChipCommand::Read { offset } => {
                let mut page = [0; PAGE_LEN];
                match self
                    .chip
                    .blocking_write_read(I2C_ADDRESS, &[offset], &mut page)
                {
                    Ok(()) => ChipOutcome::Read(page),
                    Err(_) => ChipOutcome::Failed,
                }
            }
            ChipCommand::Write { offset, page } => {
                let mut bytes = [offset; PAGE_LEN + 1];
                bytes[1..].copy_from_slice(&page);
                match self.chip.blocking_write(I2C_ADDRESS, &bytes) {
                    Ok(()) => ChipOutcome::Written,
                    Err(_) => ChipOutcome::Failed,
                }
            }
        }
    }
}

/// Motor pins off whatever else is wrong: for panics and exceptions.
pub(crate) fn emergency_off() {
    // Cut-off and brake low (reset half of BSRR), timer output disabled.
    pac::GPIOB.bsrr().write(|w| {
        w.set_br(0, true);
        w.set_br(1, true);
    });
    pac::TIM1.bdtr().modify(|w| w.set_moe(false));
}

fn level(high: bool) -> Level {
    if high { Level::High } else { Level::Low }
}

/// TIM2 counts microseconds for ever, captures the cam's Hall edges (RM0444 22.3.6), and gives the
/// control tick by comparing on its second channel, which has no pin.
///
/// The tick does not come from the executor's timer queue, which costs several hundred
/// instructions each time.
fn start_timer() {
    rcc::enable_and_reset::<peripherals::TIM2>();
    let timer = pac::TIM2;
    timer.psc().write_value(PRESCALER_1_MHZ);
    timer.arr().write_value(u32::MAX);
    timer.egr().write(|w| w.set_ug(true));
    timer.ccmr_input(0).modify(|w| {
        w.set_ccs(0, pac::timer::vals::CcmrInputCcs::TI4);
        w.set_icf(0, pac::timer::vals::FilterValue::FCK_INT_N8);
    });
    timer.ccer().write(|w| w.set_cce(0, true));
    timer.ccr(1).write_value(TICK_COUNTS);
    timer.dier().write(|w| w.set_ccie(1, true));
    timer.cr1().write(|w| w.set_cen(true));
    TIM2::unpend();
    // SAFETY: the handler is bound, and what it touches is set up.
    unsafe { TIM2::enable() };
}

/// The control tick's interrupt: asks for the next one and wakes the control loop.
pub(crate) struct TickHandler;

impl Handler<TIM2> for TickHandler {
    unsafe fn on_interrupt() {
        let timer = pac::TIM2;
        let next = timer.ccr(1).read().wrapping_add(TICK_COUNTS);
        timer.ccr(1).write_value(next);
        clear_flags(|w| w.set_ccif(1, false));
        TICK_DUE.signal(());
    }
}

/// Goes on ticking after the chip stood still for longer than a tick: the compare value lies behind
/// the counter by then, and would be met only when that has wrapped.
pub(crate) fn resume_ticks() {
    let timer = pac::TIM2;
    critical_section::with(|_| {
        let behind = timer.cnt().read().wrapping_sub(timer.ccr(1).read());
        if behind < u32::MAX / 2 {
            timer
                .ccr(1)
                .write_value(timer.cnt().read().wrapping_add(TICK_COUNTS));
        }
    });
}

/// Clears status flags of TIM2: they are cleared by writing zero, and ones change nothing.
fn clear_flags(clear: impl FnOnce(&mut pac::timer::regs::SrGp16)) {
    let mut flags = pac::timer::regs::SrGp16(u32::MAX);
    clear(&mut flags);
    pac::TIM2.sr().write_value(flags);
}

/// The last Hall edge since this was asked before.
fn capture() -> Option<Capture> {
    let timer = pac::TIM2;
    let status = timer.sr().read();
    if !status.ccif(0) {
        return None;
    }
    // Reading the capture clears its flag, but not the overrun flag.
    let at = timer.ccr(0).read();
    let overrun = status.ccof(0);
    if overrun {
        clear_flags(|w| w.set_ccof(0, false));
    }
    Some(Capture { at, overrun })
}

/// TIM16 makes a counted train of pulses: one-pulse mode with the repetition counter (RM0444
/// 25.3.15). PWM mode 2 rests low and ends each period with the pulse.
fn prepare_steps() {
    rcc::enable_and_reset::<peripherals::TIM16>();
    let timer = pac::TIM16;
    timer.psc().write_value(PRESCALER_1_MHZ);
    timer
        .ccmr_output(0)
        .modify(|w| w.set_ocm(0, pac::timer::vals::OcmLimited::PWM_MODE2));
    timer.ccer().write(|w| w.set_cce(0, true));
    timer.bdtr().write(|w| w.set_moe(true));
    timer.cr1().write(|w| {
        w.set_opm(true);
        w.set_urs(pac::timer::vals::Urs::COUNTER_ONLY);
    });
}

/// A tick that comes early, after one that a request made late, must neither cut the train before
/// it short nor turn its direction: a lost pulse is a lost step. A train ends within its tick, so
/// this wait is short.
fn await_steps() {
    while pac::TIM16.cr1().read().cen() {}
}

fn send_steps(train: StepTrain) {
    let timer = pac::TIM16;
    timer.arr().write(|w| w.set_arr(train.period - 1));
    timer.ccr(0).write(|w| w.set_ccr(train.period - STEP_WIDTH));
    timer.rcr().write(|w| w.set_rep(train.pulses - 1));
    // Loads prescaler and repetition counter.
    timer.egr().write(|w| w.set_ug(true));
    timer.cr1().modify(|w| w.set_cen(true));
}

/// Calibrates and enables the converter and lets DMA channel 1 collect sequences (RM0444 15.3).
fn start_converter() {
    rcc::enable_and_reset::<peripherals::ADC1>();
    pac::RCC.ahbenr().modify(|w| w.set_dma1en(true));
    let adc = pac::ADC1;
    adc.cfgr2()
        .modify(|w| w.set_ckmode(pac::adc::vals::Ckmode::PCLK_DIV2));
    adc.cr().modify(|w| w.set_advregen(true));
    // The regulator takes 20 µs (DS12232 table 59).
    cortex_m::asm::delay(640);
    adc.cr().modify(|w| w.set_adcal(true));
    while adc.cr().read().adcal() {}
    adc.isr().write(|w| w.set_adrdy(true));
    adc.cr().modify(|w| w.set_aden(true));
    while !adc.isr().read().adrdy() {}
    adc.smpr()
        .modify(|w| w.set_sample_time(0, pac::adc::vals::SampleTime::CYCLES12_5));
    adc.cfgr1().modify(|w| {
        w.set_dmaen(true);
        w.set_dmacfg(pac::adc::vals::Dmacfg::CIRCULAR);
        w.set_ovrmod(true);
    });
    adc.chselr().write(|w| {
        for channel in CHANNELS {
            w.set_chsel(channel, true);
        }
    });
    while !adc.isr().read().ccrdy() {}

    pac::DMAMUX1
        .ccr(0)
        .write(|w| w.set_dmareq_id(DMAMUX_REQUEST_ADC));
    let channel = pac::DMA1.ch(0);
    channel.par().write_value(adc.dr().as_ptr() as u32);
    channel.mar().write_value(CONVERSIONS.0.get() as u32);
    channel.ndtr().write(|w| w.set_ndt(CHANNELS.len() as u16));
    channel.cr().write(|w| {
        w.set_psize(pac::bdma::vals::Size::BITS16);
        w.set_msize(pac::bdma::vals::Size::BITS16);
        w.set_minc(true);
        w.set_circ(true);
        w.set_en(true);
    });
}

fn start_conversions() {
    pac::ADC1.cr().modify(|w| w.set_adstart(true));
}

/// The last sequence, if one is complete.
fn conversions() -> Option<AnalogCounts> {
    if !pac::ADC1.isr().read().eos() {
        return None;
    }
    pac::ADC1.isr().write(|w| w.set_eos(true));
    // SAFETY: the buffer is static, and no sequence is under way: the next one is started after
    // this has been read.
    let [position, motor_current, battery, nose] =
        unsafe { core::ptr::read_volatile(CONVERSIONS.0.get()) };
    Some(AnalogCounts {
        position,
        motor_current,
        battery,
        nose,
    })
}

/// Takes the parts of the board out of the chip's peripherals; what is left is the macro's rest.
macro_rules! parts {
    ($p:ident) => {
        crate::board::Parts {
            tim1: $p.TIM1,
            i2c1: $p.I2C1,
            pa0: $p.PA0,
            pa1: $p.PA1,
            pa4: $p.PA4,
            pa5: $p.PA5,
            pa6: $p.PA6,
            pa7: $p.PA7,
            pa8: $p.PA8,
            pb0: $p.PB0,
            pb1: $p.PB1,
            pb4: $p.PB4,
            pb5: $p.PB5,
            pb6: $p.PB6,
            pb7: $p.PB7,
            pb8: $p.PB8,
            pb9: $p.PB9,
            pb10: $p.PB10,
            pc13: $p.PC13,
        }
    };
}
pub(crate) use parts;

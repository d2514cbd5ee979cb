//! What the chip's pins meet on the board: voltages, switches, Hall sensor, motor and stepper.

use super::Chip;
use super::gpio::PinMode;
use super::schedule::Slot;

/// Port indices.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

/// Voltages and switches at the chip's input pins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Carriage position sensor on PA1 (IN1), in 12-bit LSB of 3.3 V with their fraction.
    pub carriage_lsb: f32,
    /// Motor current sensor on PA4 (IN4), in LSB.
    pub motor_current_lsb: f32,
    /// Half the battery voltage on PA6 (IN6), in LSB.
    pub battery_lsb: f32,
    /// Nose temperature on PA7 (IN7), in LSB.
    pub nose_lsb: f32,
    /// The cartridge switch closes: PB4 low.
    pub cartridge_fitted: bool,
    /// The home switch closes: PB10 low.
    pub at_home: bool,
    /// The button is pressed: PC13 low. Otherwise the board's resistor pulls it high.
    pub button_pressed: bool,
}

/// Duty of the motor PWM on PA8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PwmDuty {
    /// Counts of a period for which the pin is high.
    pub high: u32,
    /// Counts of a period; zero while no timer drives the pin.
    pub period: u32,
}

impl PwmDuty {
    /// The share of a period for which the motor switch is on, 0 to 1.
    #[must_use]
    pub fn ratio(self) -> f64 {
        if self.period == 0 {
            0.0
        } else {
            f64::from(self.high) / f64::from(self.period)
        }
    }
}

/// What the pins drive. A pin that nothing drives is held low by its resistor on the board, which
/// means off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Motor switch, PA8.
    pub motor: PwmDuty,
    /// Series cut-off, PB0: high closes the motor supply.
    pub cut_off_closed: bool,
    /// Brake, PB1: high shorts the motor.
    pub brake: bool,
    /// Stepper enable, PB5: high holds the carriage.
    pub stepper_enable: bool,
    /// Stepper direction, PB9: high is outward.
    pub stepper_outward: bool,
    /// Status LED, PA5.
    pub led: bool,
}

/// Pulses on the STEP pin, PB8, by the level of DIR at each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepPulses {
    /// With DIR high and the stepper enabled.
    pub outward: u32,
    /// With DIR low and the stepper enabled.
    pub inward: u32,
    /// While the stepper was not enabled: the driver ignores them.
    pub ignored: u32,
}

impl Chip {
    /// What the pins drive now.
    pub(crate) fn outputs(&mut self, now: u64) -> Outputs {
        let motor = if self.gpio[A].is_alternate(8, 2) {
            if self.tim1.duty_may_change() {
                self.tim1.sync(now);
            }
            self.tim1.duty()
        } else if self.gpio[A].drives_high(8) {
            Some((1, 1))
        } else {
            None
        };
        let (high, period) = motor.unwrap_or_default();
        Outputs {
            motor: PwmDuty { high, period },
            cut_off_closed: self.gpio[B].drives_high(0),
            brake: self.gpio[B].drives_high(1),
            stepper_enable: self.gpio[B].drives_high(5),
            stepper_outward: self.gpio[B].drives_high(9),
            led: self.gpio[A].drives_high(5),
        }
    }

    /// Whether [`Chip::outputs`] stay as they are and no STEP pulses come until the next event or
    /// the next instruction.
    pub(crate) fn outputs_stand(&self) -> bool {
        !self.tim1.duty_may_change() && !self.tim16.is_enabled()
    }

    /// Books the STEP pulses up to now under the levels that DIR and enable have had.
    pub(super) fn collect_steps(&mut self, now: u64) {
        self.tim16.sync(now);
        let rises = self.tim16.take_rises();
        if rises == 0 || !self.gpio[B].is_alternate(8, 2) || !self.tim16.drives_pin() {
            return;
        }
        if !self.gpio[B].drives_high(5) {
            self.steps.ignored += rises;
        } else if self.gpio[B].drives_high(9) {
            self.steps.outward += rises;
        } else {
            self.steps.inward += rises;
        }
    }

    /// Pulses since the last call.
    pub(crate) fn take_steps(&mut self, now: u64) -> StepPulses {
        self.collect_steps(now);
        std::mem::take(&mut self.steps)
    }

    /// Sets voltages and switches; whether interrupt lines may have changed.
    pub(crate) fn set_inputs(&mut self, inputs: &Inputs) -> bool {
        let switches = |it: &Inputs| (it.cartridge_fitted, it.at_home, it.button_pressed);
        let moved = switches(inputs) != switches(&self.inputs);
        self.inputs = *inputs;
        if moved {
            self.connect_inputs();
        } else {
            self.connect_voltages();
        }
        moved && self.exti.listens()
    }

    fn connect_voltages(&mut self) {
        self.adc.set_input(1, self.inputs.carriage_lsb);
        self.adc.set_input(4, self.inputs.motor_current_lsb);
        self.adc.set_input(6, self.inputs.battery_lsb);
        self.adc.set_input(7, self.inputs.nose_lsb);
    }

    pub(super) fn connect_inputs(&mut self) {
        self.connect_voltages();
        let closed = |is_closed: bool| is_closed.then_some(false);
        self.gpio[B].hold(4, closed(self.inputs.cartridge_fitted));
        self.gpio[B].hold(10, closed(self.inputs.at_home));
        self.gpio[C].hold(13, Some(!self.inputs.button_pressed));
        // The Hall sensor's pulses are short; between them its output is low.
        self.gpio[A].hold(0, Some(false));
        // The host's end of the link idles high.
        self.gpio[A].hold(3, Some(true));
        self.update_exti();
    }

    /// Shows EXTI the levels of the pins it listens to.
    pub(super) fn update_exti(&mut self) {
        if !self.exti.listens() {
            return;
        }
        let mut levels = 0;
        for line in 0..16_u32 {
            // Ports are numbered A to F; E is not on this chip.
            let port = match self.exti.port_of(line as usize) {
                port @ 0..=3 => port as usize,
                _ => 4,
            };
            let gpio = &self.gpio[port];
            if gpio.mode(line) != PinMode::Analog {
                levels |= gpio.levels() & 1 << line;
            }
        }
        self.exti.set_levels(levels);
        self.update_lines(super::Peripheral::Exti);
    }

    pub(crate) fn hall_edge(&mut self, cycle: u64) {
        self.hall_edges.push_back(cycle);
        self.refresh(Slot::Hall);
    }

    /// Lets conversions of the ADC never end, or end again.
    pub(crate) fn set_converter_dead(&mut self, is_dead: bool) {
        self.adc.is_dead = is_dead;
    }

    /// Wears the flash out.
    pub(crate) fn set_wear(&mut self, wear: super::Wear) {
        self.flash.wear = wear;
    }

    pub(crate) fn set_cartridge_chip(&mut self, content: Option<[u8; 128]>) {
        self.i2c.eeprom.set_content(content);
    }

    pub(crate) fn cartridge_chip(&self) -> Option<&[u8; 128]> {
        self.i2c.eeprom.content()
    }

    /// Something holds SCL of the cartridge's bus low, or lets it go.
    pub(crate) fn hold_cartridge_clock(&mut self, is_held: bool, now: u64) {
        self.i2c.hold_clock(is_held, now);
        self.refresh(Slot::I2c);
    }

    pub(crate) fn uart_receive(&mut self, cycle: u64, byte: u8) {
        self.usart.queue_arrival(cycle, byte);
        self.refresh(Slot::Usart);
    }

    /// Sets how long a bit of the link's other end is.
    pub(crate) fn set_host_bit(&mut self, cycles: f64) {
        self.usart.set_host_bit(cycles);
    }

    pub(crate) fn take_uart_sent(&mut self) -> Vec<(u64, u8)> {
        self.usart.take_sent()
    }
}

//! Opens the debug probe, and sees to it that none is waited for without an end.
//!
//! probe-rs' driver for network probes takes a closed connection for an empty answer and reads
//! again, for ever (probe-rs 0.32, `probe/glasgow/net.rs`: a read of length 0 goes round the
//! loop). So such a probe works in a thread of its own, and each access has a deadline. One that
//! passed it, or whose driver panicked, is gone and stays so.

use probe_rs::CoreStatus;
use probe_rs::architecture::arm::{
    ArmCommunicationInterface, ArmDebugInterface, ArmError, DapProbe, RawDapAccess,
    RegisterAddress, sequences::ArmDebugSequence,
};
use probe_rs::probe::glasgow::GlasgowFactory;
use probe_rs::probe::list::Lister;
use probe_rs::probe::{
    DebugProbe, DebugProbeError, DebugProbeSelector, Probe, ProbeFactory as _, WireProtocol,
};
use rig_bench::BenchError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Vendor and product id by which probe-rs selects a probe of the Glasgow kind.
const GLASGOW: (u16, u16) = (0x20B7, 0x9DB1);
/// Longest that one access to a probe may take: a page erase takes 40 ms, and probe-rs polls it.
const DEADLINE: Duration = Duration::from_secs(5);

/// Counts the probes that are out, and those that were.
#[derive(Clone, Debug, Default)]
pub(crate) struct InUse(Arc<AtomicUsize>);

impl InUse {
    /// Whether a probe may have moved bench time since this was asked before.
    pub(crate) fn take(&self) -> bool {
        // Two for each that is out, and one if any was given back.
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                Some(count & !1)
            })
            .unwrap_or(0)
            > 0
    }

    fn begin(&self) {
        self.0.fetch_add(2, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0.fetch_sub(2, Ordering::Relaxed);
        self.0.fetch_or(1, Ordering::Relaxed);
    }
}

/// Opens the probe that a selector names.
pub(crate) fn open(selector: &DebugProbeSelector, in_use: &InUse) -> Result<Probe, BenchError> {
    let network = selector.serial_number.as_deref().filter(|serial| {
        (selector.vendor_id, selector.product_id) == GLASGOW
            && (serial.starts_with("tcp:") || serial.starts_with("unix:"))
    });
    let opened = match network {
        Some(_) => Guarded::open(selector.clone(), in_use.clone()).map(Probe::new),
        // USB drivers bound each transfer themselves. That such a probe was used shows only once.
        None => Lister::new().open(selector.clone()).inspect(|_| {
            in_use.begin();
            in_use.end();
        }),
    };
    opened.map_err(|error| BenchError::Probe {
        cause: format!(
            "{selector} cannot be opened: {}; check that it is plugged in and no other program uses it",
            with_causes(&error)
        ),
    })
}

/// An error and its causes on one line.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

type Job = Box<dyn FnOnce(&mut Box<dyn DebugProbe>) + Send>;

/// A probe in a thread of its own.
struct Guarded {
    /// Nothing once the probe is to be given back.
    jobs: Option<Sender<Job>>,
    /// Ends when the thread has given the probe back.
    given_back: Receiver<()>,
    name: String,
    speed_khz: u32,
    gone: Option<String>,
    in_use: InUse,
}

impl Guarded {
    fn open(selector: DebugProbeSelector, in_use: InUse) -> Result<Self, DebugProbeError> {
        let (jobs, work) = channel::<Job>();
        let (ready, opened) = channel();
        let (alive, given_back) = channel::<()>();
        thread::Builder::new()
            .name("debug probe".to_owned())
            .spawn(move || {
                serve(&selector, &ready, &work);
                drop(alive);
            })
            .map_err(DebugProbeError::Usb)?;
        let (name, speed_khz) = opened.recv_timeout(DEADLINE).map_err(|_| gone(LATE))??;
        in_use.begin();
        Ok(Self {
            jobs: Some(jobs),
            given_back,
            name,
            speed_khz,
            gone: None,
            in_use,
        })
    }

    /// Lets the probe do something, at most until the deadline.
    fn call<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut dyn DebugProbe) -> T + Send + 'static,
    ) -> Result<T, DebugProbeError> {
        if let Some(cause) = &self.gone {
            return Err(gone(cause));
        }
        let (done, result) = channel();
        let job: Job = Box::new(move |probe| {
            // Who waited has gone if this fails.
            let _ = done.send(job(probe.as_mut()));
        });
        let is_sent = self
            .jobs
            .as_ref()
            .is_some_and(|jobs| jobs.send(job).is_ok());
        let cause = match is_sent.then(|| result.recv_timeout(DEADLINE)) {
            Some(Ok(value)) => return Ok(value),
            Some(Err(RecvTimeoutError::Timeout)) => LATE,
            Some(Err(RecvTimeoutError::Disconnected)) | None => "its driver broke down",
        };
        self.gone = Some(cause.to_owned());
        Err(gone(cause))
    }

    /// The same for an access to the debug port.
    fn access<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut dyn DapProbe) -> Result<T, ArmError> + Send + 'static,
    ) -> Result<T, ArmError> {
        self.call(|probe| match probe.try_as_dap_probe() {
            Some(probe) => job(probe),
            None => Err(ArmError::Other("probe has no debug port".to_owned())),
        })?
    }
}

const LATE: &str = "no answer for 5 s";

fn gone(cause: &str) -> DebugProbeError {
    DebugProbeError::Other(format!(
        "the debug probe is gone ({cause}); check its cable or its server and begin again"
    ))
}

fn serve(
    selector: &DebugProbeSelector,
    ready: &Sender<Result<(String, u32), DebugProbeError>>,
    work: &Receiver<Job>,
) {
    let mut probe = match GlasgowFactory.open(selector) {
        Ok(probe) => probe,
        Err(error) => {
            // Who waited has gone if this fails.
            let _ = ready.send(Err(error));
            return;
        }
    };
    if ready
        .send(Ok((probe.get_name().to_owned(), probe.speed_khz())))
        .is_err()
    {
        return;
    }
    for job in work {
        job(&mut probe);
    }
}

impl Drop for Guarded {
    /// Waits until the probe is given back, so that it can be opened again at once; not for one
    /// that is gone.
    fn drop(&mut self) {
        self.in_use.end();
        self.jobs = None;
        if self.gone.is_none() {
            // Ends with an error either way: nobody sends.
            let _ = self.given_back.recv_timeout(DEADLINE);
        }
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl DebugProbe for Guarded {
    fn get_name(&self) -> &str {
        &self.name
    }

    fn speed_khz(&self) -> u32 {
        self.speed_khz
    }

    fn set_speed(&mut self, speed_khz: u32) -> Result<u32, DebugProbeError> {
        self.speed_khz = self.call(move |probe| probe.set_speed(speed_khz))??;
        Ok(self.speed_khz)
    }

    fn attach(&mut self) -> Result<(), DebugProbeError> {
        self.call(|probe| probe.attach())?
    }

    fn detach(&mut self) -> Result<(), probe_rs::Error> {
        self.call(|probe| probe.detach())?
    }

    fn target_reset(&mut self) -> Result<(), DebugProbeError> {
        self.call(|probe| probe.target_reset())?
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        self.call(|probe| probe.target_reset_assert())?
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        self.call(|probe| probe.target_reset_deassert())?
    }

    fn select_protocol(&mut self, protocol: WireProtocol) -> Result<(), DebugProbeError> {
        self.call(move |probe| probe.select_protocol(protocol))?
    }

    fn active_protocol(&self) -> Option<WireProtocol> {
        Some(WireProtocol::Swd)
    }

    fn has_arm_interface(&self) -> bool {
        true
    }

    fn try_get_arm_debug_interface<'probe>(
        self: Box<Self>,
        sequence: Arc<dyn ArmDebugSequence>,
    ) -> Result<Box<dyn ArmDebugInterface + 'probe>, (Box<dyn DebugProbe>, ArmError)> {
        // As the driver itself does: it handles WAIT and FAULT.
        Ok(ArmCommunicationInterface::create(self, sequence, false))
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn try_as_dap_probe(&mut self) -> Option<&mut dyn DapProbe> {
        Some(self)
    }
}

impl DapProbe for Guarded {}

impl RawDapAccess for Guarded {
    fn raw_read_register(&mut self, address: RegisterAddress) -> Result<u32, ArmError> {
        self.access(move |probe| probe.raw_read_register(address))
    }

    fn raw_read_block(
        &mut self,
        address: RegisterAddress,
        values: &mut [u32],
    ) -> Result<(), ArmError> {
        let mut read = vec![0; values.len()];
        let read = self.access(move |probe| {
            probe.raw_read_block(address, &mut read)?;
            Ok(read)
        })?;
        values.copy_from_slice(&read);
        Ok(())
    }

    fn raw_write_register(&mut self, address: RegisterAddress, value: u32) -> Result<(), ArmError> {
        self.access(move |probe| probe.raw_write_register(address, value))
    }

    fn raw_write_block(
        &mut self,
        address: RegisterAddress,
        values: &[u32],
    ) -> Result<(), ArmError> {
        let values = values.to_vec();
        self.access(move |probe| probe.raw_write_block(address, &values))
    }

    fn raw_flush(&mut self) -> Result<(), ArmError> {
        self.access(|probe| probe.raw_flush())
    }

    fn jtag_sequence(&mut self, cycles: u8, tms: bool, tdi: u64) -> Result<(), DebugProbeError> {
        self.access(move |probe| Ok(probe.jtag_sequence(cycles, tms, tdi)))
            .map_err(|error| DebugProbeError::Other(error.to_string()))?
    }

    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.access(move |probe| Ok(probe.swj_sequence(bit_len, bits)))
            .map_err(|error| DebugProbeError::Other(error.to_string()))?
    }

    fn swj_pins(
        &mut self,
        pin_out: u32,
        pin_select: u32,
        pin_wait: u32,
    ) -> Result<u32, DebugProbeError> {
        self.access(move |probe| Ok(probe.swj_pins(pin_out, pin_select, pin_wait)))
            .map_err(|error| DebugProbeError::Other(error.to_string()))?
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn core_status_notification(&mut self, state: CoreStatus) -> Result<(), DebugProbeError> {
        self.access(move |probe| Ok(probe.core_status_notification(state)))
            .map_err(|error| DebugProbeError::Other(error.to_string()))?
    }
}

//! Faults brought about on demand, as a fixture of steel does it with relays and stops.

use super::{VirtualBench, lock};
use crate::chip::Wear;
use crate::scenario::{Affected, Fault, FaultKind, OnDemand, on_demand};
use firmware_units::Nanoseconds;
use firmware_wire::calibration::{COPY_A, COPY_B};
use rig_bench::{BenchError, BenchFault, FaultId};
use std::collections::BTreeMap;

/// Bytes of a page of the flash.
const PAGE_LEN: usize = 2_048;
/// Where the flash begins.
const FLASH_BASE: u32 = 0x0800_0000;

/// Which faults the bench offers, and those that are there now.
pub(super) struct Injector {
    offered: Vec<BenchFault>,
    kinds: Vec<OnDemand>,
    /// Faults of the scenario, which stand before those brought about.
    n_standing: usize,
    /// Wear of the flash by the scenario.
    wear: Wear,
    /// What is there now, with the pages of the flash as they were before.
    present: BTreeMap<u16, Vec<(u32, Vec<u8>)>>,
}

impl Injector {
    /// Everything of the catalogue that can come and go while a pen is looked at.
    pub(super) fn new(n_standing: usize, wear: Wear) -> Self {
        let kinds: Vec<OnDemand> = on_demand().collect();
        let offered = kinds.iter().map(|it| BenchFault {
            name: it.label(),
            contained: it.entry.contained,
            does: it.entry.does.to_owned(),
        });
        Self {
            offered: offered.collect(),
            kinds,
            n_standing,
            wear,
            present: BTreeMap::new(),
        }
    }

    pub(super) fn offered(&self) -> &[BenchFault] {
        &self.offered
    }
}

impl VirtualBench {
    /// Brings a fault about, or takes it away; doing so twice does nothing more.
    pub(super) fn set_fault(
        &mut self,
        FaultId(id): FaultId,
        present: bool,
    ) -> Result<(), BenchError> {
        let Some(on_demand) = self.injector.kinds.get(usize::from(id)).copied() else {
            let n = self.injector.kinds.len();
            let cause = format!("no fault with number {id}; there are {n}");
            return Err(self.fail(BenchError::Fixture { cause }));
        };
        if self.injector.present.contains_key(&id) == present {
            return Ok(());
        }
        if present {
            let pages = self.strike(on_demand);
            self.injector.present.insert(id, pages);
        } else if let Some(pages) = self.injector.present.remove(&id) {
            self.take_back(on_demand.kind, &pages);
        }
        Ok(())
    }

    /// Lets a fault strike now; gives the pages of the flash that it wipes.
    fn strike(&mut self, OnDemand { entry, kind, .. }: OnDemand) -> Vec<(u32, Vec<u8>)> {
        let copies: &[u32] = match kind {
            FaultKind::CalibrationLost => &[COPY_A, COPY_B],
            FaultKind::CalibrationCopyLost => &[COPY_A],
            FaultKind::FlashPageStuck { .. } | FaultKind::FlashPageWeak { .. } => {
                let mut wear = self.injector.wear;
                match kind {
                    FaultKind::FlashPageStuck { page } => wear.stuck_page = Some(page as usize),
                    FaultKind::FlashPageWeak { page } => wear.weak_page = Some(page as usize),
                    _ => {}
                }
                lock(&self.machine).set_wear(wear);
                return Vec::new();
            }
            _ => {
                self.world.inject(Fault {
                    name: entry.name,
                    kind,
                    affected: Affected::All,
                    from: Nanoseconds(self.now_ns),
                    until: None,
                    contained: entry.contained,
                });
                return Vec::new();
            }
        };
        let mut machine = lock(&self.machine);
        let wipe = |&copy: &u32| {
            let start = (copy - FLASH_BASE) as usize;
            let page = machine.flash()[start..start + PAGE_LEN].to_vec();
            machine.program_factory(copy, &[0xFF; PAGE_LEN]);
            (copy, page)
        };
        copies.iter().map(wipe).collect()
    }

    fn take_back(&mut self, kind: FaultKind, pages: &[(u32, Vec<u8>)]) {
        match kind {
            FaultKind::CalibrationLost | FaultKind::CalibrationCopyLost => {
                let mut machine = lock(&self.machine);
                for (copy, page) in pages {
                    machine.program_factory(*copy, page);
                }
            }
            FaultKind::FlashPageStuck { .. } | FaultKind::FlashPageWeak { .. } => {
                lock(&self.machine).set_wear(self.injector.wear);
            }
            _ => {
                let n_standing = self.injector.n_standing;
                let now = Nanoseconds(self.now_ns);
                self.world.take_back(&kind, n_standing, now);
            }
        }
    }
}

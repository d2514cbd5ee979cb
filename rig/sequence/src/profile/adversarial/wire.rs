//! Bursts that race, and frames that are damaged, repeated or late.

use super::Chaos;
use super::tables::{self, Damage, Race};
use crate::action::Action;
use firmware_wire::{MAX_FRAME_LEN, Request, SettingId, encode};

impl Chaos<'_> {
    pub(super) fn race(&mut self) {
        let mut set = self.depth_near(self.ranges.armed);
        if self.draw.one_in(2) {
            set = self.depth_near(self.ranges.range);
        }
        let requests = match self.draw.choose(&tables::RACE) {
            Race::StopSet => vec![Request::Stop, set],
            Race::StartStop => vec![Request::Start, Request::Stop],
            Race::StopStart => vec![Request::Stop, Request::Start],
            Race::SetStart => vec![set, Request::Start],
            Race::StartSet => vec![Request::Start, set],
            Race::UnlockSetStart => vec![Request::UnlockDepth, set, Request::Start],
            Race::LockSet if self.draw.one_in(2) => vec![Request::LockDepth, set],
            Race::LockSet => vec![set, Request::LockDepth],
            Race::PresetSetStart => vec![self.any_preset(), set, Request::Start],
            Race::PauseStart => vec![Request::Pause, Request::Start],
            Race::PauseSection => vec![Request::Pause, Request::NextSection, Request::Start],
            Race::EndStart => vec![Request::EndTreatment, Request::Start],
            Race::UnlockEndSet => vec![Request::UnlockDepth, Request::EndTreatment, set],
            Race::ClearStart => vec![Request::ClearFaults, Request::Start],
            Race::IdentifyStart => vec![Request::Identify, Request::Start],
            Race::Flood => vec![Request::GetStatus; 20],
        };
        self.act(Action::Burst(requests));
    }

    pub(super) fn frames(&mut self) {
        let damage = self.draw.choose(&tables::DAMAGE);
        let action = self.damaged(damage);
        self.act(action);
    }

    /// What is no whole new frame.
    pub(super) fn damaged(&mut self, damage: Damage) -> Action {
        let request = self.wanted();
        let length = encode(0, &request).map_or(2, |frame| frame.len() as u64);
        match damage {
            Damage::Repeat => Action::Repeat,
            Damage::Late => Action::Late {
                request,
                back: self.draw.log_between(1, 1_000) as u16,
            },
            Damage::CutShort => Action::CutShort {
                request,
                bytes: self.draw.between(1, length - 1) as u8,
            },
            Damage::Flipped => Action::Flipped {
                request,
                bit: self.draw.below(8 * (length - 1)) as u16,
            },
            Damage::Garbage => {
                let n_bytes = self.draw.between(1, 40);
                Action::Garbage((0..n_bytes).map(|_| self.draw.below(256) as u8).collect())
            }
            Damage::Oversized => {
                let n_bytes = self.draw.between(MAX_FRAME_LEN as u64 + 1, 200);
                let mut bytes: Vec<u8> = (0..n_bytes)
                    .map(|_| 1 + self.draw.below(255) as u8)
                    .collect();
                bytes.push(0);
                Action::Garbage(bytes)
            }
            Damage::Zeros => Action::Garbage(vec![0; self.draw.between(1, 8) as usize]),
        }
    }

    fn wanted(&mut self) -> Request {
        if self.draw.one_in(4) {
            return self.depth_near(self.ranges.range);
        }
        self.draw.choose(&tables::WANTED)
    }

    pub(super) fn any_request(&mut self) -> Request {
        let any = [
            Request::Identify,
            Request::GetStatus,
            Request::Get(SettingId::Depth),
            Request::Get(SettingId::Rate),
            Request::ClearPreset,
            Request::UnlockDepth,
            Request::LockDepth,
            Request::Start,
            Request::Stop,
            Request::Stop,
            Request::EndTreatment,
            Request::ClearFaults,
            Request::Heartbeat,
            Request::GetCalibration,
            Request::GetLinkCounters,
            Request::Hello { revision: 0 },
            Request::Hello { revision: 1 },
            Request::Hello { revision: 255 },
            Request::Pause,
            Request::Pause,
            Request::NextSection,
            Request::GetTreatment,
            Request::GetCartridge,
            Request::GetLog(0),
            Request::GetLog(u32::MAX),
            Request::GetLinkReport,
        ];
        self.draw.of(&any).copied().unwrap_or(Request::GetStatus)
    }
}

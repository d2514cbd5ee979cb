//! What host and pen agree on within a protocol version.
//!
//! The protocol *version* stands in every frame and changes when something stops meaning what it
//! meant. A *revision* only adds variants at the end of enums. A pen says nothing of a revision of
//! its own accord before the host has said that it knows it; a request of a later revision is
//! answered in that revision's words, since whoever asks knows them:
//!
//! 1. Revision 0, that of firmware 1.0.0, is in force after reset and after
//!    [`Request::Identify`](crate::Request::Identify), with which a host opens its conversation.
//! 2. [`Request::Hello`](crate::Request::Hello) names the host's revision; the answer names the
//!    lower of the two, which is in force from then on. A pen of revision 0 does not know the
//!    message and answers [`Reply::NotUnderstood`].
//! 3. What only a later revision can say is said in the words of the one in force
//!    ([`Reply::as_of`]). Fault bits are exempt: a
//!    [`FaultSet`](crate::FaultSet) is a number, and hiding a fault would be worse than a bit
//!    without a name.
//!
//! A host of a newer *version* is answered `NotUnderstood` with the version spoken here, in a frame
//! of that version.

use crate::message::{Refusal, Reply, State, Status, Telemetry};

/// The newest revision of protocol version 1.
pub const REVISION: u8 = 1;

impl Reply {
    /// The reply in the words of a revision; `cartridge_usable` tells what an idle pen was called
    /// before there was a word for its sleep.
    #[must_use]
    pub fn as_of(self, revision: u8, cartridge_usable: bool) -> Self {
        if revision >= 1 {
            return self;
        }
        let known = |state| match state {
            State::Paused | State::Asleep if cartridge_usable => State::Ready,
            State::Paused | State::Asleep => State::Standby,
            other => other,
        };
        match self {
            Self::Status(status) => Self::Status(Status {
                state: known(status.state),
                ..status
            }),
            Self::Telemetry(telemetry) => Self::Telemetry(Telemetry {
                state: known(telemetry.state),
                ..telemetry
            }),
            // "Ask again" is what an old host is to do.
            Self::Refused(Refusal::OutOfOrder) => Self::Refused(Refusal::Busy),
            other => other,
        }
    }
}

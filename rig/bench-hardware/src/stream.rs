//! The rig's end of the instrument stream: numbers commands, and insists that no frame is lost.

use rig_fixture_wire::{Command, DecodeError, Decoder, Report, VERSION, encode};

/// What the controller sends cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StreamError {
    #[error(
        "its controller speaks version {found} of the instrument stream, this program {VERSION}; update the older of the two"
    )]
    Version { found: u8 },
    #[error(
        "{missing} frames of the instrument stream were lost before frame {number}; samples may be gone"
    )]
    Lost { missing: u16, number: u16 },
    #[error("a frame of the instrument stream came broken ({cause}); samples may be gone")]
    Broken { cause: DecodeError },
    #[error("a command does not fit a frame")]
    TooLong,
}

/// State of the stream.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    decoder: Decoder<Report>,
    next_command: u16,
    /// Number of the next frame; nothing before the first reply, since what stands in a port's
    /// buffer may be of a session before.
    next_report: Option<u16>,
}

impl Stream {
    /// The frame of a command, and its number.
    pub(crate) fn command(&mut self, command: &Command) -> Result<(u16, Vec<u8>), StreamError> {
        let number = self.next_command;
        let bytes = encode(number, command).map_err(|_| StreamError::TooLong)?;
        self.next_command = number.wrapping_add(1);
        Ok((number, bytes))
    }

    /// Takes bytes as they come and gives what they complete.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Report>, StreamError> {
        let mut reports = Vec::new();
        for frame in self.decoder.extend(bytes) {
            match (frame, self.next_report) {
                (Ok(frame), next) => {
                    let missing = next.map_or(0, |next| frame.number.wrapping_sub(next));
                    if missing > 0 {
                        let number = frame.number;
                        return Err(StreamError::Lost { missing, number });
                    }
                    if next.is_some() || matches!(frame.message, Report::Reply { .. }) {
                        self.next_report = Some(frame.number.wrapping_add(1));
                    }
                    reports.push(frame.message);
                }
                (Err(DecodeError::Version { version: found, .. }), _) => {
                    return Err(StreamError::Version { found });
                }
                // As above.
                (Err(_), None) => {}
                (Err(cause), Some(_)) => return Err(StreamError::Broken { cause }),
            }
        }
        Ok(reports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_fixture_wire::Reply;

    fn time(number: u16, now_ns: u64) -> Vec<u8> {
        encode(number, &Report::Time { now_ns }).unwrap()
    }

    fn done(number: u16) -> (Vec<u8>, Report) {
        let reply = Reply::Done { now_ns: 0 };
        let report = Report::Reply { to: 0, reply };
        (encode(number, &report).unwrap(), report)
    }

    #[test]
    fn the_first_reply_sets_the_number_and_none_may_be_lost() {
        let mut stream = Stream::default();
        let (reply, report) = done(u16::MAX);
        // What a session before has left: half a frame, and a whole one.
        let mut bytes = vec![7, 9, 0];
        bytes.extend(time(500, 5));
        bytes.extend(reply);
        bytes.extend(time(0, 6));
        let expected = vec![
            Report::Time { now_ns: 5 },
            report,
            Report::Time { now_ns: 6 },
        ];
        assert_eq!(stream.take(&bytes), Ok(expected));
        let (missing, number) = (2, 3);
        assert_eq!(
            stream.take(&time(3, 7)),
            Err(StreamError::Lost { missing, number })
        );
    }

    #[test]
    fn a_broken_frame_after_the_first_reply_is_an_error() {
        let mut stream = Stream::default();
        stream.take(&done(0).0).unwrap();
        let cause = DecodeError::Malformed;
        assert_eq!(
            stream.take(&[1, 2, 3, 0]),
            Err(StreamError::Broken { cause })
        );
    }

    #[test]
    fn commands_are_numbered() {
        let mut stream = Stream::default();
        assert_eq!(stream.command(&Command::KeepAlive).unwrap().0, 0);
        assert_eq!(stream.command(&Command::KeepAlive).unwrap().0, 1);
    }
}

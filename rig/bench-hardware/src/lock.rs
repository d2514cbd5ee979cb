//! One rig a bench: a lock file with who holds it and until when.
//!
//! The file beside the bench file is held with the operating system's lock while its holder
//! lives, and says pid, host, operator and the end of the lease for people and for other hosts.
//! What a dead holder left behind, or one elsewhere whose lease is over, is taken over; that is
//! said.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// How long a holder that no longer says anything keeps the bench from others.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// A lease is renewed when less than this is left of it.
const RENEWED: SignedDuration = SignedDuration::from_mins(8);

/// Who holds a bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// As claimed on the command line.
    pub operator: String,
    /// End of the lease.
    pub expires: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} on {}", self.pid, self.host)?;
        if !self.operator.is_empty() {
            write!(f, " for {}", self.operator)?;
        }
        write!(f, ", lease until {:.0}", self.expires)
    }
}

/// The bench cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody works with it.
    #[error("held by {holder}; wait until it ends (lock file {path})")]
    Held {
        /// Who, as the lock file says.
        holder: String,
        /// The lock file.
        path: String,
    },
    /// The lock file cannot be made, read or written.
    #[error("lock file {path}")]
    File {
        /// The lock file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A bench that is ours until this is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    holder: Holder,
    taken_over: Option<String>,
}

impl Lock {
    /// Takes the bench of a bench file.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(bench_file: &Path, operator: &str) -> Result<Self, LockError> {
        Self::take_as(bench_file, operator, &host(), Timestamp::now())
    }

    fn take_as(
        bench_file: &Path,
        operator: &str,
        host: &str,
        now: Timestamp,
    ) -> Result<Self, LockError> {
        let mut path = bench_file.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let fault = |source| LockError::File {
            path: path.display().to_string(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fault)?;
        let is_ours = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        };
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(fault)?;
        let before: Option<Holder> = toml::from_str(&text).ok();
        let held = |holder: String| LockError::Held {
            holder,
            path: path.display().to_string(),
        };
        let taken_over = match before {
            _ if !is_ours => {
                let holder = before.map_or("a process that has just begun".to_owned(), |it| {
                    it.to_string()
                });
                return Err(held(holder));
            }
            // The operating system's lock need not reach other hosts: there the lease counts.
            Some(before) if before.host != host && before.expires > now => {
                return Err(held(before.to_string()));
            }
            Some(before) if before.host != host => Some(format!("its lease is over: {before}")),
            Some(before) => Some(format!("it ended without giving the bench back: {before}")),
            None => None,
        };
        let holder = Holder {
            pid: std::process::id(),
            host: host.to_owned(),
            operator: operator.to_owned(),
            expires: now,
        };
        let mut lock = Self {
            file,
            path,
            holder,
            taken_over,
        };
        lock.renew_at(now)?;
        Ok(lock)
    }

    /// From whom the bench was taken over and why, if it was.
    #[must_use]
    pub fn taken_over(&self) -> Option<&str> {
        self.taken_over.as_deref()
    }

    /// Puts the end of the lease off while the bench is in use.
    ///
    /// # Errors
    /// The lock file cannot be written.
    pub fn renew(&mut self) -> Result<(), LockError> {
        self.renew_at(Timestamp::now())
    }

    fn renew_at(&mut self, now: Timestamp) -> Result<(), LockError> {
        if self.holder.expires.duration_since(now) > RENEWED {
            return Ok(());
        }
        self.holder.expires = now + LEASE;
        let text = format!(
            "pid = {}\nhost = {:?}\noperator = {:?}\nexpires = \"{}\"\n",
            self.holder.pid, self.holder.host, self.holder.operator, self.holder.expires
        );
        self.write(&text).map_err(|source| LockError::File {
            path: self.path.display().to_string(),
            source,
        })
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()
    }
}

impl Drop for Lock {
    /// An empty file is nobody's. It stays: who removed it could remove another's.
    fn drop(&mut self) {
        // If that fails, the next one takes over and says so.
        let _ = self.write("");
    }
}

/// This host's name.
fn host() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .unwrap_or_else(|| "unnamed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NINE: &str = "2026-05-04T09:00:00Z";

    #[test]
    fn a_held_bench_is_refused_and_says_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let bench = dir.path().join("bench.toml");
        let first = Lock::take_as(&bench, "Ada", "lab-1", time(NINE)).unwrap();
        assert_eq!(first.taken_over(), None);
        // However old: it lives.
        let later = time("2026-05-04T12:00:00Z");
        let error = Lock::take_as(&bench, "Bob", "lab-1", later).unwrap_err();
        let expected = format!(
            "held by process {} on lab-1 for Ada, lease until 2026-05-04T09:10:00Z; wait until it ends (lock file {}.lock)",
            std::process::id(),
            bench.display()
        );
        assert_eq!(error.to_string(), expected);
        drop(first);
        let second = Lock::take_as(&bench, "Bob", "lab-1", time(NINE)).unwrap();
        assert_eq!(second.taken_over(), None);
    }

    #[test]
    fn what_a_dead_holder_left_is_taken_over_and_that_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let bench = dir.path().join("bench.toml");
        let left =
            "pid = 7\nhost = \"lab-1\"\noperator = \"Ada\"\nexpires = \"2026-05-04T09:10:00Z\"\n";
        std::fs::write(dir.path().join("bench.toml.lock"), left).unwrap();
        let lock = Lock::take_as(&bench, "", "lab-1", time(NINE)).unwrap();
        assert_eq!(
            lock.taken_over(),
            Some(
                "it ended without giving the bench back: process 7 on lab-1 for Ada, lease until 2026-05-04T09:10:00Z"
            )
        );
    }

    #[test]
    fn a_lease_of_another_host_counts_until_it_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let bench = dir.path().join("bench.toml");
        let left =
            "pid = 7\nhost = \"lab-2\"\noperator = \"\"\nexpires = \"2026-05-04T09:10:00Z\"\n";
        std::fs::write(dir.path().join("bench.toml.lock"), left).unwrap();
        let early = Lock::take_as(&bench, "", "lab-1", time(NINE)).unwrap_err();
        assert!(
            early
                .to_string()
                .starts_with("held by process 7 on lab-2, lease")
        );
        let late = time("2026-05-04T09:10:01Z");
        let lock = Lock::take_as(&bench, "", "lab-1", late).unwrap();
        assert_eq!(
            lock.taken_over(),
            Some("its lease is over: process 7 on lab-2, lease until 2026-05-04T09:10:00Z")
        );
    }

    #[test]
    fn a_lease_in_use_is_renewed() {
        let dir = tempfile::tempdir().unwrap();
        let bench = dir.path().join("bench.toml");
        let mut lock = Lock::take_as(&bench, "Ada \"the\" first", "lab-1", time(NINE)).unwrap();
        let read = || -> Holder {
            let text = std::fs::read_to_string(dir.path().join("bench.toml.lock")).unwrap();
            toml::from_str(&text).unwrap()
        };
        lock.renew_at(time("2026-05-04T09:01:00Z")).unwrap();
        assert_eq!(read().expires, time("2026-05-04T09:10:00Z"));
        lock.renew_at(time("2026-05-04T09:05:00Z")).unwrap();
        assert_eq!(read().expires, time("2026-05-04T09:15:00Z"));
        assert_eq!(read().operator, "Ada \"the\" first");
    }
}

//! The index of a folder of runs: an SQLite file beside them that is made from them, and made anew
//! whenever it is not as this program left it.

use crate::Failure;
use anyhow::{Context as _, anyhow};
use rig_history::{ResultEntry, RowEntry, RunEntry, UnitEntry};
use rig_record::BenchKind;
use rusqlite::{Connection, OpenFlags, Row, Transaction, params};
use std::fmt::Display;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

/// Name of the file.
pub(super) const INDEX: &str = "history.sqlite";
/// Name of the file that is locked while the index is in use.
const LOCK: &str = "history.lock";
/// `PENH`, in SQLite's header.
const APPLICATION: i64 = 0x5045_4e48;
/// Version of the tables below; an index of another is made anew.
pub(super) const SCHEMA: i64 = 1;

const TABLES: &str = "
CREATE TABLE run (
    id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL, head TEXT NOT NULL,
    digest TEXT NOT NULL, run_id TEXT NOT NULL, begun TEXT NOT NULL, number INTEGER NOT NULL,
    kind TEXT NOT NULL, lot TEXT NOT NULL, plan TEXT NOT NULL, started TEXT NOT NULL, ended TEXT,
    spec TEXT NOT NULL, firmware TEXT NOT NULL, station TEXT NOT NULL, disposition TEXT NOT NULL
) STRICT;
CREATE TABLE spec_row (
    run INTEGER NOT NULL, position INTEGER NOT NULL, row TEXT NOT NULL, measurand TEXT NOT NULL,
    unit TEXT NOT NULL, lower INTEGER, upper INTEGER, is_required INTEGER NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE unit (
    run INTEGER NOT NULL, position INTEGER NOT NULL, serial TEXT NOT NULL, bench TEXT NOT NULL,
    standing TEXT NOT NULL, is_first_pass INTEGER NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE result (
    run INTEGER NOT NULL, unit INTEGER NOT NULL, position INTEGER NOT NULL, row TEXT NOT NULL,
    value INTEGER, expanded INTEGER, is_left_out INTEGER NOT NULL, verdict TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (run, unit, position)
) STRICT, WITHOUT ROWID;
";

/// One run as the index has it.
pub(super) struct Stored {
    /// Name of its folder.
    pub(super) folder: String,
    /// SHA-256 over everything that the entry is made of.
    pub(super) fingerprint: String,
    /// Last hash of the run's chain.
    pub(super) head: String,
    pub(super) entry: RunEntry,
}

/// An open index.
pub(super) struct Index {
    connection: Connection,
    /// Held by whoever has the file open: an index is made anew by taking the file away, which no
    /// other program may be reading then. Given back when this is dropped; none of one in memory.
    lock: Option<File>,
}

/// Who may use the index of a folder.
enum Turn {
    Ours(File),
    /// Another program has it.
    Theirs,
    /// The folder cannot be written, so nobody keeps an index there.
    Nobodys(std::io::Error),
}

fn take_turn(out: &Path) -> Turn {
    let path = out.join(LOCK);
    let open = OpenOptions::new().append(true).create(true).open(path);
    match open.map(|file| (file.try_lock(), file)) {
        Ok((Ok(()), file)) => Turn::Ours(file),
        Ok((Err(TryLockError::WouldBlock), _)) => Turn::Theirs,
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => Turn::Nobodys(error),
    }
}

/// What there is to open.
enum Found {
    Usable(Connection),
    /// Not as this program leaves it, and why.
    Unusable(String),
    /// A database of some other program.
    Foreign,
}

impl Index {
    /// Opens the index of a folder, made anew if it is not there, of another version or broken; in
    /// memory if it cannot be written. What a person should know of that is pushed to `notes`.
    ///
    /// # Errors
    /// A file of its name is another program's database.
    pub(super) fn open(
        out: &Path,
        is_rebuilt: bool,
        notes: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let path = out.join(INDEX);
        let lock = match take_turn(out) {
            Turn::Ours(lock) => lock,
            Turn::Theirs => {
                notes.push(format!(
                    "`{}` is in use by another `penrig history`, so every run folder is read",
                    path.display()
                ));
                return Self::in_memory();
            }
            Turn::Nobodys(error) => {
                notes.push(cannot_be_written(&path, &error));
                return Self::in_memory();
            }
        };
        let found = if path.exists() {
            look(&path)
        } else {
            Found::Unusable(String::new())
        };
        match found {
            Found::Foreign => {
                return Err(Failure::Input(anyhow!(
                    "`{}` is a database of another program; move it away, this name is the index's",
                    path.display()
                )));
            }
            Found::Usable(connection) if !is_rebuilt => {
                return Ok(Self {
                    connection,
                    lock: Some(lock),
                });
            }
            Found::Unusable(why) if !why.is_empty() => {
                notes.push(format!(
                    "`{}` {why}; made anew from the run folders",
                    path.display()
                ));
            }
            Found::Usable(_) | Found::Unusable(_) => {}
        }
        match make(&path) {
            Ok(connection) => Ok(Self {
                connection,
                lock: Some(lock),
            }),
            Err(error) => {
                notes.push(cannot_be_written(&path, format!("{error:#}")));
                Self::in_memory()
            }
        }
    }

    /// Makes it anew, with nothing in it; it stays this program's turn.
    pub(super) fn make_anew(&mut self, out: &Path) -> Result<(), anyhow::Error> {
        if self.lock.is_some() {
            // Closed before its file is taken away.
            self.connection = Connection::open_in_memory()?;
            self.connection = make(&out.join(INDEX))?;
        }
        Ok(())
    }

    /// One that is gone when this ends.
    pub(super) fn in_memory() -> Result<Self, Failure> {
        let make = || -> rusqlite::Result<Self> {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(TABLES)?;
            Ok(Self {
                connection,
                lock: None,
            })
        };
        make().map_err(Failure::rig)
    }

    /// Every run whose entry is still as it was written; the others are as if they were not there.
    pub(super) fn all(&self) -> rusqlite::Result<Vec<Stored>> {
        let mut select = self
            .connection
            .prepare("SELECT * FROM run ORDER BY folder")?;
        let mut rows = select.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let digest: String = row.get("digest")?;
            let Some(stored) = self.stored(row)? else {
                continue;
            };
            if digest_of(&stored.entry) == Some(digest) {
                all.push(stored);
            }
        }
        Ok(all)
    }

    fn stored(&self, row: &Row<'_>) -> rusqlite::Result<Option<Stored>> {
        let id: i64 = row.get("id")?;
        let kind: String = row.get("kind")?;
        let kinds = [BenchKind::Hardware, BenchKind::Virtual];
        let kind = kinds.into_iter().find(|it| it.to_string() == kind);
        let number = u64::try_from(row.get::<_, i64>("number")?);
        let (Some(kind), Ok(number)) = (kind, number) else {
            return Ok(None);
        };
        Ok(Some(Stored {
            folder: row.get("folder")?,
            fingerprint: row.get("fingerprint")?,
            head: row.get("head")?,
            entry: RunEntry {
                run_id: row.get("run_id")?,
                begun: row.get("begun")?,
                number,
                kind,
                lot: row.get("lot")?,
                plan: row.get("plan")?,
                started: row.get("started")?,
                ended: row.get("ended")?,
                spec: row.get("spec")?,
                firmware: row.get("firmware")?,
                station: row.get("station")?,
                disposition: row.get("disposition")?,
                has_folder: true,
                rows: self.rows(id)?,
                units: self.units(id)?,
            },
        }))
    }

    fn rows(&self, run: i64) -> rusqlite::Result<Vec<RowEntry>> {
        let mut select = self
            .connection
            .prepare("SELECT * FROM spec_row WHERE run = ? ORDER BY position")?;
        let rows = select.query_map([run], |row| {
            Ok(RowEntry {
                row: row.get("row")?,
                measurand: row.get("measurand")?,
                unit: row.get("unit")?,
                lower: row.get("lower")?,
                upper: row.get("upper")?,
                is_required: row.get("is_required")?,
            })
        })?;
        rows.collect()
    }

    fn units(&self, run: i64) -> rusqlite::Result<Vec<UnitEntry>> {
        let mut select = self
            .connection
            .prepare("SELECT * FROM unit WHERE run = ? ORDER BY position")?;
        let units = select.query_map([run], |row| {
            Ok(UnitEntry {
                serial: row.get("serial")?,
                bench: row.get("bench")?,
                standing: row.get("standing")?,
                is_first_pass: row.get("is_first_pass")?,
                results: self.results(run, row.get("position")?)?,
            })
        })?;
        units.collect()
    }

    fn results(&self, run: i64, unit: i64) -> rusqlite::Result<Vec<ResultEntry>> {
        let mut select = self
            .connection
            .prepare("SELECT * FROM result WHERE run = ? AND unit = ? ORDER BY position")?;
        let results = select.query_map([run, unit], |row| {
            let unsigned = |it: i64| u64::try_from(it).unwrap_or(u64::MAX);
            Ok(ResultEntry {
                row: row.get("row")?,
                value: row.get("value")?,
                expanded: row.get::<_, Option<i64>>("expanded")?.map(unsigned),
                is_left_out: row.get("is_left_out")?,
                verdict: row.get("verdict")?,
                attempts: unsigned(row.get("attempts")?),
            })
        })?;
        results.collect()
    }

    /// Takes out the runs of these folders and puts these in, all or nothing.
    pub(super) fn change(&mut self, out: &[String], new: &[&Stored]) -> rusqlite::Result<()> {
        if out.is_empty() && new.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        let gone = new.iter().map(|it| &it.folder).chain(out);
        for folder in gone {
            for table in ["result", "unit", "spec_row"] {
                let delete = format!(
                    "DELETE FROM {table} WHERE run IN (SELECT id FROM run WHERE folder = ?)"
                );
                transaction.execute(&delete, [folder])?;
            }
            transaction.execute("DELETE FROM run WHERE folder = ?", [folder])?;
        }
        for stored in new {
            insert(&transaction, stored)?;
        }
        transaction.commit()
    }
}

fn insert(transaction: &Transaction<'_>, stored: &Stored) -> rusqlite::Result<()> {
    let it = &stored.entry;
    // What does not fit is seen by its digest when it is read.
    let signed = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    transaction.execute(
        "INSERT INTO run VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            stored.folder,
            stored.fingerprint,
            stored.head,
            digest_of(it).unwrap_or_default(),
            it.run_id,
            it.begun,
            signed(it.number),
            it.kind.to_string(),
            it.lot,
            it.plan,
            it.started,
            it.ended,
            it.spec,
            it.firmware,
            it.station,
            it.disposition,
        ],
    )?;
    let run = transaction.last_insert_rowid();
    let mut row = transaction.prepare("INSERT INTO spec_row VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (position, it) in (0_i64..).zip(&it.rows) {
        row.execute(params![
            run,
            position,
            it.row,
            it.measurand,
            it.unit,
            it.lower,
            it.upper,
            it.is_required
        ])?;
    }
    let mut unit = transaction.prepare("INSERT INTO unit VALUES (?, ?, ?, ?, ?, ?)")?;
    let mut result =
        transaction.prepare("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (position, it) in (0_i64..).zip(&it.units) {
        unit.execute(params![
            run,
            position,
            it.serial,
            it.bench,
            it.standing,
            it.is_first_pass
        ])?;
        for (place, it) in (0_i64..).zip(&it.results) {
            result.execute(params![
                run,
                position,
                place,
                it.row,
                it.value,
                it.expanded.map(signed),
                it.is_left_out,
                it.verdict,
                signed(it.attempts)
            ])?;
        }
    }
    Ok(())
}

/// SHA-256 of an entry, by which a change made to the index by hand is seen.
fn digest_of(entry: &RunEntry) -> Option<String> {
    let text = serde_json::to_vec(entry).ok()?;
    Some(rig_spec::sha256(&text))
}

fn cannot_be_written(path: &Path, why: impl Display) -> String {
    format!(
        "`{}` cannot be written ({why}), so every run folder is read each time",
        path.display()
    )
}

fn look(path: &Path) -> Found {
    let open = || -> rusqlite::Result<Found> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let number = |pragma: &str| -> rusqlite::Result<i64> {
            connection.pragma_query_value(None, pragma, |row| row.get(0))
        };
        let (application, version) = (number("application_id")?, number("user_version")?);
        if application != APPLICATION {
            let tables: i64 =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            return Ok(match tables {
                0 => Found::Unusable("is empty".to_owned()),
                _ => Found::Foreign,
            });
        }
        if version != SCHEMA {
            return Ok(Found::Unusable(format!(
                "is an index of version {version}, this program keeps {SCHEMA}"
            )));
        }
        let check: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if check != "ok" {
            return Ok(Found::Unusable("is damaged".to_owned()));
        }
        // A power loss may cost the index, which is made anew; that it is quick is worth more.
        connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(Found::Usable(connection))
    };
    open().unwrap_or_else(|error| Found::Unusable(format!("is no index ({error})")))
}

/// A new and empty index in the place of what is there.
fn make(path: &Path) -> Result<Connection, anyhow::Error> {
    if path.exists() {
        fs::remove_file(path).context("it cannot be taken away")?;
    }
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.execute_batch(&format!("BEGIN;{TABLES}COMMIT;"))?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", SCHEMA)?;
    Ok(connection)
}

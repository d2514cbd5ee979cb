//! A hash that was kept elsewhere, found again or not.

use super::finding::{Kind, Place, Report};
use super::ledger::{Known, LedgerRead};
use crate::bundle::{LEDGER, RUN_JOURNAL};

/// The hashes of the run that is looked at.
pub(crate) struct This<'a> {
    pub(crate) manifest_sha256: Option<&'a str>,
    pub(crate) journals: &'a [(String, String)],
    /// Hash of each of its sign-offs.
    pub(crate) sign_offs: &'a [String],
    pub(crate) known: Option<&'a Known>,
}

/// What the hash fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fixed {
    /// Not all of what was looked at.
    Nothing,
    /// The run, and not what else its station did.
    Run,
    /// The ledger to its last line, and with it the run.
    Ledger,
}

/// Looks for the hash.
pub(crate) fn check(
    report: &mut Report,
    head: Option<&str>,
    this: Option<&This<'_>>,
    ledger: Option<&LedgerRead>,
) -> Fixed {
    let Some(head) = head else {
        return Fixed::Nothing;
    };
    if let Some(this) = this {
        if this.manifest_sha256 == Some(head) {
            let what = "every file of the run is as it was when the hash of its manifest was kept";
            report.proved.push(what.to_owned());
            return Fixed::Run;
        }
        if let Some(number) = this.sign_offs.iter().position(|it| it == head) {
            report.proved.push(format!(
                "sign-offs 1 to {} are as they were when that hash was kept, and every file of the run as it was signed off",
                number + 1
            ));
            return Fixed::Run;
        }
        if let Some((file, _)) = this.journals.iter().find(|it| it.1 == head) {
            let is_run = file == RUN_JOURNAL;
            report.proved.push(if is_run {
                "every journal of the run is as it was when the head of its chain was kept, and with them what follows from them".to_owned()
            } else {
                format!("{file} is as it was when its head was kept")
            });
            return if is_run { Fixed::Run } else { Fixed::Nothing };
        }
    }
    let line = ledger.and_then(|it| it.hashes.iter().position(|hash| hash == head));
    let Some(line) = line.map(|it| it as u64 + 1) else {
        if !report.findings.is_empty() {
            let what = "the hash kept elsewhere: it was not found where so much is wrong";
            report.not_proved.push(what.to_owned());
            return Fixed::Nothing;
        }
        report.find(
            Kind::Ledger,
            LEDGER,
            Place::default(),
            format!(
                "the hash kept elsewhere, {head}, stands nowhere: what it was taken from was changed, cut off or made anew, or it is another station's"
            ),
        );
        return Fixed::Nothing;
    };
    let last = ledger.map_or(0, |it| it.hashes.len() as u64);
    report.proved.push(format!(
        "the ledger up to line {line} of {last} is as it was when its head was kept"
    ));
    let Some(this) = this else {
        return if line == last {
            Fixed::Ledger
        } else {
            Fixed::Nothing
        };
    };
    let ended = this.known.and_then(|it| it.ended.as_ref());
    match (this.known, ended) {
        (_, Some(ended)) if ended.at.line <= line => {
            let what = "with it the hash of this run's manifest, and so every file of the run";
            report.proved.push(what.to_owned());
            if line == last {
                Fixed::Ledger
            } else {
                Fixed::Run
            }
        }
        (Some(known), _) if known.at.line <= line => {
            let what = "what became of this run: the head kept elsewhere is older than its end";
            report.not_proved.push(what.to_owned());
            Fixed::Nothing
        }
        _ => {
            let what = "anything of this run: the head kept elsewhere is older than it";
            report.not_proved.push(what.to_owned());
            Fixed::Nothing
        }
    }
}

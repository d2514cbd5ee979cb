//! A station's signature over a run's manifest, and sign-offs that people give beside it.
//!
//! The key is a station's: it says on which machine a run came to its end. It is never a person's
//! signature. A sign-off names a person, and nobody checked that it was that person.

mod key;
mod sign_off;

pub(crate) use key::{PublicKeyFile, StationKey, new_key};
pub(crate) use sign_off::{check as check_sign_offs, run as sign_off};

use crate::Failure;
use crate::bundle::Bundle;
use crate::verify::{Folder, Kind, MANIFEST, Manifest, Place, Report, sha256};
use anyhow::Context as _;
use ed25519_compact::{PublicKey, Signature};
use serde::{Deserialize, Serialize};

/// Name of the file, beside the manifest and not listed in it.
pub(crate) const SIGNATURE: &str = "signature.json";
const ALGORITHM: &str = "Ed25519 (RFC 8032)";
const SAYS: &str = "a station's, never a person's: whoever held this key held this manifest";

/// What stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureFile {
    /// Format of the file.
    signature_file: u32,
    algorithm: String,
    /// What was signed: the bytes of this file.
    file: String,
    file_sha256: String,
    run: String,
    ledger_number: u64,
    /// 32 bytes, hexadecimal.
    public_key: String,
    /// SHA-256 of those 32 bytes.
    fingerprint: String,
    /// 64 bytes, hexadecimal.
    signature: String,
    says: String,
}

impl SignatureFile {
    fn text(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self).map_err(Failure::rig)?;
        Ok(text + "\n")
    }
}

/// Signs the manifest of a run that is about to get its name; without a key, takes away what an
/// earlier try left, since it would be of another manifest.
pub(crate) fn seal(
    bundle: &Bundle,
    key: Option<&StationKey>,
    manifest: &str,
    ledger_number: u64,
) -> Result<(), Failure> {
    let Some(key) = key else {
        let path = bundle.folder().join(SIGNATURE);
        if path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))
                .map_err(Failure::Rig)?;
        }
        return Ok(());
    };
    let file = SignatureFile {
        signature_file: 1,
        algorithm: ALGORITHM.to_owned(),
        file: MANIFEST.to_owned(),
        file_sha256: sha256(manifest.as_bytes()),
        run: bundle.run_id().to_owned(),
        ledger_number,
        public_key: key::hex(key.public().as_slice()),
        fingerprint: key::fingerprint(key.public()),
        signature: key::hex(key.sign(manifest.as_bytes()).as_ref()),
        says: SAYS.to_owned(),
    };
    bundle.write(SIGNATURE, &file.text()?)
}

/// By whom a manifest is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// By nobody.
    Not,
    /// By the key that the signature itself names: anyone's.
    BySomeKey,
    /// By the key that the reader gave.
    ByTheGivenKey,
    /// Wrongly.
    Wrongly,
}

/// Holds the signature against the manifest's bytes and, if given, against the station's key.
pub(crate) fn check(
    report: &mut Report,
    folder: &Folder,
    manifest: Option<&Manifest>,
    manifest_bytes: &[u8],
    given: Option<&PublicKeyFile>,
) -> Result<Signed, Failure> {
    if !folder.has(SIGNATURE) {
        if given.is_some() {
            let what = "is not there, and a key was given that the run must be signed with";
            report.find(Kind::Signature, SIGNATURE, Place::default(), what);
            return Ok(Signed::Wrongly);
        }
        return Ok(Signed::Not);
    }
    let bytes = folder.bytes(SIGNATURE)?;
    let before = report.findings.len();
    let mut wrong = |what: String| report.find(Kind::Signature, SIGNATURE, Place::default(), what);
    let file: SignatureFile = match serde_json::from_slice(&bytes) {
        Ok(file) => file,
        Err(error) => {
            wrong(format!("is no signature as it was written: {error}"));
            return Ok(Signed::Wrongly);
        }
    };
    if file.signature_file != 1 || file.algorithm != ALGORITHM || file.file != MANIFEST {
        wrong(format!(
            "is of another format or algorithm: {} over {}",
            file.algorithm, file.file
        ));
        return Ok(Signed::Wrongly);
    }
    let key = key::unhex(&file.public_key)
        .and_then(|it| PublicKey::from_slice(&it).ok())
        .filter(|it| it.validate().is_ok());
    let signature = key::unhex(&file.signature).and_then(|it| Signature::from_slice(&it).ok());
    let (Some(key), Some(signature)) = (key, signature) else {
        wrong("has a key or a signature that is none".to_owned());
        return Ok(Signed::Wrongly);
    };
    let fingerprint = key::fingerprint(key);
    if key.verify(manifest_bytes, &signature).is_err() {
        wrong(format!(
            "is no signature of this {MANIFEST} by key {fingerprint}: the manifest, the signature or the key was changed"
        ));
    }
    if let Some(given) = given
        && given.key != key
    {
        wrong(format!(
            "is by key {fingerprint}, the key given is {}",
            key::fingerprint(given.key)
        ));
    }
    let is_of_this = manifest
        .is_none_or(|it| it.run == file.run && it.ledger_number == file.ledger_number)
        && file.file_sha256 == sha256(manifest_bytes)
        && file.fingerprint == fingerprint
        && file.says == SAYS
        && file.text()?.as_bytes() == bytes;
    if !is_of_this {
        wrong(
            "is not what penrig writes with this signature: what it says beside it was changed"
                .to_owned(),
        );
    }
    if report.findings.len() > before {
        return Ok(Signed::Wrongly);
    }
    Ok(if given.is_some() {
        report.proved.push(format!(
            "the manifest is signed by the station's key that was given, {fingerprint}; a station's signature, never a person's"
        ));
        Signed::ByTheGivenKey
    } else {
        report.proved.push(format!(
            "the manifest is signed by the key that {SIGNATURE} names, {fingerprint}; a station's signature, never a person's"
        ));
        report.not_proved.push(
            "whose key that is: give the station's public key, got from elsewhere, with --public-key".to_owned(),
        );
        Signed::BySomeKey
    })
}

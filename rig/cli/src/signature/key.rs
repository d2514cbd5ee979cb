//! A station's key: Ed25519 (RFC 8032), in the files that OpenSSL reads and writes (PKCS #8 and
//! SubjectPublicKeyInfo in PEM, RFC 8410).

use crate::verify::sha256;
use crate::{Failure, print_line};
use anyhow::{Context as _, anyhow};
use ed25519_compact::{KeyPair, PublicKey, Seed, Signature};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A station's private key.
pub(crate) struct StationKey(KeyPair);

impl StationKey {
    /// Reads a file that nobody but its owner may read.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .with_context(|| {
                format!(
                    "cannot read the station key `{}`; `penrig station-key new FILE` makes one",
                    path.display()
                )
            })
            .map_err(Failure::Input)?;
        refuse_if_others_can_read(path)?;
        KeyPair::from_pem(&text).map(Self).map_err(|error| {
            Failure::Input(anyhow!(
                "`{}` is no private Ed25519 key in PEM (PKCS #8): {error}",
                path.display()
            ))
        })
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.0.pk
    }

    /// Signs, without noise, so that the same manifest has the same signature (RFC 8032 5.1.6).
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        self.0.sk.sign(message, None)
    }
}

/// A station's public key, as a reader got it.
pub(crate) struct PublicKeyFile {
    pub(crate) key: PublicKey,
}

impl PublicKeyFile {
    /// Reads PEM, or 64 hexadecimal digits as `penrig station-key new` prints them.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the public key `{}`", path.display()))
            .map_err(Failure::Input)?;
        let key = match unhex(text.trim()) {
            Some(bytes) => PublicKey::from_slice(&bytes),
            None => PublicKey::from_pem(&text),
        };
        let key = key.and_then(|it| it.validate().map(|()| it));
        key.map(|key| Self { key }).map_err(|error| {
            Failure::Input(anyhow!(
                "`{}` is no public Ed25519 key, neither PEM nor 64 hexadecimal digits: {error}",
                path.display()
            ))
        })
    }
}

/// `penrig station-key new`.
pub(crate) fn new_key(path: &Path) -> Result<u8, Failure> {
    let public_path = public_path(path);
    for path in [path, &public_path] {
        if path.exists() {
            return Err(Failure::Input(anyhow!(
                "`{}` is there already; a station key is never overwritten, since runs are signed with it. Give another name",
                path.display()
            )));
        }
    }
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::Rig(anyhow!("the system gives no random bytes: {error}")))?;
    let pair = KeyPair::try_from_seed(Seed::new(seed)).map_err(Failure::rig)?;
    write_new(path, &pair.sk.to_pem(), Access::OwnerOnly)?;
    write_new(&public_path, &pair.pk.to_pem(), Access::All)?;
    print_line(&format!("private key  {}", path.display()));
    print_line(&format!("public key   {}", public_path.display()));
    print_line(&format!("             {}", hex(pair.pk.as_slice())));
    print_line(&format!("fingerprint  {}", fingerprint(pair.pk)));
    print_line(
        "next         give the public key to those who verify, by a way that this station's users cannot change; \
         sign with `penrig qualify --sign`",
    );
    print_line("             it is a station's key, never a person's signature");
    Ok(0)
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    OwnerOnly,
    All,
}

fn write_new(path: &Path, text: &str, access: Access) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut file = open_new(path, access)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write()
        .with_context(|| format!("cannot write the key `{}`", path.display()))
        .map_err(Failure::Rig)
}

fn open_new(path: &Path, access: Access) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match access {
            Access::OwnerOnly => 0o600,
            Access::All => 0o644,
        });
    }
    #[cfg(not(unix))]
    let _ = access;
    options.open(path)
}

#[cfg(unix)]
fn refuse_if_others_can_read(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(Failure::input)?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(Failure::Input(anyhow!(
            "others than its owner can use the station key `{}` (mode {:03o}); `chmod 600 {}`, and make a new one if others may have read it",
            path.display(),
            mode & 0o777,
            path.display()
        )));
    }
    Ok(())
}

// Elsewhere, who may read a file is not said by its mode.
#[cfg(not(unix))]
fn refuse_if_others_can_read(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// What a person compares: SHA-256 of the 32 bytes of the public key.
pub(super) fn fingerprint(key: PublicKey) -> String {
    sha256(key.as_slice())
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of lower-case hexadecimal.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(is_hex) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 7.1, TEST 1 and TEST 2: secret key, public key, message, signature.
    const VECTORS: [[&str; 4]; 2] = [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
    ];

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        for [secret, public, message, signature] in VECTORS {
            let seed = Seed::from_slice(&unhex(secret).unwrap()).unwrap();
            let key = StationKey(KeyPair::from_seed(seed));
            let message = unhex(message).unwrap_or_default();
            assert_eq!(hex(key.public().as_slice()), public);
            assert_eq!(hex(key.sign(&message).as_ref()), signature);
            let signature = Signature::from_slice(&unhex(signature).unwrap()).unwrap();
            assert!(key.public().verify(&message, &signature).is_ok());
            assert!(key.public().verify(b"another", &signature).is_err());
        }
    }

    #[test]
    fn hexadecimal_is_lower_case_and_whole() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        for text in ["", "0", "0G", "FF", "+1", "é0"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}

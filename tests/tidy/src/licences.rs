//! Licences of what we depend on, against the list in `deny.toml`.
//!
//! cargo-deny reads the same list and looks deeper, into licence texts and advisories; this check
//! needs nothing but cargo, so that it runs with every `cargo test`.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Command;

/// One package that cargo knows, ours or another's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Package {
    name: String,
    version: String,
    /// SPDX expression; `None` where the package states none.
    licence: Option<String>,
}

/// What is wrong with packages and list.
fn complaints(packages: &[Package], allowed: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for Package {
        name,
        version,
        licence,
    } in packages
    {
        let Some(licence) = licence else {
            found.push(format!("{name} {version} states no licence"));
            continue;
        };
        let expression =
            Expression::parse(licence).with_context(|| format!("licence of {name} {version}"))?;
        expression.collect(&mut named);
        if !expression.is_met_by(allowed) {
            found.push(format!(
                "{name} {version} is under {licence}, which deny.toml does not allow"
            ));
        }
    }
    let unused = allowed
        .iter()
        .filter(|licence| !named.contains(licence.as_str()));
    found.extend(unused.map(|it| format!("deny.toml allows {it}, which no package is under")));
    Ok(found)
}

/// An SPDX licence expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    /// A licence, with its exception if it has one.
    Licence(String),
    /// Any one is enough.
    Any(Vec<Expression>),
    /// All hold at once.
    All(Vec<Expression>),
}

impl Expression {
    /// Reads an expression of SPDX 2.3, annex D, and the slash that crates used for `OR` before.
    fn parse(text: &str) -> Result<Self> {
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let (expression, rest) = Self::any(&words)?;
        ensure!(rest.is_empty(), "`{text}` goes on after its end");
        Ok(expression)
    }

    fn any<'w>(words: &'w [&'w str]) -> Result<(Self, &'w [&'w str])> {
        Self::chain(
            words,
            "OR",
            |words| Self::chain(words, "AND", Self::one, Self::All),
            Self::Any,
        )
    }

    fn chain<'w>(
        words: &'w [&'w str],
        operator: &str,
        operand: impl Fn(&'w [&'w str]) -> Result<(Self, &'w [&'w str])>,
        join: fn(Vec<Self>) -> Self,
    ) -> Result<(Self, &'w [&'w str])> {
        let (first, mut rest) = operand(words)?;
        let mut operands = vec![first];
        while let [word, after @ ..] = rest
            && *word == operator
        {
            let (next, after) = operand(after)?;
            operands.push(next);
            rest = after;
        }
        Ok((
            if operands.len() == 1 {
                operands.remove(0)
            } else {
                join(operands)
            },
            rest,
        ))
    }

    fn one<'w>(words: &'w [&'w str]) -> Result<(Self, &'w [&'w str])> {
        match words {
            ["(", rest @ ..] => match Self::any(rest)? {
                (inner, [")", rest @ ..]) => Ok((inner, rest)),
                _ => bail!("a parenthesis is not closed"),
            },
            [] | ["AND" | "OR" | "WITH" | ")", ..] => bail!("a licence is missing"),
            [licence, "WITH", exception, rest @ ..] => {
                Ok((Self::Licence(format!("{licence} WITH {exception}")), rest))
            }
            [licence, rest @ ..] => Ok((Self::Licence((*licence).to_owned()), rest)),
        }
    }

    fn is_met_by(&self, allowed: &[String]) -> bool {
        match self {
            Self::Licence(licence) => allowed.contains(licence),
            Self::Any(operands) => operands.iter().any(|it| it.is_met_by(allowed)),
            Self::All(operands) => operands.iter().all(|it| it.is_met_by(allowed)),
        }
    }

    fn collect(&self, named: &mut BTreeSet<String>) {
        match self {
            Self::Licence(licence) => {
                named.insert(licence.clone());
            }
            Self::Any(operands) | Self::All(operands) => {
                operands.iter().for_each(|it| it.collect(named))
            }
        }
    }
}

/// The list of `deny.toml`.
fn allowed() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(crate::tree::root().join("deny.toml"))
        .context("reading deny.toml")?;
    let table: toml::Table = text.parse().context("deny.toml")?;
    let list = table
        .get("licenses")
        .and_then(|it| it.get("allow"))
        .and_then(toml::Value::as_array);
    let list = list.context("deny.toml: no list licenses.allow")?;
    list.iter()
        .map(|it| {
            it.as_str()
                .map(str::to_owned)
                .context("deny.toml: a licence is no text")
        })
        .collect()
}

/// Every package of the lock file, for all platforms.
///
/// `None` where their manifests cannot be had, since this machine has neither fetched them nor a
/// network: the reader of the log is told, and on a CI machine it is an error.
fn packages() -> Result<Option<Vec<Package>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut reasons = String::new();
    for network in [&["--offline"][..], &[]] {
        let output = Command::new(&cargo)
            .args(["metadata", "--locked", "--format-version=1"])
            .args(network)
            .current_dir(crate::tree::root())
            .output()
            .context("running cargo metadata")?;
        if output.status.success() {
            return parse(&output.stdout).map(Some);
        }
        reasons = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            !reasons.contains("--locked"),
            "Cargo.lock is not up to date: {reasons}"
        );
    }
    ensure!(
        std::env::var_os("CI").is_none(),
        "cargo metadata: {reasons}"
    );
    // Written past the capture of test output, so that it is seen without a failure.
    writeln!(
        std::io::stderr(),
        "licences were NOT CHECKED, because cargo has not all packages: {reasons}"
    )?;
    Ok(None)
}

fn parse(metadata: &[u8]) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_slice(metadata).context("cargo metadata")?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    let text = |package: &Value, key: &str| package[key].as_str().map(str::to_owned);
    packages
        .iter()
        .map(|package| {
            Ok(Package {
                name: text(package, "name").context("a package without a name")?,
                version: text(package, "version").context("a package without a version")?,
                licence: text(package, "license"),
            })
        })
        .collect()
}

#[test]
fn every_package_is_under_an_allowed_licence() {
    if let Some(packages) = packages().unwrap() {
        for needed in ["firmware-app", "embassy-stm32", "probe-rs", "tests-tidy"] {
            assert!(
                packages.iter().any(|it| it.name == needed),
                "cargo metadata has no {needed}"
            );
        }
        let found = complaints(&packages, &allowed().unwrap()).unwrap();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn expressions_are_satisfied_or_not() {
    let check = |expression: &str, expected: bool| {
        let allowed = ["MIT", "Unicode-3.0"].map(str::to_owned);
        assert_eq!(
            Expression::parse(expression).unwrap().is_met_by(&allowed),
            expected,
            "{expression}"
        );
    };
    check("MIT", true);
    check("Apache-2.0", false);
    check("Apache-2.0 OR MIT", true);
    check("Unlicense/MIT", true);
    check("Apache-2.0 / BSL-1.0", false);
    check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
    check("MIT AND GPL-3.0-only", false);
    check("MIT OR Apache-2.0 AND GPL-3.0-only", true);
    check("GPL-3.0-only AND (MIT OR Unicode-3.0)", false);
    check("MIT WITH LLVM-exception", false);
    for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND"] {
        assert!(Expression::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_licence_outside_the_list_and_a_needless_entry_are_seen() {
    let package = |name: &str, licence: Option<&str>| Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence: licence.map(str::to_owned),
    };
    let packages = [
        package("a", Some("MIT OR Zlib")),
        package("b", Some("GPL-3.0-only")),
        package("c", None),
    ];
    let found = complaints(&packages, &["MIT", "ISC"].map(str::to_owned)).unwrap();
    assert_eq!(
        found,
        [
            "b 1.0.0 is under GPL-3.0-only, which deny.toml does not allow",
            "c 1.0.0 states no licence",
            "deny.toml allows ISC, which no package is under",
        ]
    );
}

#[test]
fn metadata_is_read() {
    let metadata = br#"{"packages": [{"name": "a", "version": "1.0.0", "license": "MIT"}, {"name": "b", "version": "2.0.0", "license": null}]}"#;
    let packages = parse(metadata).unwrap();
    assert_eq!(
        packages
            .iter()
            .map(|it| it.licence.as_deref())
            .collect::<Vec<_>>(),
        [Some("MIT"), None]
    );
    assert!(parse(b"{}").is_err());
}

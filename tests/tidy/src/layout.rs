//! What may stand where: data folders without programs, and text that holds on every machine.

use crate::tree::SourceFile;

/// Folders that a quality engineer opens; tables and pages only.
const DATA_FOLDERS: &[&str] = &["specs/", "reports/"];
/// Where absolute paths of one machine begin; split, so that this file does not hold them.
const MACHINE_PATHS: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "workspace/"),
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "Users/"),
    concat!("/", "mnt/"),
    TEMPORARY,
];
const TEMPORARY: &str = concat!("/", "tmp/");
/// Hosts that build configuration may name.
const HOSTS: &[&str] = &["github.com"];
/// Keys of cargo's configuration that would fetch dependencies from elsewhere.
const REDIRECTIONS: &[&str] = &["replace-with", "[source", "[registries", "[registry"];

/// What is wrong with one file.
fn complaints(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    let is_data = DATA_FOLDERS
        .iter()
        .any(|folder| file.path.starts_with(folder));
    if is_data && (file.is_rust() || file.path.ends_with("Cargo.toml")) {
        found.push(format!("{}: a data folder holds no Rust", file.path));
    }
    for (number, line) in (1..).zip(file.text.lines()) {
        let mut complain = |what: String| found.push(format!("{}:{number}: {what}", file.path));
        for path in MACHINE_PATHS.iter().filter(|path| begins_in(line, path)) {
            // A test may need a folder that is not there.
            if *path != TEMPORARY || !file.is_test() {
                complain(format!("`{path}` is a path of one machine"));
            }
        }
        if is_configuration(&file.path) {
            for host in hosts(line).filter(|host| !HOSTS.contains(host)) {
                complain(format!("`{host}` is no host that a build may depend on"));
            }
        }
        if file.path.starts_with(".cargo/")
            && REDIRECTIONS.iter().any(|key| line.trim().starts_with(key))
        {
            complain("dependencies come from crates.io".to_owned());
        }
        let source = line
            .strip_prefix("source = \"")
            .filter(|_| file.path == "Cargo.lock");
        if source.is_some_and(|it| it != "registry+https://github.com/rust-lang/crates.io-index\"")
        {
            complain("a dependency does not come from crates.io".to_owned());
        }
    }
    found
}

/// Whether a line holds a path that begins so, and not merely goes on so.
fn begins_in(line: &str, path: &str) -> bool {
    let goes_on = |it: char| it.is_alphanumeric() || "_-./}~*".contains(it);
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(goes_on))
}

fn is_configuration(path: &str) -> bool {
    path == "Cargo.lock"
        || path.ends_with(".toml")
        || path.starts_with(".cargo/")
        || path.starts_with(".ci/")
}

fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("://").filter_map(|(at, separator)| {
        let host = line[at + separator.len()..]
            .split(|it: char| !it.is_alphanumeric() && !".-".contains(it))
            .next()?;
        (!host.is_empty()).then_some(host)
    })
}

#[test]
fn every_file_is_in_its_place_and_holds_on_every_machine() {
    let found: Vec<String> = crate::tree::files()
        .unwrap()
        .iter()
        .flat_map(complaints)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn misplaced_things_are_seen() {
    let check = |path: &str, text: &str, expected: &[&str]| {
        let actual = complaints(&SourceFile::new(path, text));
        assert_eq!(actual.len(), expected.len(), "{path} {text}: {actual:?}");
        for (actual, expected) in actual.iter().zip(expected) {
            assert!(actual.contains(expected), "{actual} has no {expected}");
        }
    };
    check("specs/pen-a1/unit.csv", "a,b", &[]);
    check("specs/pen-a1/check.rs", "", &["holds no Rust"]);
    check("reports/Cargo.toml", "", &["holds no Rust"]);
    let [work, temporary, home] =
        [("work", "main"), ("tmp", "out"), ("home", "me")].map(|(a, b)| format!("/{a}/{b}"));
    check("README.md", &format!("a\nsee `{work}`"), &["README.md:2: "]);
    check(
        "rig/cli/src/a.rs",
        &format!("\"{home}\""),
        &["path of one machine"],
    );
    check(
        "rig/cli/src/a.rs",
        &format!("\"{temporary}\""),
        &["path of one machine"],
    );
    check("rig/cli/tests/a.rs", &format!("\"{temporary}\""), &[]);
    check(
        "rig/cli/tests/a.rs",
        &format!("\"{home}\""),
        &["path of one machine"],
    );
    check(
        "README.md",
        &format!("frame{work}, ..{temporary}, target{home}"),
        &[],
    );
    check(
        "Cargo.lock",
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
        &[],
    );
    check(
        "Cargo.lock",
        "source = \"git+https://github.com/a/b\"",
        &["does not come from crates.io"],
    );
    check(
        "Cargo.lock",
        "source = \"registry+https://mirror.example/index\"",
        &["mirror.example", "does not come"],
    );
    check(
        "deny.toml",
        "# https://mirror.example:8080/",
        &["mirror.example"],
    );
    check("README.md", "https://standards.example/", &[]);
    check(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"a\"",
        &["config.toml:1", "config.toml:2"],
    );
}

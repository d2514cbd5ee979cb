//! Rules for Rust sources.

use crate::rust_text::{RustText, has_word};
use crate::tree::SourceFile;
use std::collections::BTreeSet;

/// Lines that a Rust file may have.
const MAX_LINES: usize = 800;
/// Files that may use `HashMap` or `HashSet`, each with the reason why no output shows their order.
const HASHED: &[&str] = &[];
/// The one file that may wait on the wall clock: for someone who sits before a bench and watches.
const WALL_CLOCK: &str = "rig/cli/src/clock.rs";
/// Crates that compute only: no file, clock, socket, environment or process.
const PURE: &[&str] = &[
    "firmware/units/",
    "firmware/wire/",
    "firmware/core/",
    "rig/armv6m/",
    "rig/bench/",
    "rig/bench-virtual/",
    "rig/distributions/",
    "rig/measure/",
    "rig/procedure/",
    "rig/record/",
    "rig/report/",
    "rig/spec/",
    "rig/stats/",
    "rig/waveform/",
];
/// Crates whose numbers are integers, so that a pen without floating-point hardware is quick enough.
/// `firmware/units` widens to floating point for the rig.
const INTEGERS_ONLY: &[&str] = &["firmware/wire/", "firmware/core/"];
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime::now",
    "File::open",
    "File::create",
];
const EFFECT_MODULES: &[&str] = &["fs", "net", "env", "process"];

/// What is wrong with the Rust sources, a line each.
fn complaints(files: &[SourceFile]) -> Vec<String> {
    let sources: Vec<&SourceFile> = files.iter().filter(|it| it.is_rust()).collect();
    let test_modules: BTreeSet<String> = sources.iter().flat_map(|it| test_modules(it)).collect();
    let is_test = |it: &SourceFile| it.is_test() || test_modules.contains(&it.path);
    sources
        .iter()
        .flat_map(|it| of_file(it, is_test(it)))
        .collect()
}

/// Paths that the modules of a file may have which are compiled for tests only.
fn test_modules(file: &SourceFile) -> Vec<String> {
    let code = RustText::new(&file.text).code;
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
    let folder = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
    };
    let gated = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let modules = gated.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';'));
    modules
        .flat_map(|it| [format!("{folder}/{it}.rs"), format!("{folder}/{it}/mod.rs")])
        .collect()
}

/// What is wrong with one source.
fn of_file(file: &SourceFile, is_test: bool) -> Vec<String> {
    let parts = RustText::new(&file.text);
    let mut found = Vec::new();
    if !file.text.starts_with("//! ") {
        found.push((1, "does not start with `//!` and a sentence".to_owned()));
    }
    let n_lines = file.text.lines().count();
    if n_lines > MAX_LINES {
        found.push((n_lines, format!("more than {MAX_LINES} lines: split it")));
    }
    let within = |crates: &[&str]| crates.iter().any(|it| file.path.starts_with(it));
    let first_test_line = parts.first_test_line();
    for (line, code) in (1..).zip(parts.code.lines()) {
        let mut complain = |what: &str| found.push((line, what.to_owned()));
        let dense = code.replace(" ::", "::").replace(":: ", "::");
        if has_word(code, "should_panic") {
            complain("`should_panic` does not say which panic: assert on a value");
        }
        if dense.contains("thread::sleep") && file.path != WALL_CLOCK {
            complain("a sleep waits for the wrong thing: wait on the bench clock");
        }
        if (has_word(code, "HashMap") || has_word(code, "HashSet"))
            && !HASHED.contains(&file.path.as_str())
        {
            complain("hash maps have no stable order: use a B-tree");
        }
        if has_word(code, "unsafe") && !file.path.starts_with("firmware/app/") {
            complain("`unsafe` belongs to firmware/app alone");
        }
        if is_test || line >= first_test_line {
            continue;
        }
        if within(INTEGERS_ONLY) && (has_word(code, "f32") || has_word(code, "f64")) {
            complain("floating point in a crate of integers");
        }
        if within(PURE) {
            for effect in EFFECTS.iter().filter(|it| has_word(&dense, it)) {
                complain(&format!("`{effect}` in a crate that computes only"));
            }
        }
    }
    found.extend(
        ignored(&parts)
            .into_iter()
            .map(|line| (line, "an ignored test tests nothing".to_owned())),
    );
    if within(PURE) && !is_test {
        found.extend(grouped_effects(&parts.code, first_test_line).into_iter().map(|line| {
            (line, "imports files, sockets, environment or processes into a crate that computes only".to_owned())
        }));
    }
    found.sort();
    found
        .into_iter()
        .map(|(line, what)| format!("{}:{line}: {what}", file.path))
        .collect()
}

/// Lines with an attribute that ignores a test, or a documentation example that is not run.
fn ignored(parts: &RustText) -> Vec<usize> {
    let attributes = parts.code.match_indices("#[").filter(|&(at, _)| {
        let mut depth = 0usize;
        let end = parts.code[at..].find(|it: char| {
            depth += usize::from(it == '[');
            depth -= usize::from(it == ']' && depth > 0);
            it == ']' && depth == 0
        });
        has_word(&parts.code[at..at + end.unwrap_or(0)], "ignore")
    });
    let lines = attributes.map(|(at, _)| 1 + parts.code[..at].matches('\n').count());
    let examples = parts.comments.iter().filter(|(_, it)| {
        let words: String = it.split_whitespace().collect();
        words.contains("```ignore") || words.contains("```rust,ignore")
    });
    lines.chain(examples.map(|(line, _)| *line)).collect()
}

/// Lines of `use std::{…}` that name a module of effects inside the braces.
fn grouped_effects(code: &str, first_test_line: usize) -> Vec<usize> {
    code.match_indices("std::{")
        .filter(|&(at, _)| {
            let group = code[at..].split(';').next().unwrap_or_default();
            EFFECT_MODULES.iter().any(|module| has_word(group, module))
        })
        .map(|(at, _)| 1 + code[..at].matches('\n').count())
        .filter(|&line| line < first_test_line)
        .collect()
}

#[test]
fn every_source_keeps_the_rules() {
    let found = complaints(&crate::tree::files().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn broken_rules_are_seen() {
    let check = |path: &str, text: &str, expected: &[&str]| {
        let actual = complaints(&[SourceFile::new(path, &format!("//! A file.\n{text}"))]);
        assert_eq!(actual.len(), expected.len(), "{text}: {actual:?}");
        for (actual, expected) in actual.iter().zip(expected) {
            assert!(actual.contains(expected), "{actual} has no {expected}");
        }
    };
    check("rig/spec/src/a.rs", "fn a() {}", &[]);
    check(
        "rig/spec/src/a.rs",
        "#[test]\n#[ignore]\nfn a() {}",
        &["a.rs:3: an ignored"],
    );
    check("rig/spec/src/a.rs", "#[ignore = \"slow\"]", &["ignored"]);
    check(
        "rig/spec/src/a.rs",
        "#[cfg_attr(\n    not(b),\n    ignore\n)]",
        &["a.rs:2: an ignored"],
    );
    check("rig/spec/src/a.rs", "/// ```ignore", &["ignored"]);
    check(
        "rig/spec/src/a.rs",
        "// may ignore [ignore]\nlet ignore = v[1];",
        &[],
    );
    check(
        "rig/spec/src/a.rs",
        "#[should_panic(expected = \"a\")]",
        &["should_panic"],
    );
    check("rig/cli/src/a.rs", "std::thread :: sleep(b);", &["sleep"]);
    check("rig/cli/src/clock.rs", "std::thread::sleep(b);", &[]);
    check(
        "rig/cli/src/a.rs",
        "use std::collections::HashMap;",
        &["hash"],
    );
    check(
        "rig/cli/src/a.rs",
        "fn a(b: &HashSet<u8>) {} // HashMap",
        &["hash"],
    );
    check(
        "rig/cli/src/a.rs",
        "let a = \"HashMap\"; std::fs::read(b);",
        &[],
    );
    check("rig/cli/src/a.rs", "unsafe { a() }", &["unsafe"]);
    check("firmware/app/src/a.rs", "unsafe { a() }", &[]);
    check("rig/spec/src/a.rs", "use std::fs;", &["`std::fs`"]);
    check(
        "rig/spec/src/a.rs",
        "use std::{fmt, fs::File};",
        &["imports files"],
    );
    check(
        "rig/spec/src/a.rs",
        "let a = Instant::now();",
        &["Instant::now"],
    );
    check(
        "rig/spec/src/a.rs",
        "#[cfg(test)]\nmod tests {\n    use std::fs;\n}",
        &[],
    );
    check("rig/spec/tests/a.rs", "use std::fs;", &[]);
    check("firmware/wire/src/a.rs", "let a: f64 = b;", &["floating"]);
    check("rig/spec/src/a.rs", &"\n".repeat(MAX_LINES - 1), &[]);
    check(
        "rig/spec/src/a.rs",
        &"\n".repeat(MAX_LINES),
        &["more than 800 lines"],
    );
    let headless = complaints(&[SourceFile::new(
        "rig/spec/src/a.rs",
        "// A file.\nfn a() {}",
    )]);
    assert_eq!(
        headless,
        ["rig/spec/src/a.rs:1: does not start with `//!` and a sentence"]
    );
}

#[test]
fn modules_for_tests_are_known_by_their_parent() {
    let check = |parent: &str, text: &str, module: &str, n_expected: usize| {
        let parent = SourceFile::new(parent, &format!("//! A file.\n{text}"));
        let module = SourceFile::new(module, "//! A file.\nuse std::fs;");
        assert_eq!(complaints(&[parent, module]).len(), n_expected, "{text}");
    };
    check(
        "rig/spec/src/lib.rs",
        "#[cfg(test)]\nmod a;",
        "rig/spec/src/a.rs",
        0,
    );
    check(
        "rig/spec/src/lib.rs",
        "#[cfg(test)]\nmod a;",
        "rig/spec/src/a/mod.rs",
        0,
    );
    check(
        "rig/spec/src/b.rs",
        "#[cfg(test)]\nmod a;",
        "rig/spec/src/b/a.rs",
        0,
    );
    check("rig/spec/src/lib.rs", "mod a;", "rig/spec/src/a.rs", 1);
    check(
        "rig/spec/src/b.rs",
        "#[cfg(test)]\nmod a;",
        "rig/spec/src/a.rs",
        1,
    );
}

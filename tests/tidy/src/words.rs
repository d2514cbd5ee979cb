//! Words that are never used of a result.
//!
//! Penrig measures; whether a pen may be sold, or a laboratory trusted, is for others to say. The
//! crates that write what a customer reads must not say it by accident.

use crate::rust_text::RustText;
use crate::tree::SourceFile;

/// The words.
const NEVER: &[&str] = &[
    "compliant",
    "validated",
    "accredited",
    "certified",
    "released",
    "safe",
    "penetration",
];
/// Phrases that use one of them of something else than a result.
const ALLOWED: &[&str] = &[
    // The claims statement: what is measured is not that.
    "not skin penetration",
    // A firmware image that was published, by name and hash.
    "released image",
    "released images",
    "released firmware image",
];
/// Where text for readers is written.
const WRITERS: &[&str] = &["rig/report/src/", "rig/cli/src/"];

/// Uses of the words in string literals, tests left out.
fn complaints(file: &SourceFile) -> Vec<String> {
    if !file.is_rust() || file.is_test() || !WRITERS.iter().any(|it| file.path.starts_with(it)) {
        return Vec::new();
    }
    let parts = RustText::new(&file.text);
    let first_test_line = parts.first_test_line();
    let literals = parts
        .strings
        .iter()
        .filter(|(line, _)| *line < first_test_line);
    literals
        .flat_map(|(line, literal)| {
            used(literal).into_iter().map(move |word| {
                format!("{}:{line}: `{word}` is never said of a result", file.path)
            })
        })
        .collect()
}

/// The words that a literal uses outside the allowed phrases.
fn used(literal: &str) -> Vec<&'static str> {
    // `\n` and a line continuation separate words too.
    let mut text = literal
        .replace("\\n", " ")
        .replace("\\\n", " ")
        .to_lowercase();
    text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for phrase in ALLOWED {
        text = text.replace(phrase, " ");
    }
    // A hyphen joins, so that `fail-safe` is one other word.
    let words: Vec<&str> = text
        .split(|it: char| !it.is_alphanumeric() && it != '-' && it != '_')
        .collect();
    NEVER
        .iter()
        .copied()
        .filter(|never| words.contains(never))
        .collect()
}

#[test]
fn reports_and_messages_do_not_say_them() {
    let found: Vec<String> = crate::tree::files()
        .unwrap()
        .iter()
        .flat_map(complaints)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_use_is_seen() {
    let check = |path: &str, text: &str, n_expected: usize| {
        let actual = complaints(&SourceFile::new(path, text));
        assert_eq!(actual.len(), n_expected, "{text}: {actual:?}");
    };
    let path = "rig/report/src/summary.rs";
    check(path, r#"write!(f, "the lot is compliant")"#, 1);
    check(path, r#"f("SAFE to use"); g("Validated,\ncertified")"#, 3);
    check(path, r#"f("depth of penetration")"#, 1);
    check(path, r#"f("protrusion, not skin penetration")"#, 0);
    check(
        path,
        r#"f("flashes the released image"); g("pen released")"#,
        1,
    );
    check(
        path,
        r#"f("unsafe, fail-safe, safety, not for product release")"#,
        0,
    );
    check(path, "// safe\nfn safe() {}", 0);
    check(
        path,
        "#[cfg(test)]\nmod tests {\n    const A: &str = \"safe\";\n}",
        0,
    );
    check("rig/cli/src/main.rs", r#"f("accredited")"#, 1);
    check("rig/cli/tests/a.rs", r#"f("accredited")"#, 0);
    check("rig/armv6m/src/lib.rs", r#"f("safe")"#, 0);
}

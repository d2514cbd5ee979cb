//! Rust source taken apart into code, string literals and comments.

/// The parts of one source file; line numbers begin with 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RustText {
    /// The code, line by line as in the source; literals stand as `""`, comments are left out.
    pub(crate) code: String,
    /// Content of string literals, escapes as written, with the line each begins in.
    pub(crate) strings: Vec<(usize, String)>,
    /// Content of comments, with the line each begins in.
    pub(crate) comments: Vec<(usize, String)>,
}

impl RustText {
    /// Takes a source apart. Never fails: what an unterminated literal swallows is its content.
    pub(crate) fn new(source: &str) -> Self {
        let mut text = Self::default();
        let (mut rest, mut line) = (source, 1);
        while let Some(first) = rest.chars().next() {
            let (length, part) = part(rest, text.code.chars().next_back());
            let taken = &rest[..length];
            match part {
                Part::Code if first == '\n' => text.code.push('\n'),
                Part::Code => text.code.push_str(taken),
                Part::Comment => text.comments.push((line, taken.to_owned())),
                Part::Literal(content) => {
                    text.code.push_str("\"\"");
                    text.strings.push((line, content.to_owned()));
                }
            }
            let n_lines = taken.matches('\n').count();
            if part != Part::Code {
                // Lines of code keep their numbers.
                text.code.extend(std::iter::repeat_n('\n', n_lines));
            }
            line += n_lines;
            rest = &rest[length..];
        }
        text
    }

    /// The first line of the part of the file that is compiled for tests only.
    pub(crate) fn first_test_line(&self) -> usize {
        let lines: Vec<&str> = self.code.lines().map(str::trim).collect();
        (0..lines.len())
            .find(|&at| {
                lines[at] == "#[cfg(test)]"
                    && lines
                        .get(at + 1)
                        .is_some_and(|it| it.starts_with("mod ") && it.ends_with('{'))
            })
            .map_or(usize::MAX, |at| at + 1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Code,
    Comment,
    Literal(&'a str),
}

/// How many bytes the part at the front takes, and what it is.
fn part(rest: &str, before: Option<char>) -> (usize, Part<'_>) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Part::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Part::Comment);
    }
    let in_word = before.is_some_and(|it| it.is_alphanumeric() || it == '_');
    let prefix = if in_word {
        0
    } else {
        rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len()
    };
    let opening = &rest[prefix..];
    if prefix <= 2 && rest[..prefix].contains('r') {
        let n_hashes = opening.len() - opening.trim_start_matches('#').len();
        if opening[n_hashes..].starts_with('"') {
            let from = prefix + n_hashes + 1;
            let end = format!("\"{}", "#".repeat(n_hashes));
            let length = rest[from..].find(&end).unwrap_or(rest.len() - from);
            return (
                (from + length + end.len()).min(rest.len()),
                Part::Literal(&rest[from..from + length]),
            );
        }
    }
    if prefix <= 1 && opening.starts_with('"') {
        let from = prefix + 1;
        let length = escaped_until(&rest[from..], '"');
        return (
            (from + length + 1).min(rest.len()),
            Part::Literal(&rest[from..from + length]),
        );
    }
    if let Some(quoted) = opening.strip_prefix('\'') {
        let length = escaped_until(quoted, '\'');
        // A lifetime has no closing quote right after its first character.
        if quoted.starts_with('\\') || quoted[..length].chars().count() == 1 {
            let from = prefix + 1;
            return (
                (from + length + 1).min(rest.len()),
                Part::Literal(&rest[from..from + length]),
            );
        }
    }
    (rest.chars().next().map_or(1, char::len_utf8), Part::Code)
}

fn escaped_until(text: &str, end: char) -> usize {
    let mut escaped = false;
    text.char_indices()
        .find(|&(_, it)| {
            let found = it == end && !escaped;
            escaped = it == '\\' && !escaped;
            found
        })
        .map_or(text.len(), |(at, _)| at)
}

fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Whether a text holds a word as a whole; letters, digits and `_` make words.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let inside = |it: char| it.is_alphanumeric() || it == '_';
        !text[..at].ends_with(inside) && !text[at + word.len()..].starts_with(inside)
    })
}

#[test]
fn literals_and_comments_are_told_from_code() {
    let check = |source: &str, code: &str, strings: &[(usize, &str)], n_comments: usize| {
        let text = RustText::new(source);
        let actual: Vec<_> = text
            .strings
            .iter()
            .map(|(line, it)| (*line, it.as_str()))
            .collect();
        assert_eq!(
            (text.code.as_str(), actual.as_slice(), text.comments.len()),
            (code, strings, n_comments)
        );
    };
    check("let a = 1;", "let a = 1;", &[], 0);
    check("a // \"b\"\nc", "a \nc", &[], 1);
    check("a /* x /* y */ \n z */ b", "a \n b", &[], 1);
    check(r#"f("a \" b", c)"#, r#"f("", c)"#, &[(1, r#"a \" b"#)], 0);
    check("f(r#\"a \" // b\"#)", "f(\"\")", &[(1, "a \" // b")], 0);
    check(
        "x = b\"y\"; br\"\\\"",
        "x = \"\"; \"\"",
        &[(1, "y"), (1, "\\")],
        0,
    );
    check(
        "'a' 'b: &'static str",
        "\"\" 'b: &'static str",
        &[(1, "a")],
        0,
    );
    check(
        r"'\'' b'\\' '\u{1F}'",
        r#""" "" """#,
        &[(1, r"\'"), (1, r"\\"), (1, r"\u{1F}")],
        0,
    );
    check(
        "\"a\nb\" \"c\"\nd",
        "\"\"\n \"\"\nd",
        &[(1, "a\nb"), (2, "c")],
        0,
    );
    check("\"never closed", "\"\"", &[(1, "never closed")], 0);
    check("number\"x\"", "number\"\"", &[(1, "x")], 0);
}

#[test]
fn the_test_part_of_a_file_is_found() {
    let check = |source: &str, expected: usize| {
        assert_eq!(
            RustText::new(source).first_test_line(),
            expected,
            "{source}"
        );
    };
    check("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n", 3);
    check("#[cfg(test)]\nmod tests;\n\nfn a() {}\n", usize::MAX);
    check("// #[cfg(test)]\nfn a() {}", usize::MAX);
}

#[test]
fn words_are_whole() {
    let check =
        |text: &str, expected: bool| assert_eq!(has_word(text, "unsafe"), expected, "{text}");
    check("unsafe {", true);
    check("#[unsafe(no_mangle)]", true);
    check("unsafe_code", false);
    check("nunsafe", false);
}

//! Verdicts as a person sees them from across the room: by word, by shape, and by colours that
//! differ for every kind of colour vision (blue and orange, light and dark; after Okabe and Ito).

use super::verdict::{Announcement, Shown};
use console::{Style, measure_text_width, truncate_str};

/// How a terminal is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// Words and shapes alone.
    Plain,
    /// Colours too.
    Colour,
}

/// Rows of a large letter.
const ROWS: usize = 5;
/// Columns that stay free at the left.
const MARGIN: &str = "  ";

/// A band of three lines for a unit.
pub(crate) fn band(it: &Announcement, paint: Paint, columns: usize) -> String {
    let text = format!(
        "{MARGIN}{} {}   {}   {}",
        it.shown.sign(),
        it.shown.word(),
        it.of,
        it.lines.join("; ")
    );
    let (over, side) = frame(it.shown);
    let width = columns.max(2);
    let edge = over.to_string().repeat(width);
    let inner = format!("{side}{}{side}", fit(&text, width - 2));
    let lines = [edge.clone(), inner, edge];
    lines.map(|line| painted(it.shown, paint, &line)).join("\n")
}

/// Letters five rows high, and below them what the word rests on; one line where they do not fit.
pub(crate) fn banner(it: &Announcement, paint: Paint, columns: usize) -> String {
    let letters = letters(it.shown);
    let mut lines: Vec<String> = Vec::new();
    if letters.iter().all(|row| measure_text_width(row) < columns) {
        let width = columns.max(1);
        lines.extend(letters.map(|row| painted(it.shown, paint, &fit(&row, width))));
    } else {
        let word = format!("{MARGIN}{} {}", it.shown.sign(), it.shown.word());
        lines.push(painted(it.shown, paint, &fit(&word, columns.max(1))));
    }
    lines.push(format!("{MARGIN}{}", it.of));
    lines.extend(it.lines.iter().map(|line| format!("{MARGIN}{line}")));
    lines.join("\n")
}

/// One short line that stays in sight.
pub(crate) fn last(it: &Announcement, paint: Paint) -> String {
    let word = format!(" {} {} ", it.shown.sign(), it.shown.word());
    let why = it.lines.join("; ");
    format!("{} {}  {why}", painted(it.shown, paint, &word), it.of)
}

/// A line cut or filled to a width.
fn fit(line: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let cut = truncate_str(line, width, "…");
    let blanks = width.saturating_sub(measure_text_width(&cut));
    format!("{cut}{}", " ".repeat(blanks))
}

fn painted(shown: Shown, paint: Paint, text: &str) -> String {
    if paint == Paint::Plain {
        return text.trim_end().to_owned();
    }
    let style = match shown {
        Shown::Pass => Style::new().color256(231).on_color256(25),
        Shown::Fail => Style::new().color256(16).on_color256(208),
        Shown::Inconclusive => Style::new().color256(16).on_color256(252),
        Shown::NoVerdict => Style::new().color256(231).on_color256(240),
    };
    style.bold().force_styling(true).apply_to(text).to_string()
}

/// Edge and side of a band: another for each word.
fn frame(shown: Shown) -> (char, char) {
    match shown {
        Shown::Pass => ('═', '║'),
        Shown::Fail => ('╳', '╳'),
        Shown::Inconclusive => ('┄', '┆'),
        Shown::NoVerdict => ('·', '·'),
    }
}

/// The emblem and the word, row by row.
fn letters(shown: Shown) -> [String; ROWS] {
    let mut rows: [String; ROWS] = std::array::from_fn(|_| MARGIN.to_owned());
    let emblem = emblem(shown);
    let glyphs = shown.word().chars().map(glyph);
    for glyph in std::iter::once(emblem).chain(glyphs) {
        for (row, piece) in rows.iter_mut().zip(glyph) {
            row.push_str(&piece.replace('#', "█"));
            row.push(' ');
        }
    }
    rows.map(|row| row.trim_end().to_owned())
}

type Glyph = [&'static str; ROWS];

fn emblem(shown: Shown) -> Glyph {
    match shown {
        Shown::Pass => ["     # ", "    #  ", "#  #   ", " ##    ", " #     "],
        Shown::Fail => ["#   #  ", " # #   ", "  #    ", " # #   ", "#   #  "],
        Shown::Inconclusive => [" ###   ", "#   #  ", "  ##   ", "       ", "  #    "],
        Shown::NoVerdict => ["       ", "       ", "#####  ", "       ", "       "],
    }
}

/// A capital letter of the words above.
fn glyph(letter: char) -> Glyph {
    match letter {
        'A' => [" ### ", "#   #", "#####", "#   #", "#   #"],
        'C' => [" ####", "#    ", "#    ", "#    ", " ####"],
        'D' => ["#### ", "#   #", "#   #", "#   #", "#### "],
        'E' => ["#####", "#    ", "###  ", "#    ", "#####"],
        'F' => ["#####", "#    ", "###  ", "#    ", "#    "],
        'I' => ["###", " # ", " # ", " # ", "###"],
        'L' => ["#    ", "#    ", "#    ", "#    ", "#####"],
        'N' => ["#   #", "##  #", "# # #", "#  ##", "#   #"],
        'O' => [" ### ", "#   #", "#   #", "#   #", " ### "],
        'P' => ["#### ", "#   #", "#### ", "#    ", "#    "],
        'R' => ["#### ", "#   #", "#### ", "#  # ", "#   #"],
        'S' => [" ####", "#    ", " ### ", "    #", "#### "],
        'T' => ["#####", "  #  ", "  #  ", "  #  ", "  #  "],
        'U' => ["#   #", "#   #", "#   #", "#   #", " ### "],
        'V' => ["#   #", "#   #", "#   #", " # # ", "  #  "],
        _ => ["  "; ROWS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(shown: Shown) -> Announcement {
        Announcement {
            shown,
            of: "PA1-00000003 VIRTUAL".to_owned(),
            lines: vec!["29 of 30 required rows pass; fail: DEP-04".to_owned()],
        }
    }

    /// Every word, drawn one below the other.
    fn all(draw: impl Fn(&Announcement) -> String) -> String {
        Shown::ALL.map(|it| draw(&announcement(it))).join("\n\n")
    }

    #[test]
    fn words_differ_in_shape_without_colour() {
        insta::assert_snapshot!("banners_plain", all(|it| banner(it, Paint::Plain, 80)));
        insta::assert_snapshot!("bands_plain", all(|it| band(it, Paint::Plain, 80)));
        insta::assert_snapshot!("last_plain", all(|it| last(it, Paint::Plain)));
    }

    #[test]
    fn colours_are_blue_orange_light_and_dark() {
        let shown = |text: String| text.replace('\u{1b}', "ESC");
        insta::assert_snapshot!("bands_colour", shown(all(|it| band(it, Paint::Colour, 60))));
        insta::assert_snapshot!("last_colour", shown(all(|it| last(it, Paint::Colour))));
    }

    #[test]
    fn taking_the_colours_away_leaves_the_plain_form() {
        for columns in [20, 80, 200] {
            for it in Shown::ALL.map(announcement) {
                for draw in [banner, band] {
                    let colour = draw(&it, Paint::Colour, columns);
                    let stripped = console::strip_ansi_codes(&colour).into_owned();
                    let stripped: Vec<&str> = stripped.lines().map(str::trim_end).collect();
                    let plain = draw(&it, Paint::Plain, columns);
                    assert_eq!(stripped, plain.lines().collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn a_narrow_terminal_gets_the_word_on_a_line() {
        insta::assert_snapshot!("banners_narrow", all(|it| banner(it, Paint::Plain, 40)));
        for columns in [0, 1, 2, 79] {
            for it in Shown::ALL.map(announcement) {
                let text = band(&it, Paint::Plain, columns);
                let width = text.lines().map(measure_text_width).max();
                assert!(width <= Some(columns.max(2)), "{columns}: {text}");
            }
        }
    }

    #[test]
    fn every_letter_has_a_form() {
        let blank = glyph(' ');
        for letter in Shown::ALL.iter().flat_map(|it| it.word().chars()) {
            assert_eq!(glyph(letter) == blank, letter == ' ', "{letter}");
            let width = glyph(letter)[0].len();
            assert!(
                glyph(letter).iter().all(|row| row.len() == width),
                "{letter}"
            );
        }
    }
}

//! What is typed on the command line and stands in records and tables afterwards.

/// A text that goes into tables: nothing that cannot be seen, and nothing that a spreadsheet would
/// evaluate.
pub(super) fn recorded(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("has a line break or another control character".to_owned());
    }
    if let Some(first) = rig_spec::begins_a_formula(text) {
        return Err(format!(
            "begins with `{first}`, which a spreadsheet takes for the beginning of a formula"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_table_cannot_carry_to_a_spreadsheet_is_refused() {
        for sound in ["", "-", "A. Person", "Größe = 3", "0012"] {
            assert_eq!(recorded(sound), Ok(sound.to_owned()));
        }
        for formula in ["=1+1", "+1", "-1-1", "@SUM(1)"] {
            let refused = recorded(formula).unwrap_err();
            assert!(refused.contains("formula"), "{refused}");
        }
        for unseen in ["two\nlines", "a\tb"] {
            let refused = recorded(unseen).unwrap_err();
            assert!(refused.contains("control character"), "{refused}");
        }
    }
}

//! Intake lists: what they may say, and every defect at once.

use rig_spec::{IntakeList, SpecSet};
use std::fmt::Write as _;

mod files;

/// Reads a list for a device whose serial numbers have a form, and shows what was read.
fn read(text: &str) -> String {
    let mut tables = files::pen_a1().expect("the folder is part of the repository");
    let document = tables.get_mut("document.csv").expect("a table");
    if !document.contains("serial number pattern") {
        document.push_str("serial number pattern,PA1-[0-9]{8}\n");
    }
    let spec = SpecSet::parse(&tables).expect("tables without defect");
    let mut shown = String::new();
    match IntakeList::parse("lot.csv", text, &spec.document) {
        Ok(list) => {
            for it in &list.units {
                let told = [&it.udi, &it.work_order, &it.condition, &it.cartridge_lot];
                writeln!(shown, "{} {told:?}", it.serial).expect("a string");
            }
        }
        Err(defects) => {
            for defect in defects {
                writeln!(shown, "{defect}").expect("a string");
            }
        }
    }
    shown
}

#[test]
fn what_a_list_says_of_a_unit_is_kept_as_written() {
    let whole = "serial,udi,work_order,condition,cartridge_lot
PA1-00000002,(01)09506000134352(21)PA1-00000002,WO-17,\"box dented, pen \"\"as new\"\"\",C-5
PA1-00000001,,,,
";
    let expected = r#"PA1-00000002 ["(01)09506000134352(21)PA1-00000002", "WO-17", "box dented, pen \"as new\"", "C-5"]
PA1-00000001 ["", "", "", ""]
"#;
    assert_eq!(read(whole), expected);
    // As a spreadsheet on Windows writes it.
    let windows = format!("\u{feff}{}", whole.replace('\n', "\r\n"));
    assert_eq!(read(&windows), expected);
    // Columns in another order, blanks, blank lines, no last line feed.
    assert_eq!(
        read("condition,serial\n\n sealed , PA1-00000003 \n\nopen,PA1-00000004"),
        "PA1-00000003 [\"\", \"\", \"sealed\", \"\"]\nPA1-00000004 [\"\", \"\", \"open\", \"\"]\n"
    );
}

#[test]
fn every_defect_is_reported_at_once_with_its_line_and_column() {
    insta::assert_snapshot!(read(
        "serial,udi,colour
PA1-00000001,a,red
,b,red
PA1-00000001,c,red
PA1-1,d,red
PA1-00000002,\"two
lines\",red
PA1-00000003,e
../etc,f,red
"
    ));
}

#[test]
fn what_a_spreadsheet_would_evaluate_is_a_defect() {
    let of = |condition: &str| read(&format!("serial,condition\nPA1-00000001,{condition}\n"));
    for formula in ["=1+1", "+1", "-1-1", "@SUM(1)", "=cmd|' /C calc'!A0"] {
        let first = &formula[..1];
        let expected = format!(
            "lot.csv:2: column `condition`: begins with `{first}`, which a spreadsheet takes for the beginning of a formula\n"
        );
        assert_eq!(of(formula), expected);
    }
    for text in ["", "-", "new - sealed", "1+1"] {
        assert!(
            of(text).starts_with("PA1-00000001 "),
            "{text}: {}",
            of(text)
        );
    }
}

#[test]
fn a_list_without_units_is_no_list() {
    insta::assert_snapshot!(
        [
            "",
            "\u{feff}",
            "serial\n",
            "udi,condition\nx,new\n",
            "serial;udi\nPA1-00000001;x\n",
            "serial,serial\nPA1-00000001,PA1-00000001\n",
            "serial,udi\nPA1-00000001,\"x\n",
        ]
        .map(read)
        .join("--\n")
    );
}

/// The example beside the command that reads it.
#[test]
fn the_example_is_sound() {
    let example = include_str!("../../cli/examples/lot.csv");
    assert_eq!(read(example).lines().count(), 5);
}

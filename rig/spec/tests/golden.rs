//! The golden pen's file: what it may say, every defect at once, and how a difference is judged.

use rig_spec::{Doubt, Evidence, GoldenPen, Measured, RecordUnit, SpecSet, Verdict};

mod files;

const HEAD: &str =
    "serial,row,reference,reference_u,unit,allowed_difference,basis,valid_until,shift_h\n";
const SOUND: &str = "PA1-00000042,DEP-04,1.503,0.006,mm,0.020,proposed,2027-03-01,8\n\
                     PA1-00000042,RAT-03,116.660,0.010,strokes/s,0.100,proposed,2027-03-01,8\n";

fn parse(lines: &str) -> Result<GoldenPen, String> {
    let spec = SpecSet::parse(&files::pen_a1().expect("the folder is part of the repository"))
        .expect("tables without defect");
    GoldenPen::parse("golden.csv", &format!("{HEAD}{lines}"), &spec).map_err(|defects| {
        let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

#[test]
fn a_sound_file_is_read_exactly() {
    let pen = parse(SOUND).unwrap();
    assert_eq!(pen.serial, "PA1-00000042");
    assert_eq!((pen.valid_until.as_str(), pen.shift_h), ("2027-03-01", 8));
    let depth = &pen.values[0];
    assert_eq!(
        (depth.reference, depth.reference_u, depth.allowed),
        (1_503_000, 6_000, 20_000)
    );
    let rate = &pen.values[1];
    assert_eq!((rate.reference, rate.allowed), (116_660_000, 100_000));
    assert_eq!(pen.sha256.len(), 64);
    // The example beside the example bench file.
    let example = include_str!("../../bench-hardware/golden.csv");
    let example = example.strip_prefix(HEAD).expect("the columns of the file");
    assert_eq!(parse(example).unwrap().values.len(), 2);
}

#[test]
fn every_defect_is_reported_at_once() {
    let lines = "PA1-00000042,DEP-04,1.503,0.006,mm,0.020,proposed,2027-13-01,0\n\
                 PA1-00000043,DEP-99,1.5,0.006,mm,0.02,proposed,2027-13-01,8\n\
                 PA1-00000042,RAT-03,116.66,0,inch,0.1,,2027-13-01,0\n\
                 PA1-00000042,RAT-03,116.66,0.01,mm,0.1,proposed,2027-13-01,0\n\
                 PA1-00000042,DEP-04,1.5O,-1,mm,,proposed,2027-13-01,0\n\
                 PA1-00000042,DEP-05,1.5,0.0000001,mm,0.02,proposed,2027-13-01,0\n\
                 PA1-00000042,DEP-05,1.5,0.01,mm,0.02,proposed,2027-13-01,0\n\
                 PA1-00000042,DEP-05,1.5,0.01,mm,0.02,proposed,2027-13-01,0\n";
    insta::assert_snapshot!(parse(lines).unwrap_err());
    assert_eq!(parse("").unwrap_err(), "golden.csv: table is empty");
}

#[test]
fn a_difference_is_judged_by_what_is_allowed_and_by_what_is_known() {
    let pen = parse(SOUND).unwrap();
    let check = |value, expanded, doubts: &[Doubt], verdict, why: &str| {
        let measured = Measured {
            unit: RecordUnit::Nanometer,
            value,
            expanded,
            k_thousandths: 2_000,
        };
        let mut evidence = Evidence::measured(measured, 1_000);
        evidence.doubts = doubts.to_vec();
        let judged = pen.values[0].judge(&evidence).expect("a value in its unit");
        let words: Vec<String> = judged.why.iter().map(ToString::to_string).collect();
        assert_eq!((judged.verdict, words.join("; ").as_str()), (verdict, why));
        judged
    };
    let judged = check(1_523_000, 8_000, &[], Verdict::Pass, "");
    assert_eq!((judged.difference, judged.expanded), (20_000, 10_000));
    check(1_483_000, 8_000, &[], Verdict::Pass, "");
    let beyond = "beyond the allowed difference";
    check(1_523_001, 8_000, &[], Verdict::Fail, beyond);
    check(1_482_999, 8_000, &[], Verdict::Fail, beyond);
    let uncertain = "U of the difference above the allowed difference";
    check(1_503_000, 20_000, &[], Verdict::Inconclusive, uncertain);
    // A difference that is too large stays so, however badly it is known.
    let both = format!("{beyond}; {uncertain}");
    check(1_603_000, 20_000, &[], Verdict::Fail, &both);
    check(
        1_503_000,
        8_000,
        &[Doubt::DatumMoved],
        Verdict::Inconclusive,
        "datum moved",
    );
    // What is not to be believed fails nobody.
    let void = format!("{beyond}; datum moved");
    check(
        1_603_000,
        8_000,
        &[Doubt::DatumMoved],
        Verdict::Inconclusive,
        &void,
    );
    let rate = Measured::exact(RecordUnit::Microhertz, 1);
    assert_eq!(pen.values[0].judge(&Evidence::measured(rate, 1)), None);
    assert_eq!(pen.values[0].judge(&Evidence::default()), None);
}

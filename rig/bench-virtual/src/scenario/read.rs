//! Reads a scenario's tables into a scenario; all defects at once.

use super::catalog::{FaultEntry, Time, catalog};
use super::defect::{Defect, DefectKind, Near};
use super::sheet::{Form, Reader, Sheet};
use super::{Affected, BenchSection, Dates, Fault, Lot, MAX_UNITS, Scenario, Variation};
use firmware_units::Nanoseconds;

/// Longest bench time of a fault, s.
const LONGEST_S: f64 = 1e6;
/// Serial numbers have eight digits.
const LAST_SERIAL: i64 = 99_999_999;

/// The scenario that a text describes, or what is wrong with it.
pub(super) fn scenario(text: &str) -> Result<Scenario, Vec<Defect>> {
    let (mut reader, mut document) = Reader::open(text);
    let reader = &mut reader;
    let lot = match document.table(reader, "lot", "[lot]") {
        Some(sheet) => read_lot(reader, sheet),
        None => missing(reader, &document, "lot"),
    };
    let variation = document
        .table(reader, "variation", "[variation]")
        .map_or_else(Variation::default, |sheet| read_variation(reader, sheet));
    let bench = document
        .table(reader, "bench", "[bench]")
        .map_or_else(BenchSection::default, |sheet| read_bench(reader, sheet));
    let dates = match document.table(reader, "dates", "[dates]") {
        Some(sheet) => read_dates(reader, sheet),
        None => missing(reader, &document, "dates"),
    };
    let mut faults: Vec<(Fault, usize)> = Vec::new();
    for sheet in document.tables(reader, "fault", "[[fault]]") {
        let at = sheet.at;
        let Some(fault) = read_fault(reader, sheet, lot.as_ref()) else {
            continue;
        };
        if let Some((_, line)) = faults.iter().find(|(other, _)| other.overlaps(&fault)) {
            let (name, line) = (fault.name, *line);
            reader.report(at, DefectKind::Overlap { name, line });
        }
        let (line, _) = reader.place(at);
        faults.push((fault, line));
    }
    document.close(reader);
    match (lot, dates, reader.has_defects()) {
        (Some(lot), Some(dates), false) => Ok(Scenario {
            lot,
            variation,
            bench,
            dates,
            faults: faults.into_iter().map(|(fault, _)| fault).collect(),
        }),
        _ => Err(reader.take_defects()),
    }
}

fn missing<T>(reader: &mut Reader<'_>, document: &Sheet<'_>, key: &'static str) -> Option<T> {
    // A value of another type has been reported.
    if !document.had(key) {
        let table = "the scenario";
        reader.report(document.at, DefectKind::MissingKey { key, table });
    }
    None
}

fn read_lot(reader: &mut Reader<'_>, mut sheet: Sheet<'_>) -> Option<Lot> {
    let name = sheet.text(reader, "name");
    let (mut seed, mut units, mut first_serial) = (None, None, None);
    // Whole numbers of TOML are below 2^63; ranges are held in numbers exact to 2^53.
    sheet.need_whole(reader, "seed", 0..=1 << 53, &mut seed);
    sheet.need_whole(reader, "units", 1..=MAX_UNITS as i64, &mut units);
    sheet.need_whole(reader, "first_serial", 0..=LAST_SERIAL, &mut first_serial);
    let revision = sheet.text(reader, "hardware_revision");
    let hardware_revision = revision.and_then(|(value, at)| {
        let mut letters = value.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_uppercase() => Some(letter),
            _ => {
                reader.report(at, DefectKind::BadRevision { value });
                None
            }
        }
    });
    let at = sheet.at;
    sheet.close(reader);
    let (units, first_serial): (usize, u32) = (units?, first_serial?);
    if i64::from(first_serial) + units as i64 - 1 > LAST_SERIAL {
        let first = first_serial;
        reader.report(at, DefectKind::SerialsRunOut { first, units });
    }
    Some(Lot {
        name: name?.0,
        seed: seed?,
        units,
        first_serial,
        hardware_revision: hardware_revision?,
    })
}

fn read_variation(reader: &mut Reader<'_>, mut sheet: Sheet<'_>) -> Variation {
    let mut it = Variation::default();
    let at = sheet.at;
    let mut read = |key, most, target: &mut u32| sheet.whole(reader, key, 0..=most, target);
    // Three deviations must leave −0.20 mm outward of home at −0.40 mm.
    read("home_protrusion_sd_um", 66, &mut it.home_protrusion_sd_um);
    read(
        "depth_zero_residual_sd_um",
        1_000,
        &mut it.depth_zero_residual_sd_um,
    );
    // The pen's firmware takes leads within 4 % of 0.5 mm.
    read("screw_lead_sd_ppm", 13_000, &mut it.screw_lead_sd_ppm);
    read(
        "screw_lead_residual_sd_ppm",
        13_000,
        &mut it.screw_lead_residual_sd_ppm,
    );
    read("backlash_min_um", 1_000, &mut it.backlash_min_um);
    read("backlash_max_um", 1_000, &mut it.backlash_max_um);
    read(
        "stroke_to_stroke_sd_um",
        500,
        &mut it.stroke_to_stroke_sd_um,
    );
    read(
        "motor_tolerance_permille",
        500,
        &mut it.motor_tolerance_permille,
    );
    read(
        "friction_tolerance_permille",
        1_000,
        &mut it.friction_tolerance_permille,
    );
    read("oscillator_sd_ppm", 30_000, &mut it.oscillator_sd_ppm);
    read("position_sensor_sd_um", 500, &mut it.position_sensor_sd_um);
    read(
        "current_sensor_sd_ua",
        100_000,
        &mut it.current_sensor_sd_ua,
    );
    // Beyond lead/2π, 79 µm, a screw would turn back.
    read("screw_pitch_error_um", 50, &mut it.screw_pitch_error_um);
    read("float_rise_um", 500, &mut it.float_rise_um);
    read("float_rise_sd_um", 500, &mut it.float_rise_sd_um);
    if it.backlash_max_um < it.backlash_min_um {
        let kind = DefectKind::Crossed {
            low: "backlash_min_um",
            low_value: it.backlash_min_um.to_string(),
            high: "backlash_max_um",
            high_value: it.backlash_max_um.to_string(),
        };
        reader.report(at, kind);
    }
    sheet.close(reader);
    it
}

fn read_bench(reader: &mut Reader<'_>, mut sheet: Sheet<'_>) -> BenchSection {
    let mut it = BenchSection::default();
    let mut read = |key, most, target: &mut u32| sheet.whole(reader, key, 0..=most, target);
    read("gauge_noise_nm", 1_000_000, &mut it.gauge_noise_nm);
    read("gauge_linearity_nm", 1_000_000, &mut it.gauge_linearity_nm);
    read("mounting_um", 1_000, &mut it.mounting_um);
    read("block_u_nm", 100_000, &mut it.block_u_nm);
    read("seating_nm", 100_000, &mut it.seating_nm);
    read("tilt_centidegrees", 6_000, &mut it.tilt_centidegrees);
    read("drift_nm", 1_000_000, &mut it.drift_nm);
    sheet.whole(
        reader,
        "block_height_nm",
        -3_000_000..=3_000_000,
        &mut it.block_height_nm,
    );
    sheet.close(reader);
    it
}

fn read_dates(reader: &mut Reader<'_>, mut sheet: Sheet<'_>) -> Option<Dates> {
    let at = sheet.at;
    let mut date = |key| {
        let (value, at) = sheet.text(reader, key)?;
        if is_date(&value) {
            return Some(value);
        }
        reader.report(at, DefectKind::BadDate { key, value });
        None
    };
    let (today, calibrated, due) = (date("today"), date("calibrated"), date("due"));
    sheet.close(reader);
    let (today, calibrated, due) = (today?, calibrated?, due?);
    if due < calibrated {
        let kind = DefectKind::Crossed {
            low: "calibrated",
            low_value: calibrated.clone(),
            high: "due",
            high_value: due.clone(),
        };
        reader.report(at, kind);
    }
    Some(Dates {
        today,
        calibrated,
        due,
    })
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)
            .filter(|it| it.bytes().all(|it| it.is_ascii_digit()))
    };
    let within = |part: Option<&str>, most: u32| {
        part.and_then(|it| it.parse().ok())
            .is_some_and(|it: u32| (1..=most).contains(&it))
    };
    text.len() == 10
        && text.as_bytes()[4] == b'-'
        && text.as_bytes()[7] == b'-'
        && within(digits(0..4), 9999)
        && within(digits(5..7), 12)
        && within(digits(8..10), 31)
}

fn read_fault(reader: &mut Reader<'_>, mut sheet: Sheet<'_>, lot: Option<&Lot>) -> Option<Fault> {
    let name = sheet.text(reader, "name");
    let affected = read_affected(reader, &mut sheet, lot);
    let contained = sheet.flag(reader, "contained");
    let (name, name_at) = name?;
    let Some(entry) = catalog().find(|entry| entry.name == name) else {
        let names: Vec<&'static str> = catalog().map(|entry| entry.name).collect();
        let near = Near::of(&name, &names);
        reader.report(name_at, DefectKind::UnknownFault { name, near });
        return None;
    };
    let times = read_times(reader, &mut sheet, entry);
    let mut numbers = Vec::with_capacity(entry.parameters.len());
    for it in entry.parameters {
        let form = if it.fraction { Form::Real } else { Form::Whole };
        numbers.extend(sheet.number(reader, it.name, it.unit, (it.least, it.most), form));
    }
    sheet.close(reader);
    let (from, until) = times?;
    if numbers.len() < entry.parameters.len() {
        return None;
    }
    Some(Fault {
        name: entry.name,
        kind: (entry.make)(&numbers),
        affected: affected?,
        from,
        until,
        contained: contained.unwrap_or(entry.contained),
    })
}

fn read_affected(
    reader: &mut Reader<'_>,
    sheet: &mut Sheet<'_>,
    lot: Option<&Lot>,
) -> Option<Affected> {
    let (unit, at) = sheet.text(reader, "unit")?;
    if unit == "all" {
        return Some(Affected::All);
    }
    // Without a lot there is no telling.
    let lot = lot?;
    if let Some(index) = lot.index_of(&unit) {
        return Some(Affected::Unit(index));
    }
    let (first, last) = (lot.serial(0), lot.serial(lot.units - 1));
    reader.report(at, DefectKind::UnknownUnit { unit, first, last });
    None
}

/// Beginning and end; nothing if one of them is not right.
fn read_times(
    reader: &mut Reader<'_>,
    sheet: &mut Sheet<'_>,
    entry: &'static FaultEntry,
) -> Option<(Nanoseconds, Option<Nanoseconds>)> {
    let mut is_right = true;
    let mut read = |key: &'static str| {
        let at = sheet.place_of(key)?;
        if entry.time == Time::Standing {
            sheet.take(key);
            let name = entry.name;
            reader.report(at, DefectKind::NoTime { key, name });
            is_right = false;
            return None;
        }
        let seconds = sheet.number(reader, key, "s", (0.0, LONGEST_S), Form::Real);
        is_right &= seconds.is_some();
        // To the nearest nanosecond; positive and far below 2^63.
        seconds.map(|it| Nanoseconds((it * 1e9 + 0.5) as u64))
    };
    let from = read("from_s").unwrap_or_default();
    let lasts = read("for_s");
    is_right.then(|| (from, lasts.map(|it| from.saturating_add(it))))
}

//! The tables of a spec and their columns.

/// Columns of the five limit tables.
pub(crate) const ROW_COLUMNS: &[&str] = &[
    "id",
    "rev",
    "measurand",
    "statistic",
    "depth_mm",
    "rate_per_s",
    "load",
    "supply",
    "cartridge",
    "stimulus",
    "from_event",
    "to_event",
    "window_s",
    "n",
    "target",
    "lower",
    "upper",
    "expected",
    "unit",
    "rule",
    "guard_r",
    "max_risk",
    "max_u",
    "instrument",
    "hazard",
    "basis_condition",
    "basis_limit",
    "source",
];
/// Columns that a table may leave out; every cell is empty then: one of limit tables, the others of
/// intake lists.
pub(crate) const OPTIONAL_COLUMNS: &[&str] = &[
    "max_risk",
    "udi",
    "work_order",
    "condition",
    "cartridge_lot",
];
const PLAN_COLUMNS: &[&str] = &[
    "plan",
    "row",
    "required",
    "n_units",
    "max_remeasure",
    "note",
];
const LOAD_COLUMNS: &[&str] = &[
    "load",
    "needles",
    "force_per_needle_N",
    "axial_N",
    "shaft",
    "note",
];
const PRESET_COLUMNS: &[&str] = &["preset", "depth_mm", "ceiling_mm", "basis", "source"];
const HAZARD_COLUMNS: &[&str] = &[
    "id",
    "hazard",
    "harm",
    "controls in the pen",
    "verified implemented by",
    "verified effective by",
];
const DOCUMENT_COLUMNS: &[&str] = &["key", "value"];
const SAMPLING_COLUMNS: &[&str] = &[
    "plan",
    "row",
    "rule",
    "lot_size",
    "level",
    "aql",
    "inspection",
    "n",
    "ac",
    "re",
    "k",
    "p1",
    "alpha",
    "p2",
    "beta",
    "confidence",
    "content",
    "note",
];
const DICTIONARY_COLUMNS: &[&str] = &["table", "column", "meaning", "form"];

/// Tables that a spec may leave out: without the first, the default gate alone disposes of a lot.
pub(crate) const OPTIONAL: [&str; 2] = ["sampling.csv", "columns.csv"];

/// Every table of a spec and its columns, in order.
pub const TABLE_COLUMNS: [(&str, &[&str]); 12] = [
    ("unit.csv", ROW_COLUMNS),
    ("design.csv", ROW_COLUMNS),
    ("cartridge.csv", ROW_COLUMNS),
    ("characterisation.csv", ROW_COLUMNS),
    ("rig.csv", ROW_COLUMNS),
    ("plans.csv", PLAN_COLUMNS),
    ("loads.csv", LOAD_COLUMNS),
    ("presets.csv", PRESET_COLUMNS),
    ("hazards.csv", HAZARD_COLUMNS),
    ("document.csv", DOCUMENT_COLUMNS),
    ("sampling.csv", SAMPLING_COLUMNS),
    ("columns.csv", DICTIONARY_COLUMNS),
];

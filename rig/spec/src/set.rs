//! All tables of one device, parsed together or not at all.

use crate::columns::{OPTIONAL, TABLE_COLUMNS};
use crate::document::parse_current;
use crate::hazard::parse_row_list;
use crate::plan_tables::{self, AttributesTables};
use crate::sampling_cells;
use crate::sheet::{self, Cells, Line};
use crate::{
    Defect, DefectKind, Dimension, Document, Hazard, Load, Plan, PlanEntry, Preset, Required, Row,
    RowId, RowLoad, Rule, Sampling, SerialPattern, ShaftLoad, TableName, Unit, UnitsWanted,
};
use firmware_units::{Micrometers, Millinewtons};
use std::collections::{BTreeMap, BTreeSet};

/// Key of the form of serial numbers in `document.csv`.
const SERIAL_PATTERN: &str = "serial number pattern";
/// Key of the motor's rated current in `document.csv`.
const RATED_CURRENT: &str = "rated motor current";
/// The load that is reckoned from the motor's rated current (specs/pen-a1/loads.csv).
const OVERLOAD: &str = "overload";

/// One table as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableText {
    /// The text, byte for byte.
    pub text: String,
    /// SHA-256 of the text, lower-case hexadecimal.
    pub sha256: String,
}

/// All tables of one device, without a defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecSet {
    /// The document the tables are an edition of.
    pub document: Document,
    /// Rows of all limit tables: unit, design, cartridge, characterisation, rig; each in the order
    /// of its lines.
    pub rows: Vec<Row>,
    /// Plans, in order of first mention.
    pub plans: Vec<Plan>,
    /// Rules that users chose for lots, in the order of the table; empty without one.
    pub sampling: Vec<Sampling>,
    /// Tables of attributes plans that the spec brings along; none for those of the program.
    pub plan_tables: Option<AttributesTables>,
    /// Loads.
    pub loads: Vec<Load>,
    /// Presets, in the order of the table.
    pub presets: Vec<Preset>,
    /// Hazards.
    pub hazards: Vec<Hazard>,
    /// The tables as read, by file name.
    pub tables: BTreeMap<String, TableText>,
}

impl SpecSet {
    /// Parses every table of a spec, given as file name and text.
    ///
    /// # Errors
    /// Every defect of every table, in order of file and line. With any defect no table is used.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Self, Vec<Defect>> {
        let mut parser = Parser {
            files,
            defects: Vec::new(),
        };
        parser.check_files();
        let hazard_lines = parser.lines("hazards.csv");
        let load_lines = parser.lines("loads.csv");
        // Where a table cannot be read, what it lists is not known, and names are not held against it.
        let readable = ["hazards.csv", "loads.csv"]
            .map(|file| parser.defects.iter().all(|defect| defect.file != file));
        let names = [
            parser.names(&hazard_lines, "id"),
            parser.names(&load_lines, "load"),
        ];
        let known = Known {
            hazards: readable[0].then_some(&names[0]),
            loads: readable[1].then_some(&names[1]),
        };

        let row_lines: Vec<(TableName, Vec<Line<'_>>)> = TableName::ALL
            .into_iter()
            .map(|table| (table, parser.lines(table.file_name())))
            .collect();
        let rows = parser.rows(&row_lines, known);
        // Names of defective rows count as known, so that one bad cell is one defect.
        let row_ids: Vec<RowId> = row_lines
            .iter()
            .flat_map(|(_, lines)| lines)
            .filter_map(|line| RowId::parse(line.cells.first()?))
            .collect();
        let plans = parser.plans(&row_ids, &rows);
        let sampling = parser.sampling(&plans, &rows);
        let plan_tables = plan_tables::of_files(files, &mut parser.defects);
        let set = Self {
            document: parser.document(loads_the_motor(&plans, &rows)),
            plans,
            sampling,
            plan_tables,
            loads: load_lines
                .iter()
                .filter_map(|line| load(&mut Cells::new(line, &mut parser.defects)))
                .collect(),
            presets: parser.presets(),
            hazards: hazard_lines
                .iter()
                .filter_map(|line| hazard(&mut Cells::new(line, &mut parser.defects), &row_ids))
                .collect(),
            rows,
            tables: files
                .iter()
                .map(|(name, text)| (name.clone(), TableText::new(text)))
                .collect(),
        };
        parser.lines("columns.csv");
        if parser.defects.is_empty() {
            return Ok(set);
        }
        parser
            .defects
            .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Err(parser.defects)
    }

    /// The row of this name.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|it| it.id == *id)
    }

    /// The plan of this name.
    #[must_use]
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.iter().find(|it| it.name == name)
    }

    /// The rules that were chosen for lots of a plan.
    pub fn sampling_of(&self, plan: &str) -> impl Iterator<Item = &Sampling> {
        self.sampling.iter().filter(move |it| it.plan == plan)
    }

    /// The load of this name.
    #[must_use]
    pub fn load(&self, name: &str) -> Option<&Load> {
        self.loads.iter().find(|it| it.name == name)
    }
}

impl TableText {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            sha256: crate::sha256(text.as_bytes()),
        }
    }
}

/// Names that rows may refer to; none where the table that lists them cannot be read.
#[derive(Clone, Copy)]
struct Known<'n> {
    hazards: Option<&'n BTreeSet<String>>,
    loads: Option<&'n BTreeSet<String>>,
}

struct Parser<'f> {
    files: &'f BTreeMap<String, String>,
    defects: Vec<Defect>,
}

impl<'f> Parser<'f> {
    /// Names of files against the tables of a spec; those of [`OPTIONAL`] may be absent.
    fn check_files(&mut self) {
        let mut report = |file: &str, kind| {
            self.defects.push(Defect {
                file: file.to_owned(),
                line: 0,
                column: None,
                kind,
            });
        };
        for (file, _) in TABLE_COLUMNS
            .iter()
            .filter(|(file, _)| !OPTIONAL.contains(file))
        {
            if !self.files.contains_key(*file) {
                report(file, DefectKind::MissingTable);
            }
        }
        for file in self.files.keys() {
            let is_known =
                TABLE_COLUMNS.iter().any(|(known, _)| known == file) || plan_tables::is_file(file);
            if !is_known {
                report(file, DefectKind::UnknownTable);
            }
        }
    }

    fn lines(&mut self, file: &'static str) -> Vec<Line<'static>> {
        let (_, columns) = TABLE_COLUMNS
            .iter()
            .find(|(known, _)| *known == file)
            .expect("a table of the list");
        match self.files.get(file) {
            Some(text) => sheet::read(file, text, columns, &mut self.defects),
            None => Vec::new(),
        }
    }

    /// The names in one column; a name that stands twice is reported.
    fn names(&mut self, lines: &[Line<'_>], column: &'static str) -> BTreeSet<String> {
        let mut first_lines: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for line in lines {
            let mut cells = Cells::new(line, &mut self.defects);
            let name = cells.wanted(column);
            cells.once(column, &name, &mut first_lines);
        }
        first_lines.into_keys().collect()
    }

    fn rows(&mut self, tables: &[(TableName, Vec<Line<'_>>)], known: Known<'_>) -> Vec<Row> {
        let mut first_lines = BTreeMap::new();
        let mut dimensions: BTreeMap<String, (Dimension, String, u64)> = BTreeMap::new();
        let mut rows = Vec::new();
        for (table, line) in tables
            .iter()
            .flat_map(|(table, lines)| lines.iter().map(move |it| (*table, it)))
        {
            let mut cells = Cells::new(line, &mut self.defects);
            let id = cells.text("id");
            cells.once("id", id, &mut first_lines);
            if let Some(unit) = Unit::parse(cells.text("unit")) {
                let found = unit.record_unit().dimension();
                let measurand = cells.text("measurand").to_owned();
                let here = || (found, table.file_name().to_owned(), line.number);
                let (first, file, number) = dimensions
                    .entry(measurand.clone())
                    .or_insert_with(here)
                    .clone();
                if first != found {
                    cells.report(
                        "unit",
                        DefectKind::DimensionMismatch {
                            measurand,
                            found,
                            first,
                            file,
                            line: number,
                        },
                    );
                }
            }
            if let Some(hazard) = cells.optional("hazard")
                && known.hazards.is_some_and(|it| !it.contains(&hazard))
            {
                cells.report("hazard", DefectKind::UnknownHazard { hazard });
            }
            rows.extend(Row::from_cells(&mut cells, table, line, known.loads));
        }
        rows
    }

    fn plans(&mut self, row_ids: &[RowId], rows: &[Row]) -> Vec<Plan> {
        let mut plans: Vec<Plan> = Vec::new();
        let mut first_lines = BTreeMap::new();
        for line in &self.lines("plans.csv") {
            let mut cells = Cells::new(line, &mut self.defects);
            let name = cells.wanted("plan");
            let row_name = cells.wanted("row");
            cells.once("row", &format!("{name} {row_name}"), &mut first_lines);
            let Some(entry) = plan_entry(&mut cells, &row_name, row_ids, rows) else {
                continue;
            };
            match plans.iter_mut().find(|it| it.name == name) {
                Some(plan) => plan.entries.push(entry),
                None => plans.push(Plan {
                    name,
                    entries: vec![entry],
                }),
            }
        }
        plans
    }

    fn sampling(&mut self, plans: &[Plan], rows: &[Row]) -> Vec<Sampling> {
        let mut first_lines = BTreeMap::new();
        let mut found = Vec::new();
        for line in &self.lines("sampling.csv") {
            let mut cells = Cells::new(line, &mut self.defects);
            let name = ["plan", "row", "rule"]
                .map(|column| cells.text(column))
                .join(" ");
            cells.once("rule", name.trim(), &mut first_lines);
            found.extend(sampling_cells::sampling(&mut cells, plans, rows));
        }
        found
    }

    fn presets(&mut self) -> Vec<Preset> {
        let lines = self.lines("presets.csv");
        self.names(&lines, "preset");
        lines
            .iter()
            .filter_map(|line| {
                let mut cells = Cells::new(line, &mut self.defects);
                let basis = cells.wanted("basis");
                let source = cells.wanted("source");
                let depth = cells.micrometers("depth_mm");
                let ceiling = cells.micrometers("ceiling_mm");
                let (depth, ceiling) = (depth?, ceiling?);
                if depth > ceiling {
                    let kind = DefectKind::DepthAboveCeiling {
                        depth_um: depth.0,
                        ceiling_um: ceiling.0,
                    };
                    cells.report("depth_mm", kind);
                }
                Some(Preset {
                    name: cells.text("preset").to_owned(),
                    depth,
                    ceiling,
                    basis,
                    source,
                })
            })
            .collect()
    }

    fn document(&mut self, rated_current_wanted: bool) -> Document {
        let lines = self.lines("document.csv");
        self.names(&lines, "key");
        let values: BTreeMap<&str, &str> = lines
            .iter()
            .map(|line| (line.cells[0].as_str(), line.cells[1].as_str()))
            .collect();
        let mut wanted = |key: &'static str| {
            if self.files.contains_key("document.csv")
                && values.get(key).is_none_or(|it| it.is_empty())
            {
                let kind = DefectKind::MissingKey { key };
                self.defects.push(Defect {
                    file: "document.csv".to_owned(),
                    line: 0,
                    column: None,
                    kind,
                });
            }
            values.get(key).copied().unwrap_or_default().to_owned()
        };
        let optional = |key: &str| {
            values
                .get(key)
                .filter(|it| !it.is_empty())
                .map(|&it| it.to_owned())
        };
        let rated_current = optional(RATED_CURRENT);
        if rated_current_wanted {
            wanted(RATED_CURRENT);
        }
        let rated_motor_current = rated_current.as_deref().and_then(parse_current);
        let pattern = optional(SERIAL_PATTERN).map(|it| SerialPattern::parse(&it));
        let document = Document {
            document: wanted("document"),
            revision: wanted("revision"),
            status: wanted("status"),
            device: wanted("device"),
            maximum_rated_ambient: wanted("maximum rated ambient"),
            approver: optional("approver"),
            effective: optional("effective"),
            rated_motor_current,
            serial_pattern: pattern.clone().and_then(Result::ok),
        };
        if let Some(Err(cause)) = pattern {
            for line in lines.iter().filter(|line| line.cells[0] == SERIAL_PATTERN) {
                let kind = DefectKind::BadSerialPattern {
                    cause: cause.clone(),
                };
                Cells::new(line, &mut self.defects).report("value", kind);
            }
        }
        if let (Some(cell), None) = (rated_current, rated_motor_current) {
            for line in lines.iter().filter(|line| line.cells[0] == RATED_CURRENT) {
                let kind = DefectKind::BadCurrent { cell: cell.clone() };
                Cells::new(line, &mut self.defects).report("value", kind);
            }
        }
        document
    }
}

/// Whether a plan has the rig run a row whose load is reckoned from the motor's rated current.
fn loads_the_motor(plans: &[Plan], rows: &[Row]) -> bool {
    let mut required = plans
        .iter()
        .flat_map(|plan| &plan.entries)
        .filter(|entry| entry.required == Required::Yes);
    required.any(|entry| {
        rows.iter()
            .any(|row| row.id == entry.row && row.load == RowLoad::Named(OVERLOAD.to_owned()))
    })
}

fn plan_entry(
    cells: &mut Cells<'_, '_>,
    row_name: &str,
    row_ids: &[RowId],
    rows: &[Row],
) -> Option<PlanEntry> {
    let required = cells.word("required", "yes, external", |word| match word {
        "yes" => Some(Required::Yes),
        "external" => Some(Required::External),
        _ => None,
    });
    let n_units = cells.word(
        "n_units",
        "all, bench, a number above 0",
        |word| match word {
            "all" => Some(UnitsWanted::All),
            "bench" => Some(UnitsWanted::Bench),
            number => number
                .parse()
                .ok()
                .filter(|it| *it > 0)
                .map(UnitsWanted::Drawn),
        },
    );
    cells.wanted("max_remeasure");
    let max_remeasure = cells.whole("max_remeasure", 0, 1);
    let row_id = row_ids.iter().find(|it| it.as_str() == row_name);
    if row_id.is_none() && !row_name.is_empty() {
        cells.report(
            "row",
            DefectKind::UnknownRow {
                row: row_name.to_owned(),
            },
        );
    }
    if let Some(row) = rows.iter().find(|it| it.id == *row_name) {
        if row.rule == Rule::None {
            cells.report(
                "row",
                DefectKind::NotJudged {
                    row: row_name.to_owned(),
                },
            );
        }
        if row.is_external() && required == Some(Required::Yes) {
            cells.report(
                "required",
                DefectKind::NotByRig {
                    row: row_name.to_owned(),
                },
            );
        }
    }
    Some(PlanEntry {
        row: row_id?.clone(),
        required: required?,
        n_units: n_units?,
        max_remeasure: max_remeasure?,
        note: cells.text("note").to_owned(),
    })
}

fn load(cells: &mut Cells<'_, '_>) -> Option<Load> {
    cells.wanted("needles");
    let needles = cells.whole("needles", 0, 255);
    let force_per_needle = cells.millinewtons("force_per_needle_N");
    let axial = cells.millinewtons("axial_N");
    let shaft = cells.word("shaft", "free, brake, locked", |word| match word {
        "free" => Some(ShaftLoad::Free),
        "brake" => Some(ShaftLoad::Brake),
        "locked" => Some(ShaftLoad::Locked),
        _ => None,
    });
    Some(Load {
        name: cells.text("load").to_owned(),
        needles: u8::try_from(needles?).expect("at most 255"),
        force_per_needle: force_per_needle?,
        axial: axial?,
        shaft: shaft?,
        note: cells.text("note").to_owned(),
    })
}

fn hazard(cells: &mut Cells<'_, '_>, row_ids: &[RowId]) -> Option<Hazard> {
    let mut list = |column| {
        let (rows, kinds) = parse_row_list(&cells.wanted(column), row_ids);
        for kind in kinds {
            cells.report(column, kind);
        }
        rows
    };
    let implemented_by = list("verified implemented by");
    let effective_by = list("verified effective by");
    Some(Hazard {
        id: cells.text("id").to_owned(),
        hazard: cells.wanted("hazard"),
        harm: cells.wanted("harm"),
        controls: cells.wanted("controls in the pen"),
        implemented_by,
        effective_by,
    })
}

impl Cells<'_, '_> {
    /// Reports a name that stands twice.
    fn once(
        &mut self,
        column: &str,
        name: &str,
        first_lines: &mut BTreeMap<String, (String, u64)>,
    ) {
        let (file, line) = self.place();
        if name.is_empty() {
            return;
        }
        if let Some((file, line)) = first_lines.get(name).cloned() {
            self.report(
                column,
                DefectKind::Duplicate {
                    name: name.to_owned(),
                    file,
                    line,
                },
            );
        } else {
            first_lines.insert(name.to_owned(), (file, line));
        }
    }

    fn micrometers(&mut self, column: &'static str) -> Option<Micrometers> {
        self.scaled(column, 1_000, "mm", "µm").map(Micrometers)
    }

    fn millinewtons(&mut self, column: &'static str) -> Option<Millinewtons> {
        self.scaled(column, 1_000, "N", "mN").map(Millinewtons)
    }

    fn scaled(
        &mut self,
        column: &'static str,
        factor: i64,
        unit: &'static str,
        record_unit: &'static str,
    ) -> Option<i32> {
        let cell = self.wanted(column);
        let value = self
            .decimal(column)?
            .times(factor, 1)
            .and_then(|it| i32::try_from(it).ok());
        if value.is_none() {
            self.report(
                column,
                DefectKind::TooFine {
                    cell,
                    unit,
                    record_unit,
                },
            );
        }
        value
    }
}

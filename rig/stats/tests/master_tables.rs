//! The tables of MIL-STD-105E by their structure: what a slip of the pen would break.

use rig_stats::acceptance::{
    Aql, AttributesPlan, AttributesTables, Cell, CodeLetter, Inspection, Level, MasterTable,
    Quality, Sampling, Score, StageDecision, TableDefect, TableDefectKind, VariablesTable,
    acceptance_probability, course, mil_std_105e, switching_score,
};

fn tables() -> Result<AttributesTables, Vec<TableDefect>> {
    mil_std_105e()
}

/// Every plan of a table with its diagonal: steps down the letters plus steps along the AQLs.
fn plans(table: &MasterTable) -> Vec<(usize, CodeLetter, Aql, AttributesPlan)> {
    let mut found = Vec::new();
    for (row, letter) in table.letters().iter().enumerate() {
        for (column, aql) in table.aqls().iter().enumerate() {
            if let Some(Cell::Plan(plan)) = table.cell(*letter, *aql) {
                found.push((row + column, *letter, *aql, plan.clone()));
            }
        }
    }
    found
}

fn table(sampling: Sampling, inspection: Inspection) -> Option<MasterTable> {
    tables().ok()?.table(sampling, inspection).cloned()
}

const ALL: [(Sampling, Inspection, usize); 9] = [
    (Sampling::Single, Inspection::Normal, 152),
    (Sampling::Single, Inspection::Tightened, 137),
    (Sampling::Single, Inspection::Reduced, 152),
    (Sampling::Double, Inspection::Normal, 128),
    (Sampling::Double, Inspection::Tightened, 114),
    (Sampling::Double, Inspection::Reduced, 108),
    (Sampling::Multiple, Inspection::Normal, 108),
    (Sampling::Multiple, Inspection::Tightened, 96),
    (Sampling::Multiple, Inspection::Reduced, 88),
];

/// Counted by diagonals: of single normal plans 15 with Ac 0, 16 each of Ac 1 to 21, 5 and 4 of Ac 30
/// and 44; the others have fewer letters.
#[test]
fn every_table_has_its_plans() {
    for (sampling, inspection, n_plans) in ALL {
        let table = table(sampling, inspection).unwrap();
        assert_eq!(table.aqls().len(), 26);
        assert_eq!(plans(&table).len(), n_plans, "{sampling} {inspection}");
    }
}

/// The sample sizes are the numbers that double every third step: 2, 3, 5, 8, 13, 20, 32, 50, …
#[test]
fn sample_sizes_are_the_preferred_numbers() {
    const SIZES: [u32; 17] = [
        2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150,
    ];
    for (sampling, inspection, _) in ALL {
        let table = table(sampling, inspection).unwrap();
        let steps = match (sampling, inspection) {
            (Sampling::Single, Inspection::Normal | Inspection::Tightened) => 0,
            (Sampling::Single, Inspection::Reduced) => 2,
            (Sampling::Double, Inspection::Normal | Inspection::Tightened) => 1,
            (Sampling::Multiple, Inspection::Reduced) => 5,
            (Sampling::Double, Inspection::Reduced) | (Sampling::Multiple, _) => 3,
        };
        for (row, letter) in table.letters().iter().enumerate() {
            for aql in table.aqls() {
                if let Some(Cell::Plan(plan)) = table.cell(*letter, *aql) {
                    let expected = SIZES[row.saturating_sub(steps)];
                    for stage in plan.stages() {
                        assert_eq!(stage.n, expected, "{sampling} {inspection} {letter} {aql}");
                    }
                }
            }
        }
    }
}

/// Ac and Re are constant along the diagonals of letter and AQL, and rise from one to the next.
#[test]
fn numbers_are_constant_along_diagonals() {
    for (sampling, inspection, _) in ALL {
        let table = table(sampling, inspection).unwrap();
        let mut by_diagonal: std::collections::BTreeMap<usize, Vec<(Option<u32>, u32)>> =
            std::collections::BTreeMap::new();
        for (diagonal, letter, aql, plan) in plans(&table) {
            // Reduced plans of letters A and B have a sample of 2 like letter C and numbers of
            // their own; see the next test.
            if inspection == Inspection::Reduced && letter < CodeLetter::parse("C").unwrap() {
                continue;
            }
            let numbers: Vec<(Option<u32>, u32)> = plan
                .stages()
                .iter()
                .map(|it| (it.accept, it.reject))
                .collect();
            let first = by_diagonal
                .entry(diagonal)
                .or_insert_with(|| numbers.clone());
            assert_eq!(*first, numbers, "{sampling} {inspection} {letter} {aql}");
        }
        let last_accepts: Vec<Option<u32>> = by_diagonal
            .values()
            .map(|it| it.last().unwrap().0)
            .collect();
        let rising = last_accepts.windows(2).all(|pair| pair[0] < pair[1]);
        // 0/1 and 0/2 of the reduced tables both accept with none.
        assert!(
            rising || inspection == Inspection::Reduced,
            "{sampling} {inspection}: {last_accepts:?}"
        );
    }
}

#[test]
fn single_normal_and_tightened_plans_have_no_gap_between_ac_and_re() {
    for inspection in [Inspection::Normal, Inspection::Tightened] {
        for (_, letter, aql, plan) in plans(&table(Sampling::Single, inspection).unwrap()) {
            let stage = plan.stages()[0];
            assert_eq!(
                stage.accept,
                Some(stage.reject - 1),
                "{inspection} {letter} {aql}"
            );
        }
    }
}

/// A reduced plan has no more units and no larger numbers than the normal plan of its letter.
#[test]
fn reduced_plans_lie_beside_the_normal_plans() {
    let normal = table(Sampling::Single, Inspection::Normal).unwrap();
    for (_, letter, aql, reduced) in plans(&table(Sampling::Single, Inspection::Reduced).unwrap()) {
        let Some(Cell::Plan(plan)) = normal.cell(letter, aql) else {
            panic!("{letter} {aql}: a reduced plan without a normal one");
        };
        let (reduced, plan) = (reduced.stages()[0], plan.stages()[0]);
        assert!(reduced.n <= plan.n);
        assert!(reduced.accept <= plan.accept, "{letter} {aql}");
        assert!(reduced.reject <= plan.reject, "{letter} {aql}");
    }
}

/// Double and multiple plans end with a rejection number one above the acceptance number.
#[test]
fn the_last_sample_of_normal_and_tightened_plans_decides() {
    for (sampling, inspection, _) in ALL {
        if inspection == Inspection::Reduced {
            continue;
        }
        for (_, letter, aql, plan) in plans(&table(sampling, inspection).unwrap()) {
            let last = plan.stages().len() - 1;
            let reject = plan.stages()[last].reject;
            assert_eq!(plan.decide(last, reject - 1), StageDecision::Accept);
            assert_eq!(
                plan.decide(last, reject),
                StageDecision::Reject,
                "{sampling} {inspection} {letter} {aql}"
            );
        }
    }
}

/// Every letter and AQL leads to a plan, by arrows or by the corresponding single or double plan.
#[test]
fn every_cell_leads_to_a_plan() {
    let tables = tables().unwrap();
    for (sampling, inspection, _) in ALL {
        let table = table(sampling, inspection).unwrap();
        for aql in table.aqls() {
            for lot_size in [
                2, 9, 16, 26, 51, 91, 151, 281, 501, 1201, 3201, 10_001, 500_001,
            ] {
                for level in Level::ALL {
                    let found = tables
                        .find(lot_size, level, *aql, inspection, sampling)
                        .unwrap();
                    assert!(found.sampling <= sampling);
                }
            }
        }
    }
}

/// Where a letter has no plan of its own, the arrow leads to the nearest one.
#[test]
fn arrows_lead_to_the_nearest_plan() {
    let tables = tables().unwrap();
    let find = |lot_size, aql, inspection| {
        let aql = Aql::parse(aql).unwrap();
        let found = tables
            .find(lot_size, Level::II, aql, inspection, Sampling::Single)
            .unwrap();
        format!("{} {}: {}", found.letter, found.plan_letter, found.plan)
    };
    // Down from F to H, up from H to G, and the letter S that only tightened inspection has.
    assert_eq!(
        find(100, "0.25", Inspection::Normal),
        "F H: n 50, Ac 0, Re 1"
    );
    assert_eq!(
        find(500, "0.40", Inspection::Normal),
        "H G: n 32, Ac 0, Re 1"
    );
    assert_eq!(
        find(500, "0.65", Inspection::Normal),
        "H J: n 80, Ac 1, Re 2"
    );
    let largest = tables
        .find(
            600_000,
            Level::II,
            Aql::parse("0.025").unwrap(),
            Inspection::Tightened,
            Sampling::Single,
        )
        .unwrap();
    assert_eq!(largest.plan_letter.to_string(), "S");
    assert_eq!(largest.plan.to_string(), "n 3150, Ac 1, Re 2");
}

#[test]
fn a_sample_as_large_as_its_lot_is_a_census() {
    let tables = tables().unwrap();
    let aql = Aql::parse("0.065").unwrap();
    let find = |lot_size| {
        tables
            .find(
                lot_size,
                Level::II,
                aql,
                Inspection::Normal,
                Sampling::Single,
            )
            .unwrap()
    };
    assert!(find(200).is_census);
    assert!(!find(201).is_census);
    assert!(
        tables
            .find(1, Level::II, aql, Inspection::Normal, Sampling::Single)
            .is_err()
    );
}

#[test]
fn a_table_that_is_not_there_is_said() {
    let own = AttributesTables::parse(
        "mine",
        "lot_from,lot_to,I,II\n2,50,A,B\n51,,B,C\n",
        &[(
            (Sampling::Single, Inspection::Normal),
            "letter,n,1.0\nA,5,v\nB,13,0/1\nC,50,^\n",
        )],
    )
    .unwrap();
    let aql = Aql::parse("1").unwrap();
    let find = |level, sampling| own.find(500, level, aql, Inspection::Normal, sampling);
    let found = find(Level::II, Sampling::Single).unwrap();
    assert_eq!(found.plan.to_string(), "n 13, Ac 0, Re 1");
    assert_eq!(
        find(Level::II, Sampling::Double).unwrap_err().to_string(),
        "no table of double plans for normal inspection"
    );
    assert_eq!(
        find(Level::S1, Sampling::Single).unwrap_err().to_string(),
        "no code letter for a lot of 500"
    );
}

/// Letter L at 1.5 has Ac 7, one step tighter Ac 5.
#[test]
fn a_lot_scores_as_its_plan_says() {
    let tables = tables().unwrap();
    let score = |lot_size, aql, sampling, stage, nonconforming| {
        let aql = Aql::parse(aql).unwrap();
        let found = tables
            .find(lot_size, Level::II, aql, Inspection::Normal, sampling)
            .unwrap();
        switching_score(&tables, &found, aql, stage, nonconforming)
    };
    let high = |accepted_tighter| Score::SingleHigh { accepted_tighter };
    let single = Sampling::Single;
    assert_eq!(score(5_000, "1.5", single, 0, 5), high(true));
    assert_eq!(score(5_000, "1.5", single, 0, 6), high(false));
    assert_eq!(score(5_000, "0.25", single, 0, 1), Score::SingleLow);
    assert_eq!(score(5_000, "0.065", single, 0, 0), Score::SingleLow);
    assert_eq!(
        score(5_000, "1.5", Sampling::Double, 1, 8),
        Score::Double { by_first: false }
    );
    assert_eq!(
        score(5_000, "1.5", Sampling::Multiple, 2, 3),
        Score::Multiple { by_third: true }
    );
    // A double table that refers to the single plan scores as that.
    assert_eq!(score(100, "0.65", Sampling::Double, 0, 0), Score::SingleLow);
}

/// All defects of a user's table are reported at once, with their lines.
#[test]
fn defects_of_a_table_are_all_reported() {
    let text = "letter,n,0.65,1.0,x\nA,2,v,0/1,3/1\nC,5,9/x,^,^\nB,0,v,v\nD,8,0/2 1/2,v,\n";
    let defects = MasterTable::parse("mine", text).unwrap_err();
    let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "mine:1: column `x`: `x` is not an AQL in percent such as `0.65`",
            "mine:2: column `x`: `3/1`: sample 1: acceptance number is not below rejection number 1",
            "mine:3: column `0.65`: `9/x` is not `v`, `^`, `single`, `double`, or pairs `Ac/Re` in a \
             line with a size n",
            "mine:4: expected 5 cells, found 4",
        ]
    );
    let lost = MasterTable::parse("mine", "letter,n,0.65\nA,2,v\nB,3,^\n").unwrap_err();
    assert_eq!(lost.len(), 2);
    assert!(matches!(
        lost[0].kind,
        TableDefectKind::ArrowIntoNothing { .. }
    ));
}

/// A plan's share of accepted lots at its AQL; above 10 the AQL counts nonconformities.
fn accepted_at_aql(plan: &AttributesPlan, aql: Aql) -> f64 {
    let quality = if aql.is_percent_nonconforming() {
        Quality::Process {
            p: aql.proportion(),
        }
    } else {
        Quality::Rate {
            per_unit: aql.proportion(),
        }
    };
    acceptance_probability(plan, quality).unwrap_or(f64::NAN)
}

/// Lots of AQL quality are accepted about as often whatever the letter: what ties n, Ac and AQL.
#[test]
fn plans_accept_lots_of_aql_quality() {
    for (sampling, inspection, _) in ALL {
        let (least, most) = match inspection {
            Inspection::Normal => (0.87, 0.996),
            Inspection::Tightened => (0.70, 0.98),
            Inspection::Reduced => (0.87, 1.0),
        };
        for (_, letter, aql, plan) in plans(&table(sampling, inspection).unwrap()) {
            let accepted = accepted_at_aql(&plan, aql);
            assert!(
                (least..=most).contains(&accepted),
                "{sampling} {inspection} {letter} {aql}: {accepted}"
            );
        }
    }
}

/// A plan accepts worse lots less often, and decides with what it accepts and does not.
#[test]
fn acceptance_falls_with_quality() {
    for (sampling, inspection, _) in ALL {
        for (_, letter, aql, plan) in plans(&table(sampling, inspection).unwrap()) {
            // Larger plans take long and are of the same kind.
            if plan.largest_sample() > 150 {
                continue;
            }
            let mut before = 1.0;
            for share in [0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0] {
                let course = course(&plan, Quality::Process { p: share }).unwrap();
                let what = format!("{sampling} {inspection} {letter} {aql} {share}");
                assert!(
                    (course.accept() + course.reject() - 1.0).abs() < 1e-12,
                    "{what}"
                );
                assert!(course.accept() <= before + 1e-14, "{what}");
                assert!(course.average_sample_number() <= f64::from(plan.largest_sample()) + 1e-9);
                before = course.accept();
            }
        }
    }
}

/// Double and multiple plans are matched to the single plan of their letter; within 0.06, since samples
/// of a few units are rounded.
#[test]
fn double_and_multiple_plans_follow_the_single_plan() {
    for (sampling, inspection, _) in ALL {
        let single = table(Sampling::Single, inspection).unwrap();
        for (_, letter, aql, plan) in plans(&table(sampling, inspection).unwrap()) {
            let Some(Cell::Plan(single)) = single.cell(letter, aql) else {
                panic!("{inspection} {letter} {aql}: no single plan");
            };
            let apart = accepted_at_aql(&plan, aql) - accepted_at_aql(single, aql);
            assert!(
                apart.abs() < 0.06,
                "{sampling} {inspection} {letter} {aql}: {apart}"
            );
        }
    }
}

/// The shares M of MIL-STD-414 accept lots of AQL quality with one probability a letter.
#[test]
fn variables_plans_accept_lots_of_aql_quality_by_letter() {
    let table = VariablesTable::mil_std_414().unwrap();
    let accepted = [
        0.89, 0.90, 0.90, 0.90, 0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99,
    ];
    let letters: Vec<(CodeLetter, u32)> = table.letters().collect();
    assert_eq!(letters.len(), accepted.len());
    let mut n_plans = 0;
    for ((letter, n), expected) in letters.into_iter().zip(accepted) {
        for aql in table.aqls() {
            let found = table.plan(letter, *aql, Inspection::Normal).unwrap();
            if found.plan_letter != letter {
                continue;
            }
            n_plans += 1;
            assert_eq!(found.plan.n(), n);
            let actual = found.plan.acceptance_probability(aql.proportion()).unwrap();
            // M is printed with two or three digits.
            assert!(
                (actual - expected).abs() < 1.6e-3,
                "{letter} {aql}: {actual}"
            );
        }
    }
    assert_eq!(n_plans, 149);
}

/// Tightened inspection uses the share of the next stricter AQL.
#[test]
fn tightened_variables_plans_are_one_aql_stricter() {
    let table = VariablesTable::mil_std_414().unwrap();
    let aql = |text| Aql::parse(text).unwrap();
    let k = CodeLetter::parse("K").unwrap();
    let share = |text, inspection| table.plan(k, aql(text), inspection).unwrap().largest_share;
    assert_eq!(
        share("1.5", Inspection::Tightened),
        share("1.0", Inspection::Normal)
    );
    assert!(table.plan(k, aql("0.065"), Inspection::Tightened).is_none());
    assert!(table.plan(k, aql("1.5"), Inspection::Reduced).is_none());
}

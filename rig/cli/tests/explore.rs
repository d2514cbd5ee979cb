//! `explore --corpus` and `replay` as their users run them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn penrig(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs; stdout as a document, and stderr.
#[track_caller]
fn json(args: &[&str], code: i32) -> (serde_json::Value, String) {
    let output = penrig(&[args, &["--format", "json"]].concat());
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "stderr: {stderr}");
    let document = serde_json::from_slice(&output.stdout);
    (document.expect("stdout is one document"), stderr)
}

/// Draws so many sequences of the usage profile and chooses the corpus anew.
#[track_caller]
fn explore(
    folder: &Path,
    sequences: &str,
    more: &[&str],
    code: i32,
) -> (serde_json::Value, String) {
    let folder = folder.display().to_string();
    let args = ["explore", "--profile", "usage", "--sequences", sequences];
    let (mut report, stderr) = json(&[&args[..], &["--corpus", &folder], more].concat(), code);
    (report["corpus"].take(), stderr)
}

/// Every file of a folder.
fn files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.insert(name.into_owned(), fs::read_to_string(&path)?);
    }
    Ok(files)
}

#[test]
fn a_corpus_grows_to_what_is_needed_and_is_the_same_for_the_same_sequences() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().join("corpus");
    let (first, _) = explore(&folder, "4", &["--jobs", "2"], 0);
    let few = files(&folder).unwrap();
    assert_eq!(
        first["added"].as_array().map(Vec::len),
        Some(few.len() - 1),
        "{first}"
    );
    assert_eq!(first["reached_before"], 0);

    let (grown, stderr) = explore(&folder, "8", &["--jobs", "1"], 0);
    assert_eq!(stderr, "");
    assert_eq!(grown["reached_before"], first["reached"]);
    assert!(grown["reached"].as_u64() > first["reached"].as_u64());
    let many = files(&folder).unwrap();
    assert!(many["coverage.csv"].starts_with("group,item,files,alone\nstates,Boot,"));

    // From nothing, on another number of benches: the same files, byte for byte.
    let other = folder.with_file_name("other");
    explore(&other, "8", &["--jobs", "3"], 0);
    assert_eq!(files(&other).unwrap(), many);

    // What is there already is not asked for again.
    let (same, _) = explore(&folder, "8", &[], 0);
    assert_eq!(same["kept"].as_array().map(Vec::len), Some(many.len() - 1));
    assert_eq!(same["added"].as_array().map(Vec::len), Some(0));
    assert_eq!(files(&folder).unwrap(), many);
}

#[test]
fn what_a_person_wrote_stays_and_what_does_not_fit_is_named() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let by_hand = "# Mine.\nformat = 1\n[corpus]\n[sequence]\nsteps = [\n  \"cartridge fresh 2.5 mm\", \
                   \"after 60 s  send status\",\n]\n";
    fs::write(folder.join("mine.toml"), by_hand).unwrap();
    let (report, _) = explore(folder, "6", &["--corpus-minutes", "2"], 0);
    assert_eq!(report["by_hand"], serde_json::json!(["mine.toml"]));
    assert_eq!(files(folder).unwrap()["mine.toml"], by_hand);
    assert!(report["bench_s"].as_f64() <= Some(120.0), "{report}");
    let left_out = report["left_out"].as_array().unwrap();
    assert!(!left_out.is_empty(), "{report}");

    // One whose file was changed is a person's from then on.
    let drawn = report["added"][0].as_str().unwrap();
    let changed = files(folder).unwrap()[drawn].replace("steps = [\n", "steps = [\n \"reset\",\n");
    fs::write(folder.join(drawn), &changed).unwrap();
    let (report, _) = explore(folder, "6", &["--corpus-minutes", "2"], 0);
    assert_eq!(report["by_hand"], serde_json::json!(["mine.toml", drawn]));
    assert_eq!(files(folder).unwrap()[drawn], changed);
}

#[test]
fn one_that_holds_no_more_is_named_and_stays() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    explore(folder, "1", &[], 0);
    let before = files(folder).unwrap();
    let image = "firmware/images/defective/pen-a1-1.2.1-echo-setpoint.elf";
    let out = TempDir::new().unwrap();
    let out = out.path().display().to_string();
    let more = [
        "--keep-going",
        "--shrink-minutes",
        "0",
        "--out",
        &out,
        "--image",
        image,
    ];
    let (report, stderr) = explore(folder, "1", &more, 3);
    assert!(
        stderr.contains("differs, in 1 of 1 files of the corpus: image SHA-256: it held on "),
        "{stderr}"
    );
    let violated = report["violated"][0]["why"].as_str().unwrap_or_default();
    assert!(violated.starts_with("Telemetry at "), "{report}");
    let mut after = files(folder).unwrap();
    // Nothing that holds reaches anything.
    let table = after.insert("coverage.csv".to_owned(), before["coverage.csv"].clone());
    assert!(table.is_some_and(|it| it.lines().skip(1).all(|row| row.ends_with(",0,"))));
    assert_eq!(after, before);

    let file = folder.join(report["violated"][0]["file"].as_str().unwrap());
    let file = file.display().to_string();
    let (replayed, _) = json(&["replay", &file, "--times", "1", "--image", image], 3);
    assert_eq!(replayed["failed"], 1);
    let held = penrig(&["replay", &file, "--times", "1"]);
    let shown = text(&held.stdout);
    assert_eq!(held.status.code(), Some(0), "{shown}");
    assert!(
        shown.contains("HOLDS  every property in 1 of 1 runs"),
        "{shown}"
    );
    assert!(!shown.contains("reached no more"), "{shown}");
}

#[test]
fn a_corpus_that_cannot_be_read_is_refused_with_all_that_is_wrong() {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("a.toml", "format = 2\n[corpus]\n");
    put(
        "b.toml",
        "format = 1\n[corpus]\n[sequence]\nsteps = [\"strat\"]\n",
    );
    put(
        "c.toml",
        "format = 1\n[violated]\nproperty = \"stop\"\n[sequence]\nsteps = [\"reset\"]\n",
    );
    let path = folder.path().display().to_string();
    let output = penrig(&["explore", "--sequences", "1", "--corpus", &path]);
    let stderr = text(&output.stderr).replace(&path, "DIR");
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let mut lines: Vec<&str> = stderr.lines().collect();
    lines[1..].sort_unstable();
    insta::assert_snapshot!(lines.join("\n"));
    let too_many = ["explore", "--sequences", "20001", "--corpus", &path];
    assert_eq!(penrig(&too_many).status.code(), Some(2));
}

/// The one file with this ending in a folder.
fn only(folder: &Path, ending: &str) -> io::Result<String> {
    let names = fs::read_dir(folder)?.filter_map(|it| Some(it.ok()?.path()));
    let mut names = names.filter(|it| it.extension().is_some_and(|it| it == ending));
    let path = names.next().ok_or(io::ErrorKind::NotFound)?;
    Ok(path.display().to_string())
}

#[test]
fn a_counterexample_that_a_run_has_kept_is_made_short() {
    let folder = TempDir::new().unwrap();
    let (drawn, short) = (folder.path().join("drawn"), folder.path().join("short"));
    let old = ["--image", "firmware/images/pen-a1-1.1.1.elf"];
    let out = |folder: &Path| ["--out".to_owned(), folder.display().to_string()];
    let run = |args: &[&str], folder: &Path, code: i32| {
        let [out, name] = out(folder);
        json(&[args, &[&out, &name]].concat(), code)
    };
    // The pen of firmware 1.1.1 calls the cam stalled when it is started on skin.
    let args = [
        "explore",
        "--profile",
        "usage",
        "--first",
        "208",
        "--sequences",
        "1",
    ];
    let as_it_is = [&args[..], &["--shrink-minutes", "0"], &old].concat();
    run(&as_it_is, &drawn, 3);
    let file = only(&drawn, "toml").unwrap();

    let shorten = ["explore", "--shorten", &file, "--shrink-minutes", "10"];
    let (report, stderr) = run(&[&shorten[..], &old].concat(), &short, 3);
    assert_eq!(stderr, "");
    let steps = |it: &serde_json::Value| it.as_array().map_or(0, Vec::len);
    let kept = fs::read_to_string(only(&short, "toml").unwrap()).unwrap();
    let before = fs::read_to_string(&file).unwrap();
    let n_before = before.matches("    \"after ").count();
    let n_after = steps(&report["finds"][0]["sequence"]);
    assert!(
        n_after > 0 && 2 * n_after < n_before,
        "{n_after} of {n_before} steps"
    );
    // From where it was drawn stays known.
    assert!(kept.contains("number = 208\n"), "{kept}");

    // The released image holds it.
    let (report, stderr) = run(&shorten, &short, 0);
    assert!(stderr.contains("differs: firmware"), "{stderr}");
    assert_eq!(report["sequences"], 3);
    let drawn = ["--profile", "usage"];
    let output = penrig(&[&shorten[..], &drawn].concat());
    assert_eq!(output.status.code(), Some(2));
}

/// The released spec with few sequences, and a plan of them alone.
fn spec_of_few_sequences(folder: &Path) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(root().join("specs/pen-a1"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut text = fs::read_to_string(&path)?;
        if name == "design.csv" {
            assert!(text.contains(",299,,,0,,violations"), "SAF-05 has moved");
            text = text.replace(",299,,,0,,violations", ",12,,,0,,violations");
        } else if name == "plans.csv" {
            text.push_str("few,SAF-05,yes,1,0,\n");
        }
        fs::write(folder.join(name.as_ref()), text)?;
    }
    Ok(folder.display().to_string())
}

#[test]
fn a_run_keeps_the_first_sequence_that_a_pen_failed_as_short_as_it_gets() {
    let folder = TempDir::new().unwrap();
    let spec = spec_of_few_sequences(&folder.path().join("spec")).unwrap();
    let image = "firmware/images/defective/pen-a1-1.2.1-echo-setpoint.elf";
    let out = folder.path().join("runs").display().to_string();
    let args = ["qualify", "--plan", "few", "--units", "1", "--spec", &spec];
    let output = penrig(&[&args[..], &["--image", image, "--out", &out]].concat());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("-short.toml\n"), "{said}");
    let runs = fs::read_dir(&out).unwrap();
    let run = runs
        .filter_map(|it| Some(it.ok()?.path()))
        .find(|it| it.is_dir())
        .unwrap();
    let kept = files(&run.join("counterexamples")).unwrap();
    let steps = |name: &str| kept[name].matches("    \"after ").count();
    let shorts: Vec<&String> = kept
        .keys()
        .filter(|it| it.ends_with("-short.toml"))
        .collect();
    let [short] = shorts[..] else {
        panic!("{:?}", kept.keys());
    };
    let drawn = short.replace("-short.toml", ".toml");
    assert!(
        0 < steps(short) && 2 * steps(short) < steps(&drawn),
        "{} of {} steps",
        steps(short),
        steps(&drawn)
    );
    // The claim counts those that were drawn, and the report shows the short one in the other's place.
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains(&format!("penrig replay counterexamples/{short}")));
    assert!(!page.contains(&format!("penrig replay counterexamples/{drawn}")));
    let verify = penrig(&["verify", &run.display().to_string()]);
    assert_eq!(verify.status.code(), Some(0), "{}", text(&verify.stdout));
    let file = run.join("counterexamples").join(short);
    let replay = [
        "replay",
        &file.display().to_string(),
        "--image",
        image,
        "--times",
        "1",
    ];
    assert_eq!(penrig(&replay).status.code(), Some(3));
}

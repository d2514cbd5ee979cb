//! The recipes of CI.md: YAML, of this program's options, with results published whatever the end.

use std::path::Path;
use std::process::Command;
use yaml_rust2::{Yaml, YamlLoader};

const CI: &str = include_str!("../CI.md");

/// The recipe under a heading.
fn recipe(heading: &str) -> Yaml {
    let under = CI.split(&format!("\n## {heading}\n")).nth(1);
    let block = under
        .and_then(|it| it.split("```yaml\n").nth(1))
        .and_then(|it| it.split("```").next())
        .expect("a block of YAML under the heading");
    let documents = YamlLoader::load_from_str(block).expect("YAML");
    documents.into_iter().next().expect("a document")
}

/// Every text of a recipe.
fn texts(yaml: &Yaml, found: &mut Vec<String>) {
    match yaml {
        Yaml::String(text) => found.push(text.clone()),
        Yaml::Array(entries) => entries.iter().for_each(|it| texts(it, found)),
        Yaml::Hash(entries) => entries.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

#[test]
fn every_option_of_the_recipes_is_one_of_the_program() {
    let help = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["qualify", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut n_commands = 0;
    for heading in ["GitHub Actions", "GitLab CI"] {
        let mut found = Vec::new();
        texts(&recipe(heading), &mut found);
        for command in found.iter().filter(|it| it.contains("penrig qualify ")) {
            n_commands += 1;
            for option in command.split(' ').filter(|it| it.starts_with("--")) {
                assert!(
                    help.contains(&format!(" {option}")),
                    "{option} in {command}"
                );
            }
            assert!(command.contains("--out penrig"), "{command}");
        }
    }
    assert_eq!(n_commands, 4);
}

#[test]
fn results_are_published_whatever_the_end_and_a_bench_has_one_job_at_a_time() {
    let github = recipe("GitHub Actions");
    for (job, of_bench) in [("virtual", false), ("bench", true)] {
        let job = &github["jobs"][job];
        let steps = job["steps"].as_vec().expect("steps");
        let published = steps
            .iter()
            .filter(|it| it["if"].as_str() == Some("always()"));
        assert_eq!(published.count(), 2, "junit.xml and the run folder");
        assert_eq!(job["concurrency"]["group"].as_str().is_some(), of_bench);
    }
    let cancel = &github["jobs"]["bench"]["concurrency"]["cancel-in-progress"];
    assert_eq!(cancel.as_bool(), Some(false));

    let gitlab = recipe("GitLab CI");
    let artifacts = &gitlab[".qualify"]["artifacts"];
    assert_eq!(artifacts["when"].as_str(), Some("always"));
    assert_eq!(artifacts["reports"]["junit"].as_str(), Some("junit-*.xml"));
    assert!(gitlab["bench-03"]["resource_group"].as_str().is_some());
    for job in ["virtual-bench", "bench-03"] {
        assert_eq!(gitlab[job]["extends"].as_str(), Some(".qualify"));
    }
}

/// GitLab looks for attachments from the root of the artefacts.
#[cfg(unix)]
#[test]
fn the_gitlab_recipe_puts_the_folder_before_attachments() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("penrig/20260101T000000Z-smoke");
    std::fs::create_dir_all(&run).unwrap();
    let line =
        "<system-out>[[ATTACHMENT|waveforms/a.parquet]]\n[[ATTACHMENT|b.toml]]</system-out>\n";
    std::fs::write(run.join("junit.xml"), line).unwrap();
    let gitlab = recipe("GitLab CI");
    let script = gitlab[".qualify"]["after_script"][0].as_str().unwrap();
    let status = Command::new("sh")
        .args(["-c", script])
        .current_dir(dir.path())
        .status()
        .unwrap();
    assert!(status.success());
    let written = Path::new("junit-20260101T000000Z-smoke.xml");
    let written = std::fs::read_to_string(dir.path().join(written)).unwrap();
    let folder = "penrig/20260101T000000Z-smoke/";
    let expected = line.replace("ATTACHMENT|", &format!("ATTACHMENT|{folder}"));
    assert_eq!(written, expected);
}

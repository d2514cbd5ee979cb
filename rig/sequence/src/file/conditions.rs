//! On what a sequence ran, and what differs from where it runs now.

use crate::profile::{GENERATOR_VERSION, Origin};

/// On what a sequence runs; what is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Firmware version.
    pub firmware: Option<String>,
    /// Build id, hexadecimal.
    pub build_id: Option<String>,
    /// SHA-256 of the image, hexadecimal.
    pub image_sha256: Option<String>,
    /// Spec document.
    pub document: Option<String>,
    /// Its revision.
    pub revision: Option<String>,
    /// SHA-256 of the spec tables, hexadecimal.
    pub spec_sha256: Option<String>,
    /// Kind of bench: virtual or hardware.
    pub bench: Option<String>,
    /// Scenario of a virtual bench.
    pub scenario: Option<String>,
    /// Seed of a virtual bench.
    pub bench_seed: Option<u64>,
}

/// What differs between the conditions under which a sequence did something, as it stands in the
/// sentence, and those given; and its generator from this one. What only one of the two knows is a
/// difference too.
pub(crate) fn differences(
    did: &str,
    (then, origin): (&Conditions, Option<Origin>),
    now: &Conditions,
) -> Vec<String> {
    let seed = |it: &Conditions| it.bench_seed.map(|seed| seed.to_string());
    let (then_seed, now_seed) = (seed(then), seed(now));
    let rows = [
        ("firmware", &then.firmware, &now.firmware),
        ("build id", &then.build_id, &now.build_id),
        ("image SHA-256", &then.image_sha256, &now.image_sha256),
        ("spec document", &then.document, &now.document),
        ("spec revision", &then.revision, &now.revision),
        (
            "SHA-256 of the spec tables",
            &then.spec_sha256,
            &now.spec_sha256,
        ),
        ("bench", &then.bench, &now.bench),
        ("scenario", &then.scenario, &now.scenario),
        ("seed of the bench", &then_seed, &now_seed),
    ];
    let mut found: Vec<String> = rows
        .into_iter()
        .filter_map(|(what, then, now)| match (then, now) {
            (Some(then), Some(now)) if then == now => None,
            (Some(then), Some(now)) => Some(format!("{what}: it {did} on {then}, this is {now}")),
            (Some(then), None) => Some(format!("{what}: it {did} on {then}, here it is not known")),
            (None, Some(now)) => Some(format!("{what}: the file does not say, this is {now}")),
            (None, None) => None,
        })
        .collect();
    if let Some(origin) = origin
        && origin.generator != GENERATOR_VERSION
    {
        found.push(format!(
            "generator: drawn by version {}, this is {GENERATOR_VERSION}; the steps in the file are what is run",
            origin.generator
        ));
    }
    found
}

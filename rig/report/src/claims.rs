//! What is claimed and what is not, as the README says it.

/// What the rig does and does not do. Sentences of the README's section "What it claims".
pub(crate) const STATEMENT: [&str; 5] = [
    "Penrig measures pens against tables that its user has approved; it supports acceptance decisions and does not make them.",
    "Its user must validate it for the intended use.",
    "It does not by itself satisfy 21 CFR Part 11, ISO/IEC 17025, IEC 62304 or ISO 13485; operator names are recorded as claimed and are not authenticated.",
    "It measures protrusion of the needles beyond the nose plane, not how deep they go into skin.",
    "Pen A1 and every limit marked proposed are ours: no outside authority stands behind them.",
];

/// What virtual results show and cannot show. Sentences of the README.
pub(crate) const OF_VIRTUAL_RESULTS: [&str; 2] = [
    "Virtual results show how this image and this rig behave under the stated models (rig/bench-virtual/FIDELITY.md).",
    "They cannot show conformity of any physical pen, traceability, wear, ingress, EMC or clinical performance, and must not be used to release product.",
];

/// The same for the edge of every page.
pub(crate) const VIRTUAL_ON_EVERY_PAGE: &str = "VIRTUAL, not for product release: cannot show conformity of any physical pen, traceability, wear, ingress, EMC or clinical performance";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_says_every_sentence() {
        let readme = include_str!("../../../README.md").replace('`', "");
        for sentence in STATEMENT.iter().chain(&OF_VIRTUAL_RESULTS) {
            assert!(readme.contains(sentence), "not in the README: {sentence}");
        }
    }
}

//! Spec tables, decision rules, verdicts.

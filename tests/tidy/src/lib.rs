//! House rules that are checked by machine.
//!
//! Each rule is a function from the project's files to complaints. One test applies it to the
//! project, another to small texts that break it, so that a rule which sees nothing is seen.

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod licences;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod rust_text;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod words;

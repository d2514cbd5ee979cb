//! A report as a tree, for tests: what it says as lines of text, and what it is made of.

use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;

/// Elements that a report is made of.
const ELEMENTS: [&str; 46] = [
    "a",
    "b",
    "body",
    "caption",
    "circle",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "li",
    "line",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "pre",
    "rect",
    "section",
    "small",
    "span",
    "style",
    "svg",
    "symbol",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "use",
    "g",
    "i",
];
/// Elements that begin a line of their own.
const BLOCKS: [&str; 18] = [
    "caption",
    "dl",
    "div",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "dt",
    "title",
    "header",
];

/// A parsed report.
pub(crate) struct Page<'t> {
    tree: Document<'t>,
}

impl<'t> Page<'t> {
    /// Reads a report as XML, which is stricter than any browser.
    #[track_caller]
    pub(crate) fn parse(text: &'t str) -> Self {
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        let tree = Document::parse_with_options(text, options).expect("well-formed XML");
        Self { tree }
    }

    fn elements(&self) -> impl Iterator<Item = Node<'_, 't>> {
        self.tree.descendants().filter(Node::is_element)
    }

    /// How many elements of a name.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.elements().filter(|it| it.has_tag_name(name)).count()
    }

    /// Whether something can be linked to by this name.
    pub(crate) fn has_anchor(&self, name: &str) -> bool {
        self.elements().any(|it| it.attribute("id") == Some(name))
    }

    /// No element but the known ones, and no attribute that runs anything.
    #[track_caller]
    pub(crate) fn check_elements(&self, report: &str) {
        for element in self.elements() {
            let name = element.tag_name().name();
            assert!(ELEMENTS.contains(&name), "{report}: <{name}>");
            for attribute in element.attributes() {
                assert!(
                    !attribute.name().starts_with("on"),
                    "{report}: {}",
                    attribute.name()
                );
            }
        }
    }

    /// Anchors are unique, and every reference leads to one.
    #[track_caller]
    pub(crate) fn check_references(&self, report: &str) {
        let mut anchors = BTreeSet::new();
        for anchor in self.elements().filter_map(|it| it.attribute("id")) {
            assert!(anchors.insert(anchor), "{report}: two of {anchor}");
        }
        for to in self.elements().filter_map(|it| it.attribute("href")) {
            let anchor = to.strip_prefix('#').expect("a place on the page");
            assert!(anchors.contains(anchor), "{report}: {to} leads nowhere");
        }
    }

    /// What it says, pictures and styles left out: a line a block, cells apart by ` | `.
    pub(crate) fn lines(&self) -> String {
        let mut text = String::new();
        write(self.tree.root_element(), &mut text);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        lines.join("\n") + "\n"
    }
}

fn write(node: Node<'_, '_>, text: &mut String) {
    if node.is_text() {
        text.push_str(node.text().unwrap_or_default());
        return;
    }
    let name = node.tag_name().name();
    if name == "svg" || name == "style" {
        return;
    }
    if BLOCKS.contains(&name) {
        text.push('\n');
    }
    if matches!(name, "td" | "th" | "dd") && node.prev_sibling_element().is_some() {
        text.push_str(" | ");
    }
    for child in node.children() {
        write(child, text);
    }
    if BLOCKS.contains(&name) && name != "dt" {
        text.push('\n');
    }
}

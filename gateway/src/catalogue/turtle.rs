//! Turtle (W3C, 2014).

use std::fmt::Write;

use super::graph::{Graph, PREFIXES, Term};

impl Graph {
    pub fn turtle(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        for (name, long) in PREFIXES {
            let _ = writeln!(out, "@prefix {name}: <{long}> .");
        }
        for node in &self.nodes {
            let _ = write!(out, "\n<{}> a {}", node.id, node.class);
            for (what, term) in &node.said {
                let _ = write!(out, " ;\n  {what} {}", written(term));
            }
            out += " .\n";
        }
        out
    }
}

fn written(term: &Term) -> String {
    match term {
        Term::Iri(address) => format!("<{address}>"),
        Term::Text(text) => format!("{}@en", quoted(text)),
        Term::Typed(text, datatype) => format!("{}^^{datatype}", quoted(text)),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::graph::{Node, iri, text};

    #[test]
    fn odd_words_and_addresses_stay_inside_their_quotes() {
        let node = Node::new("http://a/<b> c".to_owned(), "dcat:Catalog")
            .says("dct:title", text("a \"b\" \\ \n"))
            .says("foaf:homepage", iri("http://a/>.".to_owned()));
        let graph = Graph { nodes: vec![node] };
        let turtle = graph.turtle();
        let (_, said) = turtle.split_once("\n\n").unwrap_or_default();
        assert_eq!(
            said,
            "<http://a/%3Cb%3E%20c> a dcat:Catalog ;\n  dct:title \"a \\\"b\\\" \\\\ \\n\"@en ;\n  foaf:homepage <http://a/%3E.> .\n"
        );
    }
}

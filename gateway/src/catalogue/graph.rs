//! Statements about things, as RDF has them, and their two writings.

use std::fmt::Write;

/// Names and what they are short for.
pub const PREFIXES: [(&str, &str); 8] = [
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("gsp", "http://www.opengis.net/ont/geosparql#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// All that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub nodes: Vec<Node>,
}

/// A thing and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) said: Vec<(&'static str, Term)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// An address of a thing.
    Iri(String),
    /// English.
    Text(String),
    Typed(String, &'static str),
}

/// A thing by its address; what may not stand in one is escaped.
pub fn iri(address: String) -> Term {
    Term::Iri(escaped(&address))
}

pub fn text(text: &str) -> Term {
    Term::Text(text.to_owned())
}

impl Node {
    pub fn new(id: String, class: &'static str) -> Node {
        Node {
            id: escaped(&id),
            class,
            said: Vec::new(),
        }
    }

    pub fn says(mut self, what: &'static str, term: Term) -> Node {
        self.said.push((what, term));
        self
    }

    pub fn says_if(self, what: &'static str, term: Option<Term>) -> Node {
        match term {
            Some(term) => self.says(what, term),
            None => self,
        }
    }
}

fn escaped(address: &str) -> String {
    let mut escaped = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' | '\0'..=' ' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "%{:02X}", c as u32);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

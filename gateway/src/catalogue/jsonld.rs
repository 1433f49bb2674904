//! JSON-LD 1.1 (W3C, 2020).

use serde_json::{Map, Value as Json, json};

use super::graph::{Graph, Node, PREFIXES, Term};

impl Graph {
    pub fn json(&self) -> Json {
        let context: Map<String, Json> = PREFIXES
            .iter()
            .map(|(name, long)| ((*name).to_owned(), json!(long)))
            .collect();
        let nodes: Vec<Json> = self.nodes.iter().map(node).collect();
        json!({ "@context": context, "@graph": nodes })
    }
}

fn node(node: &Node) -> Json {
    let mut object = Map::new();
    object.insert("@id".to_owned(), json!(node.id));
    object.insert("@type".to_owned(), json!(node.class));
    for (what, term) in &node.said {
        let said = object.entry(*what).or_insert_with(|| json!([]));
        if let Some(list) = said.as_array_mut() {
            list.push(written(term));
        }
    }
    Json::Object(object)
}

fn written(term: &Term) -> Json {
    match term {
        Term::Iri(address) => json!({ "@id": address }),
        Term::Text(text) => json!({ "@value": text, "@language": "en" }),
        Term::Typed(text, datatype) => json!({ "@value": text, "@type": datatype }),
    }
}

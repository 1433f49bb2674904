//! CAP 1.2 as others read it: the schema's rules from beside the repository, held against a message by a parser
//! that shares nothing with its writer.

use std::collections::BTreeMap;

use geo::{LineString, Polygon, Validation};
use roxmltree::{Document, Node};
use serde::Deserialize;

use crate::real::shared;

pub mod by_hand;

/// The rules of `cap12.json`.
#[derive(Debug, Deserialize)]
pub struct Schema {
    namespace: String,
    alert: Element,
    info: Element,
    area: Element,
    enums: BTreeMap<String, Vec<String>>,
}

/// What may stand in an element, in which order.
#[derive(Debug, Deserialize)]
struct Element {
    order: Vec<String>,
    required: Vec<String>,
    many: Vec<String>,
}

/// The head of a message that kept all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub identifier: String,
    pub sender: String,
    pub sent: String,
    pub status: String,
    pub msg_type: String,
    /// Triples as they stand there.
    pub references: Vec<String>,
    /// By language: event, response, urgency, severity, certainty, headline and all else that has no children.
    pub infos: BTreeMap<String, BTreeMap<String, String>>,
}

impl Head {
    /// How later messages name this one.
    pub fn reference(&self) -> String {
        format!("{},{},{}", self.sender, self.identifier, self.sent)
    }

    /// A fact of the English block.
    pub fn says(&self, name: &str) -> &str {
        let english = self.infos.get("en-US");
        english
            .and_then(|info| info.get(name))
            .map_or("", String::as_str)
    }
}

impl Schema {
    #[allow(clippy::expect_used)]
    pub fn load() -> Schema {
        let text = std::fs::read_to_string(shared("domain/cap12.json")).expect("the rules of CAP");
        serde_json::from_str(&text).expect("the rules of CAP")
    }

    /// Fails with every rule that the message breaks.
    #[track_caller]
    pub fn check(&self, xml: &[u8]) -> Head {
        let text = String::from_utf8_lossy(xml);
        match self.read(&text) {
            Ok(head) => head,
            Err(broken) => panic!("{broken:#?}\n{text}"),
        }
    }

    /// The message's head, or every rule that it breaks.
    pub fn read(&self, text: &str) -> Result<Head, Vec<String>> {
        let document = Document::parse(text).map_err(|error| vec![format!("no XML: {error}")])?;
        let mut broken = Vec::new();
        let head = self.alert(document.root_element(), &mut broken);
        match broken.is_empty() {
            true => Ok(head),
            false => Err(broken),
        }
    }

    fn alert(&self, alert: Node, broken: &mut Vec<String>) -> Head {
        let name = alert.tag_name();
        if (name.name(), name.namespace()) != ("alert", Some(self.namespace.as_str())) {
            broken.push(format!("the root is {name:?}"));
        }
        self.element(alert, &self.alert, broken);
        let text = |name: &str| child(alert, name).unwrap_or_default().to_owned();
        let (identifier, sender, sent) = (text("identifier"), text("sender"), text("sent"));
        for (name, text) in [("identifier", &identifier), ("sender", &sender)] {
            if text.is_empty() || text.contains([' ', ',', '<', '&']) {
                broken.push(format!("{name} is «{text}»"));
            }
        }
        moment(&sent, "sent", broken);
        if (text("scope") == "Restricted") != child(alert, "restriction").is_some() {
            broken.push("restriction belongs to scope Restricted, always and only".to_owned());
        }
        if (text("scope") == "Private") && child(alert, "addresses").is_none() {
            broken.push("scope Private needs addresses".to_owned());
        }
        let references: Vec<String> = text("references").split(' ').map(str::to_owned).collect();
        let references = match child(alert, "references") {
            None => Vec::new(),
            Some(_) => references,
        };
        if matches!(text("msgType").as_str(), "Update" | "Cancel") == references.is_empty() {
            broken.push("Update and Cancel have references, Alert has none".to_owned());
        }
        for reference in &references {
            self.reference(reference, &identifier, &sent, broken);
        }
        let mut infos = BTreeMap::new();
        for info in children(alert, "info") {
            self.info(info, &mut infos, broken);
        }
        Head {
            identifier,
            sender,
            sent,
            status: text("status"),
            msg_type: text("msgType"),
            references,
            infos,
        }
    }

    fn reference(&self, triple: &str, identifier: &str, sent: &str, broken: &mut Vec<String>) {
        let [_, named, at] = triple.split(',').collect::<Vec<_>>()[..] else {
            return broken.push(format!("«{triple}» is no triple"));
        };
        if named == identifier {
            broken.push("it refers to itself".to_owned());
        }
        if moment(at, "references", broken) > moment(sent, "sent", broken) {
            broken.push(format!("«{triple}» is later than the message"));
        }
    }

    fn info(
        &self,
        info: Node,
        infos: &mut BTreeMap<String, BTreeMap<String, String>>,
        broken: &mut Vec<String>,
    ) {
        self.element(info, &self.info, broken);
        for name in ["effective", "onset", "expires"] {
            if let Some(text) = child(info, name) {
                moment(text, name, broken);
            }
        }
        for parameter in children(info, "parameter") {
            let names: Vec<_> = elements(parameter).map(|e| e.tag_name().name()).collect();
            if names != ["valueName", "value"] {
                broken.push(format!("a parameter has {names:?}"));
            }
        }
        for area in children(info, "area") {
            self.element(area, &self.area, broken);
            for polygon in children(area, "polygon") {
                ring(polygon.text().unwrap_or_default(), broken);
            }
        }
        let flat: BTreeMap<String, String> = elements(info)
            .filter(|element| elements(*element).next().is_none())
            .map(|element| {
                let text = element.text().unwrap_or_default();
                (element.tag_name().name().to_owned(), text.to_owned())
            })
            .collect();
        infos.insert(flat.get("language").cloned().unwrap_or_default(), flat);
    }

    /// Order, requirements, repetitions, enumerations.
    fn element(&self, node: Node, element: &Element, broken: &mut Vec<String>) {
        let inside = node.tag_name().name();
        let names: Vec<&str> = elements(node)
            .map(|child| child.tag_name().name())
            .collect();
        for required in &element.required {
            if !names.contains(&required.as_str()) {
                broken.push(format!("{inside} has no {required}"));
            }
        }
        let mut reached = 0;
        for (at, name) in names.iter().enumerate() {
            match element.order.iter().position(|known| known == name) {
                None => broken.push(format!("{inside} has an unknown {name}")),
                Some(place) if place < reached => broken.push(format!("{name} comes too late")),
                Some(place) => reached = place,
            }
            let again = names[..at].contains(name);
            if again && !element.many.iter().any(|many| many == name) {
                broken.push(format!("{inside} has {name} twice"));
            }
        }
        for child in elements(node) {
            let (name, text) = (child.tag_name().name(), child.text().unwrap_or_default());
            if child.tag_name().namespace() != Some(&self.namespace) {
                broken.push(format!("{name} is of another namespace"));
            }
            if text.trim().is_empty() && elements(child).next().is_none() {
                broken.push(format!("{name} is empty"));
            }
            if let Some(words) = self.enums.get(name)
                && !words.iter().any(|word| word == text)
            {
                broken.push(format!("{name} is «{text}»"));
            }
        }
    }
}

/// A moment in CAP's format as milliseconds UTC; anything else is broken, the comma that the schema lets through too.
fn moment(text: &str, name: &str, broken: &mut Vec<String>) -> i64 {
    let moment = is_moment(text).then(|| text.parse::<jiff::Timestamp>());
    match moment {
        Some(Ok(moment)) => moment.as_millisecond(),
        _ => {
            broken.push(format!("{name} is «{text}»"));
            0
        }
    }
}

/// Whether `text` is a date and time with seconds and an offset in figures.
pub fn is_moment(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    matches!(
        shape.as_str(),
        "0000-00-00T00:00:00+00:00" | "0000-00-00T00:00:00-00:00"
    )
}

fn ring(text: &str, broken: &mut Vec<String>) {
    let pairs: Option<Vec<(f64, f64)>> = text
        .split(' ')
        .map(|pair| {
            let (lat, lon) = pair.split_once(',')?;
            Some((lat.parse().ok()?, lon.parse().ok()?))
        })
        .collect();
    let Some(pairs) = pairs else {
        return broken.push(format!("«{text}» are no pairs"));
    };
    if pairs.len() < 4 || pairs.first() != pairs.last() {
        broken.push(format!("«{text}» is no closed ring"));
    }
    let on_earth = |(lat, lon): &(f64, f64)| lat.abs() <= 90.0 && lon.abs() <= 180.0;
    if !pairs.iter().all(on_earth) {
        broken.push(format!("«{text}» leaves the earth"));
    }
    let line: LineString<f64> = pairs.iter().map(|&(lat, lon)| (lon, lat)).collect();
    if !Polygon::new(line, Vec::new()).is_valid() {
        broken.push(format!("«{text}» crosses itself"));
    }
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    elements(node).filter(move |child| child.tag_name().name() == name)
}

fn child<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    children(node, name)
        .next()
        .map(|child| child.text().unwrap_or_default())
}

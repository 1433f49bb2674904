//! The city's open data as a catalogue by DCAT-AP 2.1.1, so that others' portals find it by themselves: services,
//! data sets, where to get them, whose they are, on which terms, of where and of when.
//!
//! [`graph`] holds statements and writes them as Turtle and JSON-LD; here is what they say.

use geo::BoundingRect;
use pipeline::calendar::{Millis, rfc3339};

pub mod graph;
mod jsonld;
mod turtle;

use crate::board::Face;
use crate::export::rights;
use crate::sensorthings::ROOT;
use graph::{Graph, Node, Term, iri, text};

const THEMES: &str = "http://publications.europa.eu/resource/authority/data-theme";
const LANGUAGES: &str = "http://publications.europa.eu/resource/authority/language";
const FILE_TYPES: &str = "http://publications.europa.eu/resource/authority/file-type";
const FREQUENCIES: &str = "http://publications.europa.eu/resource/authority/frequency";
const MEDIA_TYPES: &str = "http://www.iana.org/assignments/media-types";
const SENSORTHINGS: &str = "http://www.opengis.net/spec/iot_sensing/1.1";
const CAP: &str = "http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html";
const OPENAPI: &str = "https://spec.openapis.org/oas/v3.1.0";

/// What the catalogue speaks of, beside the city itself.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub face: &'a Face,
    /// Where the gateway is reached.
    pub base: &'a str,
    /// Of what time there are figures.
    pub span: Option<(Millis, Millis)>,
}

/// The whole catalogue.
pub fn of(asked: Asked<'_>) -> Graph {
    let mut nodes = vec![catalogue(asked), publisher(asked)];
    nodes.extend(contact(asked));
    nodes.extend(area(asked));
    nodes.extend(period(asked));
    nodes.push(rights_statement(asked));
    nodes.extend(services(asked));
    nodes.extend(datasets(asked));
    Graph { nodes }
}

impl Asked<'_> {
    /// A thing that is described in the catalogue itself.
    fn part(&self, name: &str) -> String {
        format!("{}/catalog#{name}", self.base)
    }

    fn link(&self, name: &str) -> Term {
        iri(self.part(name))
    }

    fn at(&self, path: &str) -> Term {
        iri(format!("{}{path}", self.base))
    }

    fn city(&self) -> &str {
        match self.face.name.is_empty() {
            true => self.face.city.as_str(),
            false => &self.face.name,
        }
    }

    /// `simulated` is said wherever it is.
    fn described(&self, what: &str) -> Term {
        match self.face.status {
            pipeline::alert::Status::Actual => text(what),
            status => {
                let status = serde_json::to_value(status).unwrap_or_default();
                let status = status.as_str().unwrap_or_default().to_owned();
                text(&format!("{what} Status: {status}."))
            }
        }
    }

    /// Whose it is, on which terms, and of where: the same of the catalogue and of every data set and service.
    fn terms(&self, node: Node) -> Node {
        let node = node.says("dct:publisher", self.link("publisher")).says_if(
            "dcat:contactPoint",
            self.contact().map(|_| self.link("contact")),
        );
        self.licensed(node)
    }

    fn licensed(&self, node: Node) -> Node {
        let licence = self.face.open_data.licence.as_ref();
        node.says_if(
            "dct:license",
            licence.map(|licence| iri(licence.url.clone())),
        )
    }

    fn contact(&self) -> Option<&str> {
        self.face.open_data.contact.as_deref()
    }
}

fn catalogue(asked: Asked<'_>) -> Node {
    let node = Node::new(format!("{}/catalog", asked.base), "dcat:Catalog")
        .says("dct:title", text(&format!("Open data of {}", asked.city())))
        .says(
            "dct:description",
            asked.described("What the city's sensors measure, zone by zone, and the alerts that follow from it."),
        )
        .says("dct:language", iri(format!("{LANGUAGES}/ENG")))
        .says("dcat:themeTaxonomy", iri(THEMES.to_owned()))
        .says("foaf:homepage", asked.at("/"))
        .says("dcat:dataset", asked.link("figures"))
        .says("dcat:dataset", asked.link("alerts"))
        .says("dcat:service", asked.link("sensorthings"))
        .says("dcat:service", asked.link("cap"))
        .says("dcat:service", asked.link("api"));
    spatial(asked, asked.terms(node))
}

fn publisher(asked: Asked<'_>) -> Node {
    let name = &asked.face.open_data.publisher;
    let name = match name.is_empty() {
        true => asked.city(),
        false => name,
    };
    Node::new(asked.part("publisher"), "foaf:Agent").says("foaf:name", text(name))
}

fn contact(asked: Asked<'_>) -> Option<Node> {
    let address = asked.contact()?;
    let by = match address.starts_with("mailto:") {
        true => "vcard:hasEmail",
        false => "vcard:hasURL",
    };
    let name = text(&asked.face.open_data.publisher);
    let node = Node::new(asked.part("contact"), "vcard:Kind").says("vcard:fn", name);
    Some(node.says(by, iri(address.to_owned())))
}

/// The smallest rectangle around all zones.
fn area(asked: Asked<'_>) -> Option<Node> {
    let outlines = asked.face.zones.iter().map(|zone| &zone.outline);
    let around = outlines
        .filter_map(BoundingRect::bounding_rect)
        .reduce(|a, b| {
            let low = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
            let high = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
            geo::Rect::new(low, high)
        })?;
    let (west, south) = (around.min().x, around.min().y);
    let (east, north) = (around.max().x, around.max().y);
    let wkt = format!(
        "POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
    );
    let outline = Term::Typed(wkt, "gsp:wktLiteral");
    Some(Node::new(asked.part("area"), "dct:Location").says("dcat:bbox", outline))
}

fn period(asked: Asked<'_>) -> Option<Node> {
    let (start, end) = asked.span?;
    let moment = |at| Term::Typed(rfc3339(at), "xsd:dateTime");
    let node = Node::new(asked.part("period"), "dct:PeriodOfTime");
    Some(
        node.says("dcat:startDate", moment(start))
            .says("dcat:endDate", moment(end)),
    )
}

fn rights_statement(asked: Asked<'_>) -> Node {
    Node::new(asked.part("rights"), "dct:RightsStatement")
        .says("rdfs:label", text(&rights(asked.face)))
}

fn services(asked: Asked<'_>) -> Vec<Node> {
    let service = |name, title: &str, path: &str, standard: &str| {
        let node = Node::new(asked.part(name), "dcat:DataService")
            .says("dct:title", text(title))
            .says("dcat:endpointURL", asked.at(path))
            .says("dcat:endpointDescription", asked.at("/api/openapi.json"))
            .says("dct:conformsTo", iri(standard.to_owned()));
        asked.terms(node)
    };
    vec![
        service(
            "sensorthings",
            "OGC SensorThings 1.1, reading",
            ROOT,
            SENSORTHINGS,
        )
        .says("dcat:servesDataset", asked.link("figures")),
        service("cap", "Alerts as CAP 1.2 messages", "/cap.atom", CAP)
            .says("dcat:servesDataset", asked.link("alerts")),
        service("api", "The gateway's own API", "/api/v1/zones", OPENAPI)
            .says("dcat:servesDataset", asked.link("figures"))
            .says("dcat:servesDataset", asked.link("alerts")),
    ]
}

fn datasets(asked: Asked<'_>) -> Vec<Node> {
    let dataset = |name, title: &str, description: &str| {
        let node = Node::new(asked.part(name), "dcat:Dataset")
            .says("dct:title", text(title))
            .says("dct:description", asked.described(description))
            .says("dct:identifier", text(&asked.part(name)))
            .says("dct:accrualPeriodicity", iri(format!("{FREQUENCIES}/CONT")));
        spatial(asked, asked.terms(node))
    };
    let mut figures = dataset(
        "figures",
        &format!("Figures of the zones of {}", asked.city()),
        "Air, weather, crowds, traffic and hazards by zone, pane by pane over the last hours, each with its age and completeness. Few people are ranges.",
    )
    .says_if("dct:temporal", asked.span.map(|_| asked.link("period")));
    for theme in ["ENVI", "TRAN", "HEAL"] {
        figures = figures.says("dcat:theme", iri(format!("{THEMES}/{theme}")));
    }
    for word in [
        "air quality",
        "traffic",
        "crowds",
        "weather",
        "hazards",
        "sensors",
    ] {
        figures = figures.says("dcat:keyword", text(word));
    }
    let alerts = dataset(
        "alerts",
        &format!("Alerts of {}", asked.city()),
        "Every alert as it last stood, corrected where late readings showed that it was wrong.",
    )
    .says("dcat:theme", iri(format!("{THEMES}/ENVI")))
    .says("dcat:theme", iri(format!("{THEMES}/JUST")))
    .says("dcat:keyword", text("alerts"))
    .says("dcat:keyword", text("emergencies"));
    let csv = |name, of: &str| {
        let path = format!("/export/{of}.csv");
        distribution(asked, name, "Table (CSV)", &path)
            .says("dcat:downloadURL", asked.at(&path))
            .says("dcat:mediaType", iri(format!("{MEDIA_TYPES}/text/csv")))
            .says("dct:format", iri(format!("{FILE_TYPES}/CSV")))
            .says("foaf:page", asked.at(&format!("{path}-metadata.json")))
    };
    vec![
        figures
            .says("dcat:distribution", asked.link("figures-csv"))
            .says("dcat:distribution", asked.link("figures-sensorthings")),
        alerts
            .says("dcat:distribution", asked.link("alerts-csv"))
            .says("dcat:distribution", asked.link("alerts-cap")),
        csv("figures-csv", "zones"),
        csv("alerts-csv", "alerts"),
        distribution(
            asked,
            "figures-sensorthings",
            "SensorThings",
            &format!("{ROOT}/Datastreams"),
        )
        .says("dcat:accessService", asked.link("sensorthings"))
        .says(
            "dcat:mediaType",
            iri(format!("{MEDIA_TYPES}/application/json")),
        )
        .says("dct:format", iri(format!("{FILE_TYPES}/JSON")))
        .says("dct:conformsTo", iri(SENSORTHINGS.to_owned())),
        distribution(asked, "alerts-cap", "CAP 1.2 in an Atom feed", "/cap.atom")
            .says("dcat:accessService", asked.link("cap"))
            .says(
                "dcat:mediaType",
                iri(format!("{MEDIA_TYPES}/application/atom+xml")),
            )
            .says("dct:format", iri(format!("{FILE_TYPES}/ATOM"))),
    ]
}

fn distribution(asked: Asked<'_>, name: &str, title: &str, path: &str) -> Node {
    let node = Node::new(asked.part(name), "dcat:Distribution")
        .says("dct:title", text(title))
        .says("dcat:accessURL", asked.at(path))
        .says("dct:rights", asked.link("rights"));
    asked.licensed(node)
}

fn spatial(asked: Asked<'_>, node: Node) -> Node {
    let is_there = asked
        .face
        .zones
        .iter()
        .any(|zone| !zone.outline.0.is_empty());
    node.says_if("dct:spatial", is_there.then(|| asked.link("area")))
}

//! The description beside the router: every route for programs is described, and nothing else is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

type Operations = BTreeSet<(String, String)>;

/// Method and path of every `.route(…)` in the files of `http`, as they are written there.
fn routed() -> Operations {
    let mut found = Operations::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/http")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let is_test = path.file_stem().is_some_and(|name| name == "tests");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
                take(&path, &mut found);
            }
        }
    }
    assert!(found.len() > 20, "this looks in the wrong place: {found:?}");
    found
}

fn take(file: &Path, found: &mut Operations) {
    let text = fs::read_to_string(file).unwrap();
    for call in text.split(".route(").skip(1) {
        let mut depth = 1;
        let inside: String = call
            .chars()
            .take_while(|c| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth > 0
            })
            .collect();
        let Some(path) = inside
            .trim()
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        if !FOR_PROGRAMS.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        for method in ["get", "post", "put", "delete", "patch"] {
            let called = inside.match_indices(&format!("{method}(")).any(|(at, _)| {
                let before = inside[..at].chars().next_back();
                before.is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
            });
            if called {
                found.insert((method.to_owned(), path.replace("{*", "{")));
            }
        }
    }
}

fn described() -> Operations {
    let json = serde_json::to_value(Description::openapi()).unwrap();
    let paths = json["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.clone(), path.clone()))
    });
    operations.collect()
}

#[test]
fn every_route_for_programs_is_described_and_nothing_else_is() {
    let (routed, described) = (routed(), described());
    let missing: Vec<_> = routed.difference(&described).collect();
    assert!(
        missing.is_empty(),
        "routes without a description: {missing:#?}\n\
         Add a function with #[utoipa::path(…)] for each to gateway/src/http/described/reading.rs (or acting.rs) and name \
         it in `paths(…)` of gateway/src/http/described/mod.rs; its answer's type derives utoipa::ToSchema."
    );
    let gone: Vec<_> = described.difference(&routed).collect();
    assert!(
        gone.is_empty(),
        "descriptions of routes that are gone: {gone:#?}\n\
         Remove their functions from gateway/src/http/described."
    );
}

#[test]
fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let json = serde_json::to_value(Description::openapi()).unwrap();
    assert!(json["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = json.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(json["components"]["schemas"][name].is_object(), "{name}");
    }
}

/// The schema that is written by hand names what a revision really has.
#[test]
fn an_alert_has_what_its_schema_asks_for() {
    use crate::board::sample::{NOON, face, revision};
    let revision = revision(1, 1, pipeline::alert::State::Raised, NOON);
    let said = serde_json::to_value(crate::publish::Public::of(&revision, &face())).unwrap();
    let json = serde_json::to_value(Description::openapi()).unwrap();
    let required = json["components"]["schemas"]["Alert"]["required"]
        .as_array()
        .unwrap();
    assert!(required.len() > 15);
    for name in required {
        let name = name.as_str().unwrap();
        assert!(said.get(name).is_some(), "{name} is not in {said}");
    }
}

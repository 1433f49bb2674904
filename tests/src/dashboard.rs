//! The expressions of a Grafana dashboard, as Prometheus would be asked them.

use std::fs;

use serde_json::Value;

use crate::prometheus::dashboards;

/// One question to Prometheus, and where it stands.
#[derive(Clone, Debug)]
pub struct Question {
    pub place: String,
    pub expression: String,
}

/// Every dashboard with its file's name.
#[allow(clippy::unwrap_used)]
pub fn grafana_dashboards() -> Vec<(String, Value)> {
    let files = fs::read_dir(dashboards().join("grafana/dashboards")).unwrap();
    let mut all: Vec<(String, Value)> = files
        .map(|file| {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Every expression of a dashboard: its panels' and its variables'. `zone` stands for the one that somebody chose; for all
/// other variables everything is chosen.
pub fn questions(name: &str, dashboard: &Value, zone: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut ask = |place: String, expression: &str| {
        questions.push(Question {
            place,
            expression: filled(expression, zone),
        });
    };
    for variable in list(&dashboard["templating"]["list"]) {
        if let Some(query) = variable["query"]["query"].as_str() {
            let inner = query.strip_prefix("label_values(");
            let inner = inner.and_then(|inner| inner.rsplit_once(", "));
            let place = format!("{name}: variable {}", variable["name"]);
            ask(place, inner.map_or(query, |(expression, _)| expression));
        }
    }
    for panel in list(&dashboard["panels"]) {
        for target in list(&panel["targets"]) {
            let place = format!("{name}: panel {}", panel["title"]);
            ask(place, target["expr"].as_str().unwrap_or_default());
        }
    }
    questions
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn filled(expression: &str, zone: &str) -> String {
    let chosen = [
        ("$__rate_interval", "30s"),
        ("$instance", ".+"),
        ("$kind", ".+"),
        ("$quantity", ".+"),
        ("$standard", "us-epa-2024"),
        ("$zone", zone),
    ];
    let text = chosen
        .iter()
        .fold(expression.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        });
    // `$1` is PromQL's own: what a part of an expression has matched.
    let is_filled = !text.replace("$1", "").contains('$');
    assert!(is_filled, "a variable that nobody fills: {text}");
    text
}

/// An alert's expression without its comparisons: what it looks at.
pub fn looked_at(expression: &str) -> String {
    let mut words = expression.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "<" | ">" | "==" | "!=" | "<=" | ">=" => {
                words.next();
            }
            word => kept.push(word),
        }
    }
    kept.join(" ")
}

//! The rules of the city as people read them: in [`words`], as [`lines`] of `rules.toml`, and what [`changes`] they saw.

use std::sync::Arc;

use pipeline::quality::QualityRule;
use pipeline::rules::{Rule, RuleIx};
use wire::RuleId;

use crate::city::LoadedCity;

pub mod changes;
pub mod lines;
pub mod words;

/// The rules in force, and the default ones where they are not.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// Ordered as in the file.
    pub rules: Arc<Vec<Rule>>,
    pub quality: Arc<Vec<QualityRule>>,
    /// The city has no rules of its own: the default ones are in force.
    pub is_default: bool,
    /// Default rules that fit the city and are not in force.
    pub defaults: Arc<Vec<Rule>>,
}

impl Rulebook {
    pub fn rule(&self, ix: RuleIx) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.ix == ix)
    }

    pub fn named(&self, id: RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

impl From<&LoadedCity> for Rulebook {
    fn from(loaded: &LoadedCity) -> Rulebook {
        Rulebook {
            rules: loaded.rules.clone(),
            quality: loaded.quality.clone(),
            is_default: loaded.has_default_rules,
            defaults: loaded.defaults.clone(),
        }
    }
}

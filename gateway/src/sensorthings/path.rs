//! What an address below the service's root names: a set, an entity, or a property of one.

use super::data::{Data, Entity};
use super::kind::{Field, Kind};
use super::wrong::Wrong;
use crate::config::nearest;

/// Longest way over relations.
const STEPS_MAX: usize = 12;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resource {
    Root,
    /// All of a kind, or those that a relation of an entity leads to.
    Set {
        of: Option<Entity>,
        kind: Kind,
        refs: bool,
    },
    One {
        entity: Entity,
        refs: bool,
    },
    Property {
        of: Entity,
        field: Field,
        /// Bare, without its name around it.
        bare: bool,
    },
}

impl Data<'_> {
    /// Finds what `path` names: `Things('quay')/Datastreams`.
    pub(super) fn resource(&self, path: &str) -> Result<Resource, Wrong> {
        let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        if steps.len() > STEPS_MAX {
            return Err(Wrong::question("this way over relations is too long"));
        }
        let mut here = Resource::Root;
        for step in steps {
            here = self.step(here, step)?;
        }
        Ok(here)
    }

    fn step(&self, from: Resource, step: &str) -> Result<Resource, Wrong> {
        let nowhere = |what: &str| Wrong::Absent(format!("{what} has no `{step}`"));
        let (name, id) = with_id(step)?;
        match from {
            Resource::Root => {
                let Some(kind) = Kind::from_set(name) else {
                    let hint = nearest(name, Kind::ALL.map(Kind::set));
                    return Err(Wrong::Absent(format!("there is no set `{name}`{hint}")));
                };
                match id {
                    Some(id) => self.find(kind, id).map(one),
                    None => Ok(set(None, kind)),
                }
            }
            Resource::Set { of, kind, .. } if step == "$ref" => Ok(Resource::Set {
                of,
                kind,
                refs: true,
            }),
            Resource::One { entity, .. } if step == "$ref" => {
                Ok(Resource::One { entity, refs: true })
            }
            Resource::One {
                entity,
                refs: false,
            } => self.onward(entity, name, id),
            Resource::Property { of, field, .. } if step == "$value" => Ok(Resource::Property {
                of,
                field,
                bare: true,
            }),
            Resource::Set { kind, .. } => Err(nowhere(&format!("the set {}", kind.set()))),
            Resource::One { .. } => Err(nowhere("a reference")),
            Resource::Property { field, .. } => Err(nowhere(field.name())),
        }
    }

    fn onward(&self, from: Entity, name: &str, id: Option<&str>) -> Result<Resource, Wrong> {
        if let (Some(field), None) = (from.kind.field(name), id) {
            return Ok(Resource::Property {
                of: from,
                field,
                bare: false,
            });
        }
        let Some(nav) = from.kind.nav(name) else {
            let hint = nearest(name, from.kind.names());
            let message = format!("{} have no `{name}`{hint}", from.kind.set());
            return Err(Wrong::Absent(message));
        };
        match (nav.many, id) {
            (true, None) => Ok(set(Some(from), nav.to)),
            (true, Some(id)) => {
                let found = self.find(nav.to, id)?;
                for related in self.related(from, nav.to) {
                    if related? == found {
                        return Ok(one(found));
                    }
                }
                Err(Wrong::Absent(format!("{name} has no '{id}' here")))
            }
            (false, None) => match self.related(from, nav.to).next() {
                Some(related) => related.map(one),
                None => Err(Wrong::Absent(format!("it has no {name}"))),
            },
            (false, Some(_)) => Err(Wrong::Absent(format!("{name} is one, without an id"))),
        }
    }
}

fn one(entity: Entity) -> Resource {
    Resource::One {
        entity,
        refs: false,
    }
}

fn set(of: Option<Entity>, kind: Kind) -> Resource {
    Resource::Set {
        of,
        kind,
        refs: false,
    }
}

/// `Things('quay')` in its two parts.
fn with_id(step: &str) -> Result<(&str, Option<&str>), Wrong> {
    let Some((name, rest)) = step.split_once('(') else {
        return Ok((step, None));
    };
    let id = rest
        .strip_suffix(')')
        .map(str::trim)
        .ok_or_else(|| Wrong::question(format!("`{step}`: the id's second bracket is missing")))?;
    let bare = id.strip_prefix('\'').and_then(|id| id.strip_suffix('\''));
    Ok((name, Some(bare.unwrap_or(id))))
}

//! Answers as JSON: entities with their links, sets with their counts and the link to what follows.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::data::{Data, Entities, Entity};
use super::kind::{Field, Kind, Nav};
use super::options::{Expansion, Options, Selected};
use super::wrong::Wrong;

/// A part of a set: what is shown, how many there are, and from where it goes on.
struct Page {
    shown: Vec<Entity>,
    total: Option<usize>,
    next: Option<usize>,
}

/// Says answers with addresses below `base`.
pub(super) struct Renderer<'d, 'a> {
    pub(super) data: &'d Data<'a>,
    pub(super) base: &'d str,
}

impl Renderer<'_, '_> {
    pub(super) fn set(
        &self,
        (of, kind): (Option<Entity>, Kind),
        options: &Options,
        refs: bool,
    ) -> Result<Json, Wrong> {
        let (entities, link) = match of {
            None => (self.data.all(kind), format!("{}/{}", self.base, kind.set())),
            Some(of) => (
                self.data.related(of, kind),
                format!("{}/{}", self.link(of)?, kind.set()),
            ),
        };
        let page = self.page(entities, options)?;
        let mut answer = Map::new();
        let value = if options.data_array {
            self.arrays(&page.shown, options)?
        } else {
            let entities = page.shown.iter();
            let value = entities.map(|entity| match refs {
                true => Ok(json!({ "@iot.selfLink": self.link(*entity)? })),
                false => self.entity(*entity, options),
            });
            value.collect::<Result<Json, Wrong>>()?
        };
        if let Some(total) = page.total {
            answer.insert("@iot.count".to_owned(), json!(total));
        }
        if let Some(next) = page.next {
            let link = format!("{link}{}", if refs { "/$ref" } else { "" });
            answer.insert(
                "@iot.nextLink".to_owned(),
                json!(follow(&link, options, next)),
            );
        }
        answer.insert("value".to_owned(), value);
        Ok(Json::Object(answer))
    }

    pub(super) fn entity(&self, entity: Entity, options: &Options) -> Result<Json, Wrong> {
        self.data.purse.entities(1)?;
        let kind = entity.kind;
        let wants = |selected: Selected| {
            let select = options.select.as_ref();
            select.is_none_or(|select| select.contains(&selected))
        };
        let mut answer = Map::new();
        for field in kind.fields() {
            if wants(Selected::Field(*field)) {
                let said = self.field(entity, *field)?;
                answer.insert(field.name().to_owned(), said);
            }
        }
        let link = self.link(entity)?;
        for nav in kind.navs() {
            let expansion = options.expand.iter().find(|expanded| expanded.nav == *nav);
            match expansion {
                Some(expansion) => self.expand(entity, &link, expansion, &mut answer)?,
                None if wants(Selected::Nav(*nav)) => {
                    let name = format!("{}@iot.navigationLink", nav.name);
                    answer.insert(name, json!(format!("{link}/{}", nav.name)));
                }
                None => {}
            }
        }
        Ok(Json::Object(answer))
    }

    pub(super) fn field(&self, entity: Entity, field: Field) -> Result<Json, Wrong> {
        match field {
            Field::SelfLink => Ok(json!(self.link(entity)?)),
            _ => Ok(self.data.cell(entity, field)?.json()),
        }
    }

    /// The address of an entity.
    pub(super) fn link(&self, entity: Entity) -> Result<String, Wrong> {
        let id = self.data.id(entity)?;
        Ok(format!("{}/{}('{id}')", self.base, entity.kind.set()))
    }

    fn expand(
        &self,
        entity: Entity,
        link: &str,
        Expansion { nav, options }: &Expansion,
        answer: &mut Map<String, Json>,
    ) -> Result<(), Wrong> {
        let Nav { name, to, many } = *nav;
        if !many {
            let one = self.data.related(entity, to).next().transpose()?;
            let said = one.map(|one| self.entity(one, options)).transpose()?;
            answer.insert(name.to_owned(), said.unwrap_or_default());
            return Ok(());
        }
        let page = self.page(self.data.related(entity, to), options)?;
        let shown = page.shown.iter().map(|one| self.entity(*one, options));
        let shown = shown.collect::<Result<Json, Wrong>>()?;
        answer.insert(name.to_owned(), shown);
        if let Some(total) = page.total {
            answer.insert(format!("{name}@iot.count"), json!(total));
        }
        if let Some(next) = page.next {
            let link = follow(&format!("{link}/{name}"), options, next);
            answer.insert(format!("{name}@iot.nextLink"), json!(link));
        }
        Ok(())
    }

    fn page(&self, entities: Entities<'_>, options: &Options) -> Result<Page, Wrong> {
        let (skip, limit) = (options.skip, options.limit());
        let until = skip.saturating_add(limit);
        let sorts = !options.order.is_empty();
        let (mut found, mut total) = (Vec::new(), 0);
        for entity in entities {
            let entity = entity?;
            if let Some(filter) = &options.filter
                && !self.data.holds(filter, entity)?
            {
                continue;
            }
            total += 1;
            if sorts || (total > skip && total <= until) {
                found.push(entity);
            } else if total > until && !options.count {
                // One more than is shown: enough to know that something follows.
                break;
            }
        }
        if sorts {
            found = self.sorted(found, options)?;
            found = found.into_iter().skip(skip).take(limit).collect();
        }
        Ok(Page {
            shown: found,
            total: options.count.then_some(total),
            next: (total > until && limit > 0).then_some(until),
        })
    }

    /// In the order that is asked for; those that are alike stay in that of the set.
    fn sorted(&self, entities: Vec<Entity>, options: &Options) -> Result<Vec<Entity>, Wrong> {
        let mut keyed = Vec::with_capacity(entities.len());
        for entity in entities {
            let keys = options.order.iter().map(|(by, _)| {
                let cells = self.data.cells(by, entity)?;
                Ok(cells.into_iter().next())
            });
            keyed.push((keys.collect::<Result<Vec<_>, Wrong>>()?, entity));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let pairs = a.iter().zip(b).zip(&options.order);
            let orders = pairs.map(|((a, b), (_, greatest_first))| {
                let order = match (a, b) {
                    (Some(a), Some(b)) => a.order(b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                };
                match greatest_first {
                    true => order.reverse(),
                    false => order,
                }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        });
        Ok(keyed.into_iter().map(|(_, entity)| entity).collect())
    }

    /// Observations as rows, by Datastream.
    fn arrays(&self, observations: &[Entity], options: &Options) -> Result<Json, Wrong> {
        self.data.purse.entities(observations.len())?;
        let fields = Kind::Observation.fields().iter().copied();
        let fields: Vec<Field> = fields
            .filter(|field| *field != Field::SelfLink)
            .filter(|field| {
                let select = options.select.as_ref();
                select.is_none_or(|select| select.contains(&Selected::Field(*field)))
            })
            .collect();
        let components: Vec<&str> = fields
            .iter()
            .map(|field| match field {
                Field::Id => "id",
                field => field.name(),
            })
            .collect();
        let streams = observations.chunk_by(|a, b| a.place == b.place);
        let arrays = streams.map(|observations| {
            let rows = observations.iter().map(|observation| {
                let row = fields.iter().map(|field| self.field(*observation, *field));
                row.collect::<Result<Json, Wrong>>()
            });
            let stream = self.data.related(observations[0], Kind::Datastream).next();
            let stream = stream.transpose()?.map(|stream| self.link(stream));
            Ok(json!({
                "Datastream@iot.navigationLink": stream.transpose()?,
                "components": components,
                "dataArray@iot.count": observations.len(),
                "dataArray": rows.collect::<Result<Json, Wrong>>()?,
            }))
        });
        arrays.collect()
    }
}

/// The address at which a set goes on.
fn follow(link: &str, options: &Options, next: usize) -> String {
    let mut rest = String::new();
    let mut left = options.top;
    if let Some(top) = &mut left {
        // Whoever asked for so many at once gets as many the next time.
        *top = *top.min(&mut options.limit());
    }
    for (name, text) in &options.written {
        let text = match (name.as_str(), left) {
            ("$top", Some(top)) => top.to_string(),
            _ => text.clone(),
        };
        rest += &format!("&{name}={}", escaped(&text));
    }
    format!("{link}?$skip={next}{rest}")
}

/// A text as part of a query.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => escaped.push(byte.into()),
            b'-' | b'.' | b'_' | b'~' | b'\'' | b'(' | b')' | b',' | b':' | b'/' | b'$' | b'@' => {
                escaped.push(byte.into());
            }
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}

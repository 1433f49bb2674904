//! What operators withdrew and released: several quarantines of a node at a time, of all that it says or of one quantity.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::Quantity;

use crate::calendar::Millis;
use crate::city::NodeIx;
use crate::quality::{Cause, Withdrawal};

/// Every quarantine that stands, and until when whose sensors are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// At most one for the whole node and one a quantity.
    held: BTreeMap<NodeIx, Vec<Held>>,
    trusted: BTreeMap<NodeIx, Vec<(Option<Quantity>, Millis)>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    quantity: Option<Quantity>,
    from: Millis,
    by: String,
    /// Quantities that were released from a quarantine of the whole node.
    but: BTreeSet<Quantity>,
}

impl Custody {
    /// One more quarantine; of the same node and quantity it replaces the one before.
    pub fn withdraw(&mut self, node: NodeIx, quantity: Option<Quantity>, from: Millis, by: &str) {
        let held = self.held.entry(node).or_default();
        held.retain(|held| held.quantity != quantity);
        held.push(Held {
            quantity,
            from,
            by: by.to_owned(),
            but: BTreeSet::new(),
        });
    }

    /// Ends the quarantines of the node: all, or what they withdraw of one quantity.
    pub fn release(&mut self, node: NodeIx, quantity: Option<Quantity>, now: Millis) {
        let held = self.held.entry(node).or_default();
        match quantity {
            None => held.clear(),
            Some(quantity) => {
                held.retain(|held| held.quantity != Some(quantity));
                for whole in held.iter_mut().filter(|held| held.quantity.is_none()) {
                    whole.but.insert(quantity);
                }
            }
        }
        if held.is_empty() {
            self.held.remove(&node);
        }
        let trusted = self.trusted.entry(node).or_default();
        trusted.retain(|(released, _)| *released != quantity);
        trusted.push((quantity, now));
    }

    /// When a person last said that this sensor is right.
    pub fn trusted_until(&self, node: NodeIx, quantity: Quantity) -> Option<Millis> {
        let trusted = self.trusted.get(&node)?.iter();
        let own = trusted.filter(|(what, _)| what.is_none_or(|released| released == quantity));
        own.map(|(_, at)| *at).max()
    }

    /// What stands of the node. A quarantine of the whole node from which a quantity was released is one of every other
    /// that it `says`; who declares nothing may say anything.
    pub fn withdrawn(&self, node: NodeIx, says: &[Quantity]) -> impl Iterator<Item = Withdrawal> {
        let says: Vec<Quantity> = match says.is_empty() {
            true => Quantity::all().collect(),
            false => says.to_vec(),
        };
        let held = self.held.get(&node).into_iter().flatten();
        held.flat_map(move |held| {
            let others = says
                .iter()
                .copied()
                .filter(|other| !held.but.contains(other));
            let quantities: Vec<Option<Quantity>> = match held.but.is_empty() {
                true => vec![held.quantity],
                false => others.map(Some).collect(),
            };
            quantities.into_iter().map(move |quantity| Withdrawal {
                node,
                quantity,
                from: held.from,
                until: None,
                cause: Cause::Operator(held.by.clone()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeIx = NodeIx(7);

    fn stands(custody: &Custody, quantity: Quantity, at: Millis) -> bool {
        let mut withdrawn = custody.withdrawn(NODE, &[]);
        withdrawn.any(|withdrawal| withdrawal.stretch().covers(quantity, at, at + 1))
    }

    #[test]
    fn one_quantity_is_released_from_a_quarantine_of_all() {
        let mut custody = Custody::default();
        custody.withdraw(NODE, None, 100, "ada");
        custody.withdraw(NODE, Some(Quantity::Ch4), 50, "grace");
        assert!(stands(&custody, Quantity::Ch4, 60) && !stands(&custody, Quantity::Noise, 60));
        assert!(stands(&custody, Quantity::Noise, 100));
        custody.release(NODE, Some(Quantity::Ch4), 200);
        assert!(!stands(&custody, Quantity::Ch4, 300), "whoever set it");
        assert!(stands(&custody, Quantity::Noise, 300));
        assert_eq!(custody.trusted_until(NODE, Quantity::Ch4), Some(200));
        assert_eq!(custody.trusted_until(NODE, Quantity::Noise), None);
        custody.release(NODE, None, 400);
        assert!(!stands(&custody, Quantity::Noise, 500));
        assert_eq!(custody.trusted_until(NODE, Quantity::Ch4), Some(400));
    }
}

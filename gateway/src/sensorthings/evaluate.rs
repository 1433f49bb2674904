//! Filters and orders, worked out for one entity after the other.
//!
//! A relation to a set stands for each of its entities: a filter holds where it holds for any of them.

use std::cmp::Ordering;

use super::cell::Cell;
use super::data::{Data, Entity};
use super::expression::{Expression, FieldPath, Operator};
use super::wrong::Wrong;

impl Data<'_> {
    /// Whether a filter holds for an entity.
    pub(super) fn holds(&self, filter: &Expression, of: Entity) -> Result<bool, Wrong> {
        Ok(self.cells(filter, of)?.iter().any(Cell::is_true))
    }

    /// What an expression is for an entity; several where it goes over a set.
    pub(super) fn cells(&self, what: &Expression, of: Entity) -> Result<Vec<Cell<'_>>, Wrong> {
        self.purse.steps(1)?;
        match what {
            Expression::Literal(cell) => Ok(vec![cell.clone()]),
            Expression::Path(path) => self.at(path, of),
            Expression::Not(inner) => {
                let truth = self.holds(inner, of)?;
                Ok(vec![Cell::Bool(!truth)])
            }
            Expression::Minus(inner) => {
                let cells = self.cells(inner, of)?.into_iter();
                Ok(cells.map(minus).collect())
            }
            Expression::Two(Operator::And, a, b) => {
                let truth = self.holds(a, of)? && self.holds(b, of)?;
                Ok(vec![Cell::Bool(truth)])
            }
            Expression::Two(Operator::Or, a, b) => {
                let truth = self.holds(a, of)? || self.holds(b, of)?;
                Ok(vec![Cell::Bool(truth)])
            }
            Expression::Two(operator, a, b) => {
                let (left, right) = (self.cells(a, of)?, self.cells(b, of)?);
                self.purse.steps(left.len().saturating_mul(right.len()))?;
                let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
                Ok(pairs.map(|(a, b)| combined(*operator, a, b)).collect())
            }
            Expression::Call(function, given) => {
                let given = given.iter().map(|argument| self.cells(argument, of));
                let given: Vec<Vec<Cell<'_>>> = given.collect::<Result<_, _>>()?;
                let mut answers = Vec::new();
                for row in self.rows(&given)? {
                    self.purse.steps(1 + function.cost(&row))?;
                    answers.push(function.call(&row, self.now));
                }
                Ok(answers)
            }
        }
    }

    /// Every choice of one cell for each argument.
    fn rows<'c>(&self, given: &[Vec<Cell<'c>>]) -> Result<Vec<Vec<Cell<'c>>>, Wrong> {
        let mut rows = vec![Vec::new()];
        for cells in given {
            self.purse.steps(rows.len().saturating_mul(cells.len()))?;
            rows = rows
                .iter()
                .flat_map(|row| {
                    cells.iter().map(move |cell| {
                        let mut longer: Vec<Cell<'c>> = row.clone();
                        longer.push(cell.clone());
                        longer
                    })
                })
                .collect();
        }
        Ok(rows)
    }

    fn at(&self, path: &FieldPath, of: Entity) -> Result<Vec<Cell<'_>>, Wrong> {
        let mut entities = vec![of];
        for hop in &path.hops {
            let mut next = Vec::new();
            for entity in entities {
                for related in self.related(entity, hop.to) {
                    next.push(related?);
                }
            }
            entities = next;
        }
        let mut cells = Vec::new();
        for entity in entities {
            self.purse.steps(1 + path.below.len())?;
            let cell = self.cell(entity, path.field)?;
            cells.push(match path.below.is_empty() {
                true => cell,
                false => cell.below(&path.below),
            });
        }
        Ok(cells)
    }
}

fn combined(operator: Operator, a: &Cell<'_>, b: &Cell<'_>) -> Cell<'static> {
    let order = a.compare(b);
    let same = || order == Some(Ordering::Equal) || a == b;
    let is = |wanted: &[Ordering]| Cell::Bool(order.is_some_and(|order| wanted.contains(&order)));
    match operator {
        Operator::Equal => Cell::Bool(same()),
        Operator::Unequal => Cell::Bool(!same()),
        Operator::Greater => is(&[Ordering::Greater]),
        Operator::GreaterOrEqual => is(&[Ordering::Greater, Ordering::Equal]),
        Operator::Less => is(&[Ordering::Less]),
        Operator::LessOrEqual => is(&[Ordering::Less, Ordering::Equal]),
        // Taken care of before both sides were worked out.
        Operator::And | Operator::Or => Cell::Null,
        _ => computed(operator, a, b),
    }
}

fn computed(operator: Operator, a: &Cell<'_>, b: &Cell<'_>) -> Cell<'static> {
    let moved = |at: i64, by: i64| Cell::Instant(at.saturating_add(by));
    match (operator, a, b) {
        (_, Cell::Number(a), Cell::Number(b)) => {
            let number = match operator {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                Operator::Divide => a / b,
                _ => a % b,
            };
            // Nothing comes of a division by nothing.
            match number.is_finite() {
                true => Cell::Number(number),
                false => Cell::Null,
            }
        }
        (Operator::Add, Cell::Instant(at), Cell::Duration(by)) => moved(*at, *by),
        (Operator::Subtract, Cell::Instant(at), Cell::Duration(by)) => moved(*at, -by),
        (Operator::Subtract, Cell::Instant(a), Cell::Instant(b)) => {
            Cell::Duration(a.saturating_sub(*b))
        }
        _ => Cell::Null,
    }
}

fn minus(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Number(number) => Cell::Number(-number),
        Cell::Duration(length) => Cell::Duration(-length),
        _ => Cell::Null,
    }
}

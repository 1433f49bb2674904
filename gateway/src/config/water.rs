//! `[water]` in `city.toml`: limits of the classes of surface water.

use pipeline::science::hazard::water::Classes;
use toml::de::DeValue;
use wire::Milli;

use super::document::Section;
use super::value;

/// Limits for classes I to V, and the range of pH that all of them ask for; what is not said is as built in, which is
/// unconfirmed.
pub(crate) fn resolve(mut section: Section<'_>) -> Classes {
    let default = Classes::default();
    let classes = Classes {
        dissolved_oxygen: section
            .read("dissolved_oxygen", |value| ordered(value, Order::Falling))
            .unwrap_or(default.dissolved_oxygen),
        ammonia_nitrogen: section
            .read("ammonia_nitrogen", |value| ordered(value, Order::Rising))
            .unwrap_or(default.ammonia_nitrogen),
        ph: section
            .read("ph", |value| ordered(value, Order::Rising))
            .unwrap_or(default.ph),
    };
    section.finish();
    classes
}

enum Order {
    Rising,
    Falling,
}

/// `N` numbers in order.
fn ordered<const N: usize>(value: &DeValue<'_>, order: Order) -> Result<[Milli; N], String> {
    let expected = match order {
        Order::Rising => format!("{N} numbers, each greater than the one before, are expected"),
        Order::Falling => format!("{N} numbers, each less than the one before, are expected"),
    };
    let items = value.as_array().ok_or_else(|| expected.clone())?;
    let numbers: Result<Vec<Milli>, String> = items
        .iter()
        .map(|item| value::decimal(item.get_ref()))
        .collect();
    let numbers: [Milli; N] = numbers?.try_into().map_err(|_| expected.clone())?;
    let is_ordered = numbers.windows(2).all(|pair| match order {
        Order::Rising => pair[0] < pair[1],
        Order::Falling => pair[0] > pair[1],
    });
    is_ordered.then_some(numbers).ok_or(expected)
}

//! The six classes of an index, as each standard names and colours them.

use super::Standard;

/// A class of an index, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// 1 for the cleanest air, 6 for the worst.
    pub number: u8,
    /// As the standard prints it.
    pub name: &'static str,
    /// The same in English.
    pub english: &'static str,
    /// `#RRGGBB` of the standard.
    pub colour: &'static str,
}

/// Highest index of each class but the last; both standards share them.
const TOPS: [u32; 5] = [50, 100, 150, 200, 300];

impl Standard {
    /// Class of an index, 1 to 6.
    pub fn category_number(self, index: u32) -> u8 {
        TOPS.iter()
            .fold(1, |number, &top| number + u8::from(index > top))
    }

    /// Whether a pollutant is named beside this index: China names one only past 50.
    pub fn names_primary(self, index: u32) -> bool {
        match self {
            Standard::UsEpa2024 => true,
            Standard::CnHj6332026 => index > TOPS[0],
        }
    }

    /// The class with this number; numbers beyond the sixth answer the sixth.
    pub fn category(self, number: u8) -> &'static Category {
        let classes = match self {
            Standard::UsEpa2024 => &US_EPA,
            Standard::CnHj6332026 => &CN_HJ633,
        };
        &classes[usize::from(number.clamp(1, 6) - 1)]
    }
}

const fn class(
    number: u8,
    name: &'static str,
    english: &'static str,
    colour: &'static str,
) -> Category {
    Category {
        number,
        name,
        english,
        colour,
    }
}

/// EPA-454/B-24-002, Table 6 (secondary).
static US_EPA: [Category; 6] = {
    const SENSITIVE: &str = "Unhealthy for Sensitive Groups";
    [
        class(1, "Good", "Good", "#00E400"),
        class(2, "Moderate", "Moderate", "#FFFF00"),
        class(3, SENSITIVE, SENSITIVE, "#FF7E00"),
        class(4, "Unhealthy", "Unhealthy", "#FF0000"),
        class(5, "Very Unhealthy", "Very Unhealthy", "#8F3F97"),
        class(6, "Hazardous", "Hazardous", "#7E0023"),
    ]
};

/// HJ 633, levels and colours unchanged since 2012 (secondary); the English words are common translations.
static CN_HJ633: [Category; 6] = [
    class(1, "优", "Excellent", "#00E400"),
    class(2, "良", "Good", "#FFFF00"),
    class(3, "轻度污染", "Lightly polluted", "#FF7E00"),
    class(4, "中度污染", "Moderately polluted", "#FF0000"),
    class(5, "重度污染", "Heavily polluted", "#99004C"),
    class(6, "严重污染", "Severely polluted", "#7E0023"),
];

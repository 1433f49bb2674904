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
    /// The same in Chinese; of foreign standards a common translation.
    pub chinese: &'static str,
    /// `#RRGGBB` of the standard.
    pub colour: &'static str,
}

/// Highest index of each class but the last; the American and the Chinese standards share them.
const TOPS: [u32; 5] = [50, 100, 150, 200, 300];

impl Standard {
    /// Class of an index, 1 to 6. The European index is the number of its class.
    pub fn category_number(self, index: u32) -> u8 {
        match self {
            Standard::Eaqi2025 => index.clamp(1, 6) as u8,
            _ => TOPS
                .iter()
                .fold(1, |number, &top| number + u8::from(index > top)),
        }
    }

    /// From which index to which each class reaches, from the cleanest air on; the last has no end.
    pub fn bands(self) -> [(u32, Option<u32>); 6] {
        let tops = match self {
            // The index is the number of its class, and stands at its upper end.
            Standard::Eaqi2025 => [1, 2, 3, 4, 5],
            _ => TOPS,
        };
        std::array::from_fn(|class| {
            let low = class.checked_sub(1).map_or(0, |below| tops[below]);
            (low, tops.get(class).copied())
        })
    }

    /// Whether a pollutant is named beside this index: China names one only past 50.
    pub fn names_primary(self, index: u32) -> bool {
        match self {
            Standard::UsEpa2024 | Standard::UsEpa2012 | Standard::Eaqi2025 => true,
            Standard::CnHj6332026 | Standard::CnHj6332012 => index > TOPS[0],
        }
    }

    /// Whether all pollutants are named that reach the index, or only the first of them.
    ///
    /// China names all. Six European bands are shared by several pollutants as a rule, and one of them
    /// alone would say more than is known.
    pub fn names_all(self) -> bool {
        !matches!(self, Standard::UsEpa2024 | Standard::UsEpa2012)
    }

    /// The class with this number; numbers beyond the sixth answer the sixth.
    pub fn category(self, number: u8) -> &'static Category {
        let classes = match self {
            Standard::UsEpa2024 | Standard::UsEpa2012 => &US_EPA,
            Standard::CnHj6332026 | Standard::CnHj6332012 => &CN_HJ633,
            Standard::Eaqi2025 => &EAQI,
        };
        &classes[usize::from(number.clamp(1, 6) - 1)]
    }
}

const fn class(
    number: u8,
    [name, english, chinese]: [&'static str; 3],
    colour: &'static str,
) -> Category {
    Category {
        number,
        name,
        english,
        chinese,
        colour,
    }
}

/// EPA-454/B-24-002, Table 6 (secondary); unchanged since 2012.
static US_EPA: [Category; 6] = {
    const SENSITIVE: &str = "Unhealthy for Sensitive Groups";
    [
        class(1, ["Good", "Good", "良好"], "#00E400"),
        class(2, ["Moderate", "Moderate", "中等"], "#FFFF00"),
        class(3, [SENSITIVE, SENSITIVE, "对敏感人群不健康"], "#FF7E00"),
        class(4, ["Unhealthy", "Unhealthy", "不健康"], "#FF0000"),
        class(
            5,
            ["Very Unhealthy", "Very Unhealthy", "非常不健康"],
            "#8F3F97",
        ),
        class(6, ["Hazardous", "Hazardous", "有毒害"], "#7E0023"),
    ]
};

/// HJ 633, levels and colours unchanged since 2012 (secondary); the English words are common translations.
static CN_HJ633: [Category; 6] = [
    class(1, ["优", "Excellent", "优"], "#00E400"),
    class(2, ["良", "Good", "良"], "#FFFF00"),
    class(3, ["轻度污染", "Lightly polluted", "轻度污染"], "#FF7E00"),
    class(
        4,
        ["中度污染", "Moderately polluted", "中度污染"],
        "#FF0000",
    ),
    class(5, ["重度污染", "Heavily polluted", "重度污染"], "#99004C"),
    class(6, ["严重污染", "Severely polluted", "严重污染"], "#7E0023"),
];

/// European Environment Agency, 2025 (secondary); the colours are *unconfirmed*.
static EAQI: [Category; 6] = [
    class(1, ["Good", "Good", "良好"], "#50F0E6"),
    class(2, ["Fair", "Fair", "尚可"], "#50CCAA"),
    class(3, ["Moderate", "Moderate", "中等"], "#F0E641"),
    class(4, ["Poor", "Poor", "差"], "#FF5050"),
    class(5, ["Very poor", "Very poor", "很差"], "#960032"),
    class(6, ["Extremely poor", "Extremely poor", "极差"], "#7D2181"),
];

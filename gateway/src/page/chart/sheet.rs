//! Sizes of drawings, each in its own units: letters and lines shrink with a drawing, so a small one has fewer of them.

/// Room for the numbers on the left, above and below.
pub(super) const LEFT: f64 = 50.0;
pub(super) const RIGHT: f64 = 16.0;
pub(super) const TOP: f64 = 10.0;
pub(super) const FOOT: f64 = 26.0;
/// Height of one lane of alerts above the figures.
pub(super) const LANE: f64 = 14.0;

/// The paper that a chart is drawn on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    pub(crate) class: &'static str,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// At most so many labels on the axis of time.
    pub(crate) marks: i64,
    /// More panes than this are drawn as this many.
    pub(crate) columns: usize,
    /// Lines are named and alerts are links.
    pub(crate) is_large: bool,
}

/// Of the overview's panel; drawn for wide and for narrow windows, and the style shows one of them.
pub(crate) const PANEL: [Sheet; 2] = [
    Sheet {
        class: "wide",
        width: 720.0,
        height: 190.0,
        marks: 8,
        columns: 240,
        is_large: false,
    },
    Sheet {
        class: "narrow",
        width: 360.0,
        height: 190.0,
        marks: 4,
        columns: 120,
        is_large: false,
    },
];

/// One value large.
pub(crate) const LARGE: [Sheet; 2] = [
    Sheet {
        class: "wide",
        width: 920.0,
        height: 300.0,
        marks: 9,
        columns: 360,
        is_large: true,
    },
    Sheet {
        class: "narrow",
        width: 360.0,
        height: 250.0,
        marks: 4,
        columns: 150,
        is_large: true,
    },
];

/// One of many.
pub(crate) const SMALL: Sheet = Sheet {
    class: "small",
    width: 320.0,
    height: 118.0,
    marks: 4,
    columns: 90,
    is_large: false,
};

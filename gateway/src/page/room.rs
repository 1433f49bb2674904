//! Room on the map: names that would lie on others are left to their tooltips.

/// A rectangle in map units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Spot {
    /// So far to each side of a point.
    pub(super) fn around(x: f64, y: f64, across: f64, up: f64) -> Spot {
        Spot {
            left: x - across,
            right: x + across,
            top: y - up,
            bottom: y + up,
        }
    }

    fn touches(&self, other: &Spot) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// What of the drawing is taken.
#[derive(Debug)]
pub(super) struct Room {
    whole: Spot,
    taken: Vec<Spot>,
}

impl Room {
    pub(super) fn new(width: f64, height: f64) -> Room {
        Room {
            whole: Spot::around(width / 2.0, height / 2.0, width / 2.0, height / 2.0),
            taken: Vec::new(),
        }
    }

    pub(super) fn occupy(&mut self, spot: Spot) {
        self.taken.push(spot);
    }

    /// Takes the room of a text centred on a point, if it is free.
    pub(super) fn take_text(&mut self, x: f64, y: f64, text: &str, size: f64) -> bool {
        let spot = Spot::around(x, y, width(text, size) / 2.0 + 2.0, size * 0.6);
        let inside = spot.left >= self.whole.left
            && spot.right <= self.whole.right
            && spot.top >= self.whole.top
            && spot.bottom <= self.whole.bottom;
        let is_free = inside && !self.taken.iter().any(|taken| taken.touches(&spot));
        if is_free {
            self.taken.push(spot);
        }
        is_free
    }
}

/// About how wide a text is: Chinese characters are square, Latin ones half as wide.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let ems = text
        .chars()
        .map(|c| if c < '\u{2e80}' { 0.55 } else { 1.0 });
    ems.sum::<f64>() * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_neither_overlap_nor_leave_the_drawing() {
        let mut room = Room::new(200.0, 100.0);
        assert!(room.take_text(100.0, 50.0, "Ring Road", 14.0));
        assert!(!room.take_text(120.0, 55.0, "Hospital Road", 14.0));
        assert!(room.take_text(100.0, 75.0, "Hospital Road", 14.0));
        assert!(!room.take_text(195.0, 20.0, "Mill Road", 14.0));
        assert!(!room.take_text(100.0, 1.0, "Mill Road", 14.0));
    }
}

//! How wide and how high a plume has grown at a distance downwind: standard deviations in metres.

use super::Terrain;
use super::stability::Stability;

/// Crosswind and vertical standard deviation, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sigma {
    pub y: f64,
    pub z: f64,
}

/// `a·x·(1 + b·x)^p`, x in metres.
struct Grown(f64, f64, f64);

impl Grown {
    fn at(&self, x_m: f64) -> f64 {
        let Grown(a, b, p) = *self;
        a * x_m * (1.0 + b * x_m).powf(p)
    }
}

/// Briggs (1973), rural, by class: crosswind and vertical (secondary: three transcriptions agree).
#[rustfmt::skip]
const RURAL: [(Grown, Grown); 6] = [
    (Grown(0.22, 0.0001, -0.5), Grown(0.20, 0.0, 0.0)),
    (Grown(0.16, 0.0001, -0.5), Grown(0.12, 0.0, 0.0)),
    (Grown(0.11, 0.0001, -0.5), Grown(0.08, 0.0002, -0.5)),
    (Grown(0.08, 0.0001, -0.5), Grown(0.06, 0.0015, -0.5)),
    (Grown(0.06, 0.0001, -0.5), Grown(0.03, 0.0003, -1.0)),
    (Grown(0.04, 0.0001, -0.5), Grown(0.016, 0.0003, -1.0)),
];

/// Briggs, urban (secondary; for E and F one source of four has 0.00015 for the vertical's 0.0015).
#[rustfmt::skip]
const URBAN: [(Grown, Grown); 6] = [
    (Grown(0.32, 0.0004, -0.5), Grown(0.24, 0.001, 0.5)),
    (Grown(0.32, 0.0004, -0.5), Grown(0.24, 0.001, 0.5)),
    (Grown(0.22, 0.0004, -0.5), Grown(0.20, 0.0, 0.0)),
    (Grown(0.16, 0.0004, -0.5), Grown(0.14, 0.0003, -0.5)),
    (Grown(0.11, 0.0004, -0.5), Grown(0.08, 0.0015, -0.5)),
    (Grown(0.11, 0.0004, -0.5), Grown(0.08, 0.0015, -0.5)),
];

/// Briggs' formulas, `x_m` metres downwind of the source; nothing has grown at or before it.
pub fn briggs(terrain: Terrain, class: Stability, x_m: f64) -> Sigma {
    let table = match terrain {
        Terrain::Rural => &RURAL,
        Terrain::Urban => &URBAN,
    };
    let (y, z) = &table[class.place()];
    let x_m = x_m.max(0.0);
    Sigma {
        y: y.at(x_m),
        z: z.at(x_m),
    }
}

/// ISC3's Pasquill-Gifford curves for rural ground (EPA-454/B-95-003b; secondary), by class: `c` and `d` of the width.
const ISC3_WIDTH: [(f64, f64); 6] = [
    (24.167, 2.5334),
    (18.333, 1.8096),
    (12.5, 1.0857),
    (8.333, 0.72382),
    (6.25, 0.54287),
    (4.1667, 0.36191),
];

/// `a` and `b` of the height `a·x^b` up to a distance in kilometres.
type Piece = (f64, f64, f64);

const FAR: f64 = f64::INFINITY;

#[rustfmt::skip]
const ISC3_HEIGHT: [&[Piece]; 6] = [
    &[(0.10, 122.8, 0.9447), (0.15, 158.08, 1.0542), (0.20, 170.22, 1.0932), (0.25, 179.52, 1.1262),
      (0.30, 217.41, 1.2644), (0.40, 258.89, 1.4094), (0.50, 346.75, 1.7283), (FAR, 453.85, 2.1166)],
    &[(0.20, 90.673, 0.93198), (0.40, 98.483, 0.98332), (FAR, 109.3, 1.0971)],
    &[(FAR, 61.141, 0.91465)],
    &[(0.30, 34.459, 0.86974), (1.0, 32.093, 0.81066), (3.0, 32.093, 0.64403), (10.0, 33.504, 0.60486),
      (30.0, 36.65, 0.56589), (FAR, 44.053, 0.51179)],
    &[(0.10, 24.26, 0.8366), (0.30, 23.331, 0.81956), (1.0, 21.628, 0.7566), (2.0, 21.628, 0.63077),
      (4.0, 22.534, 0.57154), (10.0, 24.703, 0.50527), (20.0, 26.97, 0.46713), (40.0, 35.42, 0.37615),
      (FAR, 47.618, 0.29592)],
    &[(0.20, 15.209, 0.81558), (0.70, 14.457, 0.78407), (1.0, 13.953, 0.68465), (2.0, 13.953, 0.63227),
      (3.0, 14.823, 0.54503), (7.0, 16.187, 0.4649), (15.0, 17.836, 0.41507), (30.0, 22.651, 0.32681),
      (60.0, 27.074, 0.27436), (FAR, 34.219, 0.21716)],
];

/// The mixing layer ends somewhere: ISC3 lets classes A to C grow no higher.
const ISC3_HEIGHT_MAX_M: f64 = 5_000.0;

/// ISC3's curves, which are for rural ground only, `x_m` metres downwind.
pub fn isc3(class: Stability, x_m: f64) -> Sigma {
    if x_m <= 0.0 {
        return Sigma { y: 0.0, z: 0.0 };
    }
    let x_km = x_m / 1_000.0;
    let (c, d) = ISC3_WIDTH[class.place()];
    let y = 465.11628 * x_km * (0.017453293 * (c - d * x_km.ln())).tan();
    let pieces = ISC3_HEIGHT[class.place()];
    // The first bound of class A is open: at 100 m the second piece holds already.
    let within = |to: f64| match (class, to) {
        (Stability::A, 0.10) => x_km < to,
        _ => x_km <= to,
    };
    let piece = pieces.iter().find(|(to, ..)| within(*to));
    let (_, a, b) = piece.copied().unwrap_or((FAR, 0.0, 1.0));
    let grown = a * x_km.powf(b);
    let z = match class {
        Stability::A | Stability::B | Stability::C => grown.min(ISC3_HEIGHT_MAX_M),
        _ => grown,
    };
    Sigma { y, z }
}

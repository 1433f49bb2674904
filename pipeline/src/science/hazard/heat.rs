//! What heat does to people: heat index and wet-bulb globe temperature.
//!
//! Formulas that are floats by nature; their answers are rounded to thousandths.

use wire::Milli;

/// What air feels like in the shade, °C from °C and percent of relative humidity, by the equations of the US National
/// Weather Service (secondary: as coded in thermofeel). Humidity beyond 0 to 100 % counts as its end.
pub fn heat_index(temperature: Milli, humidity: Milli) -> Option<Milli> {
    let index = heat_index_fahrenheit(temperature.to_f64() * 1.8 + 32.0, percent(humidity));
    Milli::from_f64((index - 32.0) / 1.8)
}

/// The same in °F.
pub fn heat_index_fahrenheit(t: f64, r: f64) -> f64 {
    let simple = 0.5 * (t + 61.0 + 1.2 * (t - 68.0) + 0.094 * r);
    if (simple + t) / 2.0 < 80.0 {
        return simple;
    }
    let regression = -42.379 + 2.049_015_23 * t + 10.143_331_27 * r
        - 0.224_755_41 * t * r
        - 0.006_837_83 * t * t
        - 0.054_817_17 * r * r
        + 0.001_228_74 * t * t * r
        + 0.000_852_82 * t * r * r
        - 0.000_001_99 * t * t * r * r;
    let dry = r < 13.0 && (80.0..=112.0).contains(&t);
    let humid = r > 85.0 && (80.0..=87.0).contains(&t);
    match (dry, humid) {
        (true, _) => regression - (13.0 - r) / 4.0 * ((17.0 - (t - 95.0).abs()) / 17.0).sqrt(),
        (_, true) => regression + (r - 85.0) / 10.0 * ((87.0 - t) / 5.0),
        _ => regression,
    }
}

/// Wet-bulb globe temperature in °C, simplified for moderate sun and light wind (ACSM 1984; secondary: thermofeel
/// agrees): 0.567 T + 0.393 e + 3.94, e being the vapour pressure in hPa.
pub fn wbgt(temperature: Milli, humidity: Milli) -> Option<Milli> {
    Milli::from_f64(wbgt_celsius(temperature.to_f64(), percent(humidity)))
}

/// The same in floats.
pub fn wbgt_celsius(t: f64, r: f64) -> f64 {
    let vapour = r / 100.0 * 6.105 * (17.27 * t / (237.7 + t)).exp();
    0.567 * t + 0.393 * vapour + 3.94
}

fn percent(humidity: Milli) -> f64 {
    humidity.to_f64().clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_weather_has_a_figure() {
        for t in [-60, 0, 40, 70] {
            for r in [-5, 0, 50, 100, 120] {
                let (t, r) = (Milli::whole(t), Milli::whole(r));
                assert!(heat_index(t, r).is_some() && wbgt(t, r).is_some());
            }
        }
        let cold = heat_index(Milli::whole(-20), Milli::whole(50));
        assert!(cold < Some(Milli::whole(-15)), "{cold:?}");
    }
}

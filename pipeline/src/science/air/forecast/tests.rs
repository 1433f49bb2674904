//! What the forecast does with data that is missing, wrong or plain; how good it is, is told by recorded data.

use std::collections::BTreeMap;

use super::*;

/// Hourly means newest first, as `pm2_5=10,12,- o3=80*24`; an hour not written is missing.
fn means(text: &str) -> BTreeMap<(&'static str, usize), Milli> {
    let mut means = BTreeMap::new();
    for series in text.split_whitespace() {
        let (name, values) = series.split_once('=').unwrap();
        let quantity: Quantity = name.parse().unwrap();
        let mut back = 0;
        for value in values.split(',') {
            let (value, times) = value.split_once('*').unwrap_or((value, "1"));
            for _ in 0..times.parse().unwrap() {
                if let Ok(mean) = value.parse() {
                    means.insert((quantity.name(), back), mean);
                }
                back += 1;
            }
        }
    }
    means
}

fn expected(text: &str, quantity: Quantity, ahead: usize) -> Option<Expected> {
    let means = means(text);
    let hours = |quantity: Quantity, back: usize| means.get(&(quantity.name(), back)).copied();
    Outlook::after(&hours)?.expected(quantity, ahead)
}

fn forecast(text: &str, standard: Standard, ahead: Ahead) -> Option<Forecast> {
    let means = means(text);
    let hours = |quantity: Quantity, back: usize| means.get(&(quantity.name(), back)).copied();
    Outlook::after(&hours)?.index(standard, ahead, &hours)
}

#[test]
fn a_day_that_stood_still_goes_on_nearly_as_it_is() {
    for quantity in POLLUTANTS {
        let text = format!("{}=100*24", quantity.name());
        let near = expected(&text, quantity, 1).unwrap();
        assert!(
            (97_000..=103_000).contains(&near.mean.0),
            "{quantity:?} {near:?}"
        );
        // Nobody knows whether a calm day lasts: the farther, the wider and the nearer to a mean.
        let far = expected(&text, quantity, 24).unwrap();
        assert!(
            (65_000..=105_000).contains(&far.mean.0),
            "{quantity:?} {far:?}"
        );
        let width = |expected: Expected| expected.high.0 - expected.low.0;
        assert!(width(near) < width(far));
        assert!(near.low <= near.mean && near.mean <= near.high);
    }
}

#[test]
fn the_unit_does_not_matter() {
    let (small, large) = ("co=1,1.1,1.3,1.2,1*20", "co=100,110,130,120,100*20");
    for ahead in 1..=24 {
        let [small, large] =
            [small, large].map(|text| expected(text, Quantity::Co, ahead).unwrap());
        assert!((small.mean.0 * 100 - large.mean.0).abs() <= 100, "{ahead}");
        assert!((small.high.0 * 100 - large.high.0).abs() <= 100, "{ahead}");
    }
}

#[test]
fn half_a_day_is_needed_and_the_hour_itself() {
    assert!(expected("pm2_5=10*12", Quantity::Pm2_5, 1).is_some());
    assert!(expected("pm2_5=10*11", Quantity::Pm2_5, 1).is_none());
    assert!(expected("pm2_5=-,10*23", Quantity::Pm2_5, 1).is_none());
    assert!(expected("pm2_5=-*24", Quantity::Pm2_5, 1).is_none());
    // One pollutant's silence is not the others'.
    assert!(expected("pm2_5=-*24 o3=80*24", Quantity::O3, 3).is_some());
    let pm10 = expected("pm2_5=10*24", Quantity::Pm10, 1);
    assert!(pm10.is_none() && expected("no2=10*24", Quantity::No, 1).is_none());
}

#[test]
fn a_gap_counts_as_the_hour_after_it() {
    let gaps = expected("pm2_5=40,-,-,50,-,60*10,-*9", Quantity::Pm2_5, 3);
    let filled = expected("pm2_5=40,40,40,50,50,60*19", Quantity::Pm2_5, 3);
    assert_eq!(gaps, filled);
    assert!(gaps.is_some());
}

#[test]
fn negative_and_absurd_means_have_bounded_forecasts() {
    assert_eq!(
        expected("pm2_5=-5*24", Quantity::Pm2_5, 6),
        expected("pm2_5=0*24", Quantity::Pm2_5, 6)
    );
    let zero = expected("o3=0*24", Quantity::O3, 6).unwrap();
    assert_eq!(
        (zero.mean, zero.low, zero.high),
        (Milli(0), Milli(0), Milli(0))
    );
    let most = Milli(i64::MAX);
    let hours = |_: Quantity, back: usize| {
        Some(if back.is_multiple_of(2) {
            most
        } else {
            Milli(i64::MIN)
        })
    };
    let outlook = Outlook::after(&hours).unwrap();
    for standard in Standard::ALL {
        for ahead in Ahead::ALL {
            let forecast = outlook.index(standard, ahead, &hours);
            assert!(forecast.is_none_or(|forecast| forecast.low <= forecast.high));
        }
    }
}

#[test]
fn a_broken_sensor_of_the_weather_cannot_run_away_with_the_air() {
    let calm = expected("pm2_5=50*24", Quantity::Pm2_5, 6).unwrap();
    for broken in [
        "wind_speed=9999,2*23",
        "pressure=-9999,1013*23",
        "temperature=850,20*23",
    ] {
        let text = format!("pm2_5=50*24 {broken}");
        let moved = expected(&text, Quantity::Pm2_5, 6).unwrap();
        assert!((0..=100_000).contains(&moved.mean.0), "{broken}: {moved:?}");
    }
    // Wind that freshens cleans, and weather of a single hour is not known to be unusual.
    let windy = expected("pm2_5=50*24 wind_speed=8,2*23", Quantity::Pm2_5, 6).unwrap();
    assert!(windy.mean < calm.mean);
    assert_eq!(
        expected("pm2_5=50*24 wind_speed=8", Quantity::Pm2_5, 6).unwrap(),
        calm
    );
}

#[test]
fn an_index_averages_measured_and_forecast_hours_as_its_standard_does() {
    // Particles that fell to nothing two hours ago: NowCast falls on, the hour itself is already there.
    let text = "pm2_5=5,5,150*22 pm10=20*24 o3=40*24 no2=10*24 so2=5*24 co=0.4*24";
    let us = forecast(text, Standard::UsEpa2024, Ahead::OneHour).unwrap();
    let means = means(text);
    let hours = |quantity: Quantity, back: usize| means.get(&(quantity.name(), back)).copied();
    let now = hourly_index(Standard::UsEpa2024, &hours).unwrap();
    assert!(us.index.index + 15 < now.index, "{us:?} after {now:?}");
    assert!(us.low <= us.index.index && us.index.index <= us.high);
    let cn = forecast(text, Standard::CnHj6332026, Ahead::OneHour).unwrap();
    assert!(cn.index.index < 60, "{cn:?}");
}

#[test]
fn what_a_standard_would_not_publish_is_not_forecast() {
    // Five of six pollutants are missing: only an index over 100 is published, and nothing is known below it.
    assert_eq!(
        forecast("pm2_5=20*24", Standard::CnHj6332026, Ahead::SixHours),
        None
    );
    let bad = forecast("pm2_5=150*24", Standard::CnHj6332026, Ahead::SixHours).unwrap();
    assert!(bad.index.index > 100 && bad.low <= bad.index.index);
}

#[test]
fn hours_between_two_steps_lie_between_them() {
    let text = "o3=60,50,40,30*21";
    let at = |ahead| expected(text, Quantity::O3, ahead).unwrap().mean;
    let (six, day) = (at(6), at(24));
    assert!((six.min(day)..=six.max(day)).contains(&at(15)));
    assert_eq!(expected(text, Quantity::O3, 0), None);
    assert_eq!(expected(text, Quantity::O3, 25), None);
}

#[test]
fn names_lead_back() {
    for ahead in Ahead::ALL {
        assert_eq!(Ahead::from_name(ahead.name()), Some(ahead));
    }
    assert_eq!(Ahead::from_name("2h"), None);
}

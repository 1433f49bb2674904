//! How each derived value is made of a zone's figures: what is looked up, which formula is asked, what is left
//! unsaid for want of data. The formulas are in [`crate::science`].

use wire::Milli;

use crate::derived::Derived;
use crate::operators::derive::View;

mod crowd;
mod hazard;
mod traffic;
mod water;
mod weather;

/// A value with its bounds, in thousandths of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    pub value: Milli,
    pub low: Milli,
    pub high: Milli,
}

impl Figure {
    /// A value whose bounds are not known apart.
    pub fn exact(value: Milli) -> Figure {
        Figure {
            value,
            low: value,
            high: value,
        }
    }
}

/// Whether the value is only known to be so great or greater, beside what its pane says itself.
pub fn is_at_least(derived: Derived, view: &View) -> bool {
    hazard::is_at_least(derived, view)
}

/// The value at the end of the pane that is looked at; `None` where too little is known.
pub fn figure(derived: Derived, view: &View) -> Option<Figure> {
    use Derived::*;
    match derived {
        HeatIndex => weather::heat_index(view),
        Wbgt => weather::wbgt(view),
        NoiseExcess => weather::noise_excess(view),
        RainExcess => weather::rain_excess(view),
        AeglH2s | AeglNh3 | AeglCl2 | AeglCo | AeglSo2 | AeglNo2 => hazard::aegl(derived, view),
        CoAlarm => hazard::co_alarm(view),
        Fire => hazard::fire(view),
        HeatRise => hazard::heat_rise(view),
        WaterRise => hazard::water_rise(view),
        TiltRate => hazard::tilt_rate(view),
        PeakAcceleration => hazard::peak_acceleration(view),
        WaterClass => water::class(view),
        CrowdLevel => crowd::level(view),
        CrowdPressure => crowd::pressure(view),
        WalkingSpeedExpected => crowd::walking_speed_expected(view),
        WalkingSpeedRatio => crowd::walking_speed_ratio(view),
        GateFlow => crowd::gate_flow(view),
        TimeToDanger => crowd::time_to_danger(view),
        TrafficFlow => traffic::flow(view),
        TrafficDensity => traffic::density(view),
        TrafficSpeed => traffic::speed(view),
        TrafficLevel => traffic::level(view),
        // It looks at two zones, and remembers: `operators::traffic`.
        TrafficIncident => None,
    }
}

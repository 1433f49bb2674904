//! A sensor as the node has it: with its schedule, and its alarm by what the node goes by.

use wire::rule::Threshold;
use wire::settings::Alarm;
use wire::{Quantity, Settings};

use crate::local_alarm::LocalAlarm;
use crate::sampling::Sensor;
use crate::schedule::Schedule;

#[derive(Debug)]
pub(crate) struct Fitted {
    pub(crate) sensor: Sensor,
    pub(crate) schedule: Schedule,
    pub(crate) alarm: LocalAlarm,
}

pub(crate) fn alarm_of(settings: &Settings, quantity: Quantity) -> Option<&Threshold> {
    let mut alarms = settings.alarms.iter();
    alarms
        .find(|alarm| alarm.quantity == quantity)
        .map(|alarm| &alarm.threshold)
}

/// Whether a node with these sensors can go by `settings`.
pub(crate) fn can_follow(settings: &Settings, sensors: &[Fitted]) -> bool {
    let fits = |alarm: &Alarm| {
        let mut sensors = sensors.iter();
        sensors.any(|fitted| fitted.sensor.quantity == alarm.quantity)
    };
    settings.check().is_ok() && settings.alarms.iter().all(fits)
}

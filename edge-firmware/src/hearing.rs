//! What the node makes of the gateway's answers: what is settled, what time it is, what to go by.

use wire::Lane;
use wire::Settings;
use wire::ack::open_ack;

use crate::fitted::{alarm_of, can_follow};
use crate::local_alarm::LocalAlarm;
use crate::node::Node;
use crate::schedule::report_after_ms;
use crate::store::Store;

impl<const FRAMES: usize, const BYTES: usize, S: Store> Node<FRAMES, BYTES, S> {
    pub(crate) fn received(&mut self, bytes: &[u8]) {
        let config = &self.config;
        let Ok(ack) = open_ack(bytes, &config.down, &config.city, &config.node) else {
            self.health.acks_refused += 1;
            return;
        };
        let (mut is_ours, mut is_news) = (false, false);
        for settled in &ack.settled {
            is_ours |= settled.boot == config.boot;
            is_news |= match settled.lane {
                Lane::Normal => self.normal.settle(&mut self.store, settled, config.boot),
                Lane::Alarm => self.alarm.settle(&mut self.store, settled, config.boot),
            };
        }
        // Frames of earlier lives are still settled by answers that name those; nobody can repeat news.
        if is_news {
            self.session.answered();
        }
        // One kept back from an earlier boot names that boot, and one replayed has an old number: what they
        // settle is still true, their time and settings are not.
        let number = (ack.epoch, ack.counter);
        if is_ours && self.last_ack < Some(number) {
            self.last_ack = Some(number);
            self.clock.learn(self.now_ms, ack.gateway_ms);
            self.session.answered();
            if let Some(settings) = ack.settings
                && self.config.follows
            {
                self.follow(settings);
            }
        }
    }

    /// All of it or nothing.
    fn follow(&mut self, settings: Settings) {
        if settings == self.settings {
            return;
        }
        if !can_follow(&settings, &self.sensors) {
            self.settings_refused = settings.id();
            self.health.settings_refused += 1;
            return;
        }
        // Gone by even if they cannot be kept: the gateway says them again to the next life.
        let record = self.provision.seal(&settings);
        if self.store.keep_settings(&record).is_err() {
            self.health.store_failures += 1;
        }
        self.go_by(settings);
        self.settings_refused = 0;
    }

    /// From now on; they can be gone by.
    pub(crate) fn go_by(&mut self, settings: Settings) {
        let now_ms = self.now_ms;
        for fitted in &mut self.sensors {
            if settings.sample_period_ms != self.settings.sample_period_ms {
                fitted.schedule.change(settings.sample_period_ms, now_ms);
            }
            if alarm_of(&settings, fitted.sensor.quantity).is_none() {
                fitted.alarm = LocalAlarm::default();
            }
        }
        // A frame leaves soon after a round of readings, as before.
        let sensors = self.sensors.iter();
        let sampled = sensors.map(|fitted| fitted.schedule.regular_ms());
        let report_ms = sampled
            .max()
            .unwrap_or(now_ms)
            .saturating_add(u64::from(report_after_ms(settings.sample_period_ms)));
        self.reports
            .change_from(settings.report_period_ms, report_ms);
        self.settings = settings;
    }
}

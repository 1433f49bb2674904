//! What the running gateway says of itself: page, readiness, version, clock, link, journal, refusals.

use pipeline::calendar::Millis;

use super::finding::Finding;
use super::http::{Answer, Asking};

/// The gateway's own answers, or why there were none.
pub struct Said {
    pub url: String,
    /// By this machine's clock, when `/healthz` had answered.
    pub asked_at: Millis,
    pub healthz: Result<Answer, String>,
    pub readyz: Result<Answer, String>,
    pub metrics: Result<Answer, String>,
}

impl Said {
    pub async fn by(asking: &Asking, now: impl Fn() -> Millis) -> Said {
        let healthz = asking.get("/healthz").await;
        Said {
            url: asking.server.url.clone(),
            asked_at: now(),
            healthz,
            readyz: asking.get("/readyz").await,
            metrics: asking.get("/metrics").await,
        }
    }

    /// The metrics, if they were told.
    pub fn metrics(&self) -> Option<Exposition<'_>> {
        match &self.metrics {
            Ok(answer) if answer.status == 200 => Some(Exposition(&answer.body)),
            _ => None,
        }
    }
}

/// Prometheus' text format, as far as it is asked here.
#[derive(Clone, Copy)]
pub struct Exposition<'a>(&'a str);

impl<'a> Exposition<'a> {
    /// Labels (as they are written) and value of each series of a metric.
    pub fn series(self, name: &str) -> impl Iterator<Item = (&'a str, f64)> {
        let own = move |line: &'a str| {
            let rest = line.strip_prefix(name)?;
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.rsplit_once('}')?,
                None => ("", rest.strip_prefix(' ')?),
            };
            Some((labels, value.trim().parse().ok()?))
        };
        let name_len = name.len();
        let lines = self.0.lines();
        lines.filter_map(move |line| {
            let follows = line.as_bytes().get(name_len);
            follows.filter(|byte| b"{ ".contains(byte))?;
            own(line)
        })
    }

    /// The value of a metric without labels.
    pub fn value(self, name: &str) -> Option<f64> {
        self.series(name).next().map(|(_, value)| value)
    }
}

/// A second of rounding and the way there and back.
const CLOCK_OFF_MAX: Millis = 3_000;
const LAG_MAX_S: f64 = 30.0;

pub fn judge(said: &Said) -> Vec<Finding> {
    let url = &said.url;
    let health = match &said.healthz {
        Ok(answer) if answer.status == 200 => answer,
        Ok(answer) => {
            return vec![Finding::wrong(
                "page",
                format!("{url}/healthz answers {}", answer.status),
                "is this the gateway's address, and not another server's or a proxy's? say it with --url",
            )];
        }
        Err(cause) => {
            return vec![Finding::wrong(
                "page",
                format!("{url} does not answer: {cause}"),
                "is the gateway running (`systemctl status citysense`, `journalctl -u citysense`)? is its address \
                 another than [http] bind says? say it with --url",
            )];
        }
    };
    let mut findings = vec![Finding::ok("page", format!("{url} answers"))];
    findings.push(ready(&said.readyz));
    findings.extend(clock(health, said.asked_at));
    match said.metrics() {
        Some(metrics) => findings.extend(of_metrics(metrics)),
        None => findings.push(untold(&said.metrics)),
    }
    findings
}

fn ready(readyz: &Result<Answer, String>) -> Finding {
    match readyz {
        Ok(answer) if answer.status == 200 => {
            Finding::ok("ready", "takes readings and is up to date")
        }
        Ok(answer) => {
            let why = answer.body.trim();
            let advice = match why {
                why if why.contains("journal") => {
                    "see journal and disk below; nothing is acknowledged until the gateway is started again"
                }
                why if why.contains("link") => "see broker below",
                _ => {
                    "see lag and memory below; a gateway that has just started catches up by itself"
                }
            };
            Finding::wrong("ready", why, advice)
        }
        Err(cause) => Finding::wrong("ready", format!("/readyz: {cause}"), "ask again"),
    }
}

/// Readings are judged by the gateway's clock.
fn clock(health: &Answer, asked_at: Millis) -> Option<Finding> {
    let off = health.date?.saturating_sub(asked_at);
    Some(match off.abs() <= CLOCK_OFF_MAX {
        true => Finding::ok("clock", "the gateway's and this machine's agree"),
        false => Finding::wrong(
            "clock",
            format!(
                "the gateway's is {} s {} this machine's",
                off.abs() / 1000,
                if off > 0 { "ahead of" } else { "behind" }
            ),
            "keep both to network time (`timedatectl set-ntp true`); readings are put in order by the gateway's",
        ),
    })
}

fn untold(metrics: &Result<Answer, String>) -> Finding {
    match metrics {
        Ok(answer) if matches!(answer.status, 401 | 403) => Finding::warning(
            "metrics",
            "the gateway tells them only to those it knows: link, journal and refusals were not looked at",
            "name a token with --token-file",
        ),
        Ok(answer) => Finding::wrong(
            "metrics",
            format!("/metrics answers {}", answer.status),
            "its body says why: look at it with curl",
        ),
        Err(cause) => Finding::wrong("metrics", format!("/metrics: {cause}"), "ask again"),
    }
}

fn of_metrics(metrics: Exposition<'_>) -> Vec<Finding> {
    let mut findings = vec![version(metrics), link(metrics), journal(metrics)];
    if let Some(lag) = metrics.value("citysense_frontier_lag_seconds") {
        findings.push(match lag <= LAG_MAX_S {
            true => Finding::ok("lag", format!("the figures are {lag:.1} s behind")),
            false => Finding::wrong(
                "lag",
                format!("the figures are {lag:.0} s behind"),
                "the machine is too slow or too busy for this city: see memory below, or raise [workers] threads",
            ),
        });
    }
    let dropped: f64 = metrics
        .series("citysense_drops_total")
        .map(|(_, n)| n)
        .sum();
    if dropped > 0.0 {
        findings.push(Finding::warning(
            "queues",
            format!("{dropped} messages were dropped because a queue was full"),
            "citysense_drops_total says which queue; nothing that was acknowledged is lost",
        ));
    }
    findings.push(refusals(metrics));
    findings
}

fn version(metrics: Exposition<'_>) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    let labels = metrics.series("citysense_build_info").next();
    let its = labels.and_then(|(labels, _)| labels.strip_prefix("version=\"")?.strip_suffix('"'));
    match its {
        Some(its) if its == own => Finding::ok("version", format!("{own}, as this command")),
        Some(its) => Finding::warning(
            "version",
            format!("the gateway is {its}, this command {own}"),
            "was it started again after the update? `systemctl restart citysense`",
        ),
        None => Finding::warning(
            "version",
            "the gateway does not say its version",
            "it is older than this command, or not citysense",
        ),
    }
}

fn link(metrics: Exposition<'_>) -> Finding {
    let down: Vec<&str> = metrics
        .series("citysense_link_up")
        .filter(|(_, up)| *up < 1.0)
        .map(|(labels, _)| labels)
        .collect();
    let failures = metrics
        .value("citysense_link_failures_total")
        .unwrap_or(0.0);
    match down.is_empty() {
        true if failures == 0.0 => Finding::ok("link", "up since the start"),
        true => Finding::ok("link", format!("up; it broke or failed {failures} times")),
        false => Finding::wrong(
            "link",
            format!("down ({}) after {failures} failures", down.join(", ")),
            "see broker below; the nodes keep their readings until it is up",
        ),
    }
}

fn journal(metrics: Exposition<'_>) -> Finding {
    match metrics.value("citysense_journal_failed") {
        Some(failed) if failed > 0.0 => Finding::wrong(
            "journal",
            "a write failed: nothing is acknowledged any more, the nodes keep their readings",
            "make room or mend the disk, then start the gateway again; its log has the cause",
        ),
        _ => Finding::ok("journal", "every write was taken"),
    }
}

/// Reasons for refusals: what most likely is behind each, and what to do.
const CAUSES: [(&str, &str); 8] = [
    (
        "malformed",
        "something else than nodes publishes on their topics: see who at the broker",
    ),
    (
        "version",
        "nodes run a newer firmware than this gateway knows: update the gateway first",
    ),
    (
        "unknown_node",
        "nodes that nodes.csv does not have: add their rows, or take the boards down",
    ),
    (
        "seal",
        "nodes were provisioned with another city's secret, or the gateway's `secret` was replaced: bring it back, or provision them anew",
    ),
    (
        "generation",
        "nodes speak with keys that were shut out: provision them anew",
    ),
    (
        "topic",
        "nodes publish on another node's topic: two boards may have one page",
    ),
    (
        "unknown_quantity",
        "nodes measure what this version does not know: update the gateway",
    ),
    (
        "implausible",
        "sensors say what no working sensor says: look at them",
    ),
];

fn refusals(metrics: Exposition<'_>) -> Finding {
    let mut refused: Vec<(&str, f64)> = metrics
        .series("citysense_refusals_total")
        .filter(|(_, count)| *count > 0.0)
        .map(|(labels, count)| {
            (
                labels.trim_start_matches("reason=").trim_matches('"'),
                count,
            )
        })
        .collect();
    refused.sort_by(|a, b| b.1.total_cmp(&a.1));
    let Some((worst, _)) = refused.first() else {
        return Finding::ok("refusals", "none since the start");
    };
    let said: Vec<String> = refused
        .iter()
        .map(|(reason, n)| format!("{n} {reason}"))
        .collect();
    let cause = CAUSES.iter().find(|(reason, _)| reason == worst);
    let cause = cause.map_or("the log says which nodes", |(_, cause)| cause);
    let said = format!(
        "frames or readings refused since the start: {}",
        said.join(", ")
    );
    Finding::warning("refusals", said, cause)
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;

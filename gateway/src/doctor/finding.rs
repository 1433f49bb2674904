//! What a check found: how bad it is, what it is, and what to do about it.

use serde::Serialize;

use crate::terminal::{Paint, painted};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// Something does not work, or will soon not.
    Wrong,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Wrong => "wrong",
        }
    }

    fn paint(self) -> Paint {
        match self {
            Verdict::Ok => Paint::Good,
            Verdict::Warning => Paint::Doubtful,
            Verdict::Wrong => Paint::Bad,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub check: &'static str,
    pub verdict: Verdict,
    /// What was found, on one line.
    pub said: String,
    /// What to do, unless all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    pub fn ok(check: &'static str, said: impl Into<String>) -> Finding {
        Finding {
            check,
            verdict: Verdict::Ok,
            said: said.into(),
            advice: None,
        }
    }

    pub fn warning(
        check: &'static str,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            check,
            verdict: Verdict::Warning,
            said: said.into(),
            advice: Some(advice.into()),
        }
    }

    pub fn wrong(
        check: &'static str,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            verdict: Verdict::Wrong,
            ..Finding::warning(check, said, advice)
        }
    }
}

/// All that was found, in the order in which it was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
}

impl From<Vec<Finding>> for Report {
    fn from(findings: Vec<Finding>) -> Report {
        let verdicts = findings.iter().map(|finding| finding.verdict);
        Report {
            verdict: verdicts.max().unwrap_or(Verdict::Ok),
            findings,
        }
    }
}

impl Report {
    /// For people: a line a finding, below it what to do, in the end the sum.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let word = format!("{:8}", finding.verdict.name());
            let word = painted(finding.verdict.paint(), &word);
            text += &format!("{word} {:14} {}\n", finding.check, finding.said);
            if let Some(advice) = &finding.advice {
                text += &format!("{:24}{advice}\n", "");
            }
        }
        let count = |verdict| {
            let of = self.findings.iter().filter(|f| f.verdict == verdict);
            of.count()
        };
        let sum = match (count(Verdict::Wrong), count(Verdict::Warning)) {
            (0, 0) => "nothing is wrong".to_owned(),
            (0, warnings) => format!("nothing is wrong; {warnings} to look at"),
            (wrong, 0) => format!("{wrong} wrong"),
            (wrong, warnings) => format!("{wrong} wrong; {warnings} to look at"),
        };
        text + &painted(self.verdict.paint(), &sum) + "\n"
    }
}

/// Up to five names, and how many more there are.
pub(super) fn some<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_is_the_verdict_and_the_last_line_sums_up() {
        let ok = || Finding::ok("page", "answers");
        let warning = || Finding::warning("nodes", "one is silent", "look at it");
        let wrong = || Finding::wrong("broker", "does not answer", "start it");
        for (findings, verdict, sum) in [
            (vec![], Verdict::Ok, "nothing is wrong\n"),
            (vec![ok()], Verdict::Ok, "nothing is wrong\n"),
            (
                vec![ok(), warning()],
                Verdict::Warning,
                "nothing is wrong; 1 to look at\n",
            ),
            (
                vec![wrong(), warning(), ok()],
                Verdict::Wrong,
                "1 wrong; 1 to look at\n",
            ),
        ] {
            let report = Report::from(findings);
            assert_eq!(report.verdict, verdict);
            assert!(report.text().ends_with(sum), "{}", report.text());
        }
        let text = Report::from(vec![wrong()]).text();
        assert!(text.starts_with("wrong    broker         does not answer\n"));
        assert!(text.contains("\n                        start it\n"));
    }

    #[test]
    fn many_names_are_cut() {
        assert_eq!(some(["a", "b"]), "a, b");
        assert_eq!(
            some(["a", "b", "c", "d", "e", "f", "g"]),
            "a, b, c, d, e and 2 more"
        );
    }
}

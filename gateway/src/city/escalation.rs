//! `escalate` of a rule: who else is told, and when, while nobody acknowledges.

use pipeline::calendar::Millis;
use pipeline::rules::Step;
use toml::de::DeValue;

use crate::config::Section;
use crate::config::value as read;

/// More characters are no name of a duty or a group.
const RECIPIENT_LEN_MAX: usize = 64;

/// `escalate = [{ after = "5m", to = ["duty-officer"] }]`, in order of time; what is wrong is said step by step.
pub(crate) fn steps(rule: &mut Section<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for mut section in rule.sections("escalate") {
        section.call(rule.title_of("escalate"));
        let after: Option<Millis> = section.need("after", read::positive_duration);
        let to = section.need("to", recipients);
        let (Some(after), Some(to)) = (after, to) else {
            section.finish();
            continue;
        };
        if steps.iter().any(|step| step.after == after) {
            section.problem("another step has the same time; one can tell several".to_owned());
        }
        section.finish();
        steps.push(Step { after, to });
    }
    steps.sort_by_key(|step| step.after);
    steps
}

fn recipients(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let items = value
        .as_array()
        .ok_or("a list of recipients is expected, such as [\"duty-officer\"]")?;
    if items.is_empty() {
        return Err("nobody is named; leave the step out to tell nobody".to_owned());
    }
    let mut recipients = Vec::new();
    for item in items {
        let name = read::text(item.get_ref())?;
        let is_name = !name.trim().is_empty() && !name.contains(char::is_control);
        if !is_name || name.chars().count() > RECIPIENT_LEN_MAX {
            return Err(format!(
                "a recipient is 1 to {RECIPIENT_LEN_MAX} characters on one line, not `{}`",
                name.escape_debug()
            ));
        }
        if !recipients.contains(&name) {
            recipients.push(name);
        }
    }
    Ok(recipients)
}

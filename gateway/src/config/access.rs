//! `[access]`: who may read, who may act, and in which zones.

use toml::de::DeValue;

use super::document::Section;
use super::hint::nearest;
use super::{CITY_TOML, Problems, value};
use crate::access::password;
use crate::access::{Digest, Hashed, NAME_LEN_MAX, Policy, Reach, Role, Token, User, is_name};

/// Users and tokens whose areas are still names of zones.
pub(crate) struct RawAccess {
    pub(crate) policy: Policy,
    /// Line of each row: users first, then tokens.
    lines: Vec<u32>,
}

/// Reads `[access]`; without it nobody may act.
pub(crate) fn resolve(mut section: Section<'_>, is_there: bool) -> RawAccess {
    let mut raw = RawAccess {
        policy: Policy {
            is_declared: is_there,
            ..Policy::default()
        },
        lines: Vec::new(),
    };
    let policy = &mut raw.policy;
    let anonymous = section.read("anonymous", anonymous);
    policy.anonymous = anonymous.unwrap_or(policy.anonymous);
    for mut row in section.sections("user") {
        row.call("[access.user]".to_owned());
        let Common { name, role, wanted } = common(&mut row);
        let password = row.need("password", hash);
        let line = row.line();
        if row.has("token") {
            row.problem(
                "a person has a password; a program with a token is an [[access.token]]".to_owned(),
            );
            row.read("token", |_| Ok(()));
        }
        let (Some(name), Some(role), Some(password)) = (name, role, password) else {
            row.finish();
            continue;
        };
        if policy.users.iter().any(|user| user.name == name) {
            row.problem(format!("there are two users with the name `{name}`"));
        }
        row.finish();
        raw.lines.push(line);
        policy.users.push(User {
            name,
            role,
            reach: reach(wanted),
            password,
        });
    }
    for mut row in section.sections("token") {
        row.call("[access.token]".to_owned());
        let Common { name, role, wanted } = common(&mut row);
        let digest = row.need("token", digest);
        let line = row.line();
        let (Some(name), Some(role), Some(digest)) = (name, role, digest) else {
            row.finish();
            continue;
        };
        let users = policy.users.iter().map(|user| &user.name);
        let mut names = users.chain(policy.tokens.iter().map(|token| &token.name));
        if names.any(|known| *known == name) {
            row.problem(format!(
                "somebody else has the name `{name}`; what is done must show by whom"
            ));
        }
        if policy.tokens.iter().any(|token| token.digest == digest) {
            row.problem(
                "another program has the same token; make one for each with `citysense token`"
                    .to_owned(),
            );
        }
        row.finish();
        raw.lines.push(line);
        policy.tokens.push(Token {
            name,
            role,
            reach: reach(wanted),
            digest,
        });
    }
    section.finish();
    raw
}

impl RawAccess {
    /// Areas become zones; what names none is said with its line. `zones` are ids and kinds.
    pub(crate) fn within<'z>(
        mut self,
        zones: impl Iterator<Item = (wire::ZoneId, &'z str)> + Clone,
        problems: &Problems,
    ) -> Policy {
        let users = self.policy.users.iter_mut().map(|user| &mut user.reach);
        let tokens = self.policy.tokens.iter_mut().map(|token| &mut token.reach);
        for (reach, line) in users.chain(tokens).zip(&self.lines) {
            if let Err(message) = reach.find(zones.clone()) {
                problems.add(CITY_TOML, Some(*line), format!("areas: {message}"));
            }
        }
        self.policy
    }
}

struct Common {
    name: Option<String>,
    role: Option<Role>,
    wanted: Option<Vec<String>>,
}

fn common(row: &mut Section<'_>) -> Common {
    Common {
        name: row.need("name", name),
        role: row.need("role", role),
        wanted: row.read("areas", areas),
    }
}

fn reach(wanted: Option<Vec<String>>) -> Reach {
    Reach {
        wanted: wanted.unwrap_or_default(),
        ..Reach::default()
    }
}

fn anonymous(value: &DeValue<'_>) -> Result<bool, String> {
    match value::text(value)?.as_str() {
        "viewer" => Ok(true),
        "none" => Ok(false),
        other => Err(format!(
            "\"viewer\" (everybody reads) or \"none\" (nobody without a name) is expected, not `{other}`"
        )),
    }
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = value::text(value)?;
    match is_name(&name) {
        true => Ok(name),
        false => Err(format!(
            "a name is 1 to {NAME_LEN_MAX} letters, digits and . - _ @, without blanks, not `{}`",
            name.escape_debug()
        )),
    }
}

fn role(value: &DeValue<'_>) -> Result<Role, String> {
    let name = value::text(value)?;
    Role::from_name(&name).ok_or_else(|| {
        let hint = nearest(&name, Role::ALL.map(Role::name));
        format!("viewer, operator or administrator is expected, not `{name}`{hint}")
    })
}

fn hash(value: &DeValue<'_>) -> Result<Hashed, String> {
    let text = value::text(value)?;
    password::check(&text).map(|()| Hashed(text))
}

fn digest(value: &DeValue<'_>) -> Result<Digest, String> {
    Digest::parse(&value::text(value)?).ok_or_else(|| {
        "sha256: and 64 hexadecimal digits are expected, as `citysense token NAME` prints them"
            .to_owned()
    })
}

fn areas(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let items = value
        .as_array()
        .ok_or("a list of zones is expected, such as [\"square\", \"kind:park\"]")?;
    if items.is_empty() {
        return Err("no zone is named; leave areas out for the whole city".to_owned());
    }
    items
        .iter()
        .map(|item| value::text(item.get_ref()))
        .collect()
}

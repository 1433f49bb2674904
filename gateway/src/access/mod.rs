//! Who asks: by what name, in which role, and of which part of the city.
//!
//! In reading order: `policy` what `city.toml` says of it · `door` who a request comes from, sign-in and sign-out ·
//! `sessions` · [`password`] · `throttle` of those who guess · [`random`] ·
//! [`audit`] what was done · [`acl`] what brokers let each do.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use wire::ZoneId;

pub mod acl;
pub mod audit;
mod door;
pub mod password;
mod policy;
pub mod random;
mod sessions;
mod throttle;

pub use door::{Credential, Door, Refused};
pub use policy::{Digest, Hashed, Policy, Reach, Token, User};
pub use sessions::Spans;

/// Longest name in characters.
pub const NAME_LEN_MAX: usize = 64;

/// Whether a person or a program may have this name: it is also a name for brokers, whose files know no blanks.
pub fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    (1..=NAME_LEN_MAX).contains(&text.chars().count()) && text.chars().all(fits)
}

/// What somebody may do; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads what is shown.
    Viewer,
    /// Acknowledges, comments, assigns, settles, silences and quarantines.
    Operator,
    /// Also reads the audit log. Few persons are a range to everybody.
    Administrator,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Operator, Role::Administrator];

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// As `city.toml` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The part of the city that somebody sees and acts in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Areas {
    All,
    Zones(Arc<BTreeSet<ZoneId>>),
}

impl Areas {
    /// Nothing at all.
    pub fn none() -> Areas {
        Areas::Zones(Arc::default())
    }

    pub fn contains(&self, zone: ZoneId) -> bool {
        match self {
            Areas::All => true,
            Areas::Zones(zones) => zones.contains(&zone),
        }
    }
}

/// Whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// `None`: nobody has said who it is.
    pub name: Option<String>,
    pub role: Role,
    pub areas: Areas,
}

impl Asker {
    /// Somebody without a name.
    pub fn anyone(role: Role) -> Asker {
        Asker {
            name: None,
            role,
            areas: Areas::All,
        }
    }

    pub fn may(&self, role: Role) -> bool {
        self.role >= role
    }

    /// The name that what it does goes under; nobody without one may do anything.
    pub fn acting(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| self.may(Role::Operator))
    }
}

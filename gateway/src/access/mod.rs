//! Who asks: by what name, in which role, and of which part of the city.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use wire::ZoneId;

/// What somebody may do; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads what is shown.
    Viewer,
    /// Acknowledges, comments, assigns, settles, silences and quarantines.
    Operator,
    /// Also reads the audit log, and few persons as a number.
    Administrator,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Operator, Role::Administrator];

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Areas {
    All,
    Zones(Arc<BTreeSet<ZoneId>>),
}

impl Areas {
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
}

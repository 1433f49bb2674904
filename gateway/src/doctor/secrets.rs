//! Files that must stay between the gateway and whoever runs it.

use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::city::Settings;
use crate::config::{Broker, BrokerAccess, Credentials};

/// Every file with a secret in it that settings and data directory name; of those of the broker only if they exist is
/// not asked here: `broker` says that.
pub fn files(settings: Option<&Settings>, data: Option<&Path>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = data.map(|data| data.join("secret")).into_iter().collect();
    match settings.map(|settings| &settings.broker) {
        Some(Broker::Embedded(embedded)) => {
            files.extend(embedded.tls.iter().map(|own| own.key.clone()));
            if let Some(BrokerAccess::Files { passwords, .. }) = &embedded.access {
                files.push(passwords.clone());
            }
        }
        Some(Broker::Outside(outside)) => {
            files.extend(
                outside
                    .login
                    .iter()
                    .map(|login| login.password_file.clone()),
            );
            let identity = outside
                .tls
                .iter()
                .filter_map(|trust| trust.identity.as_ref());
            files.extend(identity.map(|own| own.key.clone()));
        }
        None => {}
    }
    let told = settings.and_then(|settings| settings.alertmanager.as_ref());
    files.extend(told.into_iter().flat_map(|told| {
        let shown = told.credentials.iter().map(|shown| match shown {
            Credentials::Basic(login) => login.password_file.clone(),
            Credentials::Bearer(file) => file.clone(),
        });
        let keys = told.tls.identity.iter().map(|own| own.key.clone());
        shown.chain(keys)
    }));
    files
}

/// What the system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Mode bits.
    With(u32),
    Missing,
    /// Not even its mode is shown to whoever asks.
    Hidden,
}

impl Kept {
    pub fn of(file: &Path) -> Kept {
        use std::os::unix::fs::PermissionsExt;
        match std::fs::metadata(file) {
            Ok(meta) => Kept::With(meta.permissions().mode() & 0o777),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::Missing,
            Err(_) => Kept::Hidden,
        }
    }
}

pub fn judge(file: &Path, kept: Kept) -> Finding {
    let name = file.display();
    match kept {
        Kept::With(mode) if mode & 0o007 != 0 => Finding::wrong(
            "secrets",
            format!("{name} can be read or changed by everybody ({mode:03o})"),
            format!(
                "`chmod 600 {name}`; if others were on this machine, take it for known and replace it"
            ),
        ),
        Kept::With(mode) if mode & 0o077 != 0 => Finding::warning(
            "secrets",
            format!("{name} can be read or changed by its group ({mode:03o})"),
            format!("`chmod 600 {name}`, unless that group is the gateway's alone"),
        ),
        Kept::With(_) => Finding::ok("secrets", format!("{name} is its owner's alone")),
        Kept::Missing => Finding::warning(
            "secrets",
            format!("{name} does not exist"),
            "the city's own is made at the first start; others are for whoever runs the city to put there",
        ),
        Kept::Hidden => Finding::ok(
            "secrets",
            format!("{name} is not shown to whoever runs this command"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn whoever_else_may_read_a_secret_is_found() {
        for (kept, verdict) in [
            (Kept::With(0o600), Verdict::Ok),
            (Kept::With(0o400), Verdict::Ok),
            (Kept::With(0o640), Verdict::Warning),
            (Kept::With(0o660), Verdict::Warning),
            (Kept::With(0o644), Verdict::Wrong),
            (Kept::With(0o602), Verdict::Wrong),
            (Kept::Missing, Verdict::Warning),
            (Kept::Hidden, Verdict::Ok),
        ] {
            assert_eq!(
                judge(Path::new("secret"), kept).verdict,
                verdict,
                "{kept:?}"
            );
        }
    }
}

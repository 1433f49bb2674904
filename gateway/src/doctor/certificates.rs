//! End dates of certificates: as much of X.509 as says until when one is good.

use std::path::{Path, PathBuf};

use pipeline::calendar::{DAY, Millis, rfc3339};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::finding::Finding;
use crate::city::Settings;
use crate::config::{Broker, Identity, Trust};

/// New ones should be in place by then.
const SOON: Millis = 21 * DAY;

/// The earliest end of the certificates in a PEM file.
pub fn judge(file: &Path, now: Millis) -> Finding {
    let name = file.display();
    match earliest_end(file) {
        Err(why) => Finding::wrong(
            "certificate",
            format!("{name}: {why}"),
            "name a PEM file that the gateway may read",
        ),
        Ok(end) if end <= now => Finding::wrong(
            "certificate",
            format!("{name} ended on {}", rfc3339(end)),
            "put a new one in its place",
        ),
        Ok(end) if end - now < SOON => Finding::warning(
            "certificate",
            format!(
                "{name} ends in {} days, on {}",
                (end - now) / DAY,
                rfc3339(end)
            ),
            "put a new one in its place before",
        ),
        Ok(end) => Finding::ok(
            "certificate",
            format!("{name} is good until {}", rfc3339(end)),
        ),
    }
}

/// Every file of certificates in the city's settings.
pub fn files(settings: &Settings) -> Vec<PathBuf> {
    let (served, trusted): (Option<&Identity>, Option<&Trust>) = match &settings.broker {
        Broker::Embedded(embedded) => (embedded.tls.as_ref(), None),
        Broker::Outside(outside) => (None, outside.tls.as_ref()),
    };
    let told = settings.alertmanager.iter().map(|told| &told.tls);
    let trusted = trusted.into_iter().chain(told).flat_map(|trust| {
        let shown = trust.identity.iter().map(|own| own.certificate.clone());
        trust.authorities.clone().into_iter().chain(shown)
    });
    let served = served.into_iter().map(|own| own.certificate.clone());
    served.chain(trusted).collect()
}

fn earliest_end(file: &Path) -> Result<Millis, String> {
    let read = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    let mut earliest = None;
    for certificate in read {
        let certificate = certificate.map_err(|error| error.to_string())?;
        let end = end(&certificate).ok_or("a certificate in it cannot be read")?;
        earliest = Some(earliest.map_or(end, |known: Millis| known.min(end)));
    }
    earliest.ok_or_else(|| "no certificate in it".to_owned())
}

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version in front, where it is not the first.
const VERSION: u8 = 0xa0;

/// `notAfter` of a certificate in DER: Certificate → TBSCertificate → version?, serial, algorithm, issuer, validity.
fn end(der: &[u8]) -> Option<Millis> {
    let (certificate, _) = value(der, SEQUENCE)?;
    let (body, _) = value(certificate, SEQUENCE)?;
    let mut rest = match body.first()? {
        &VERSION => element(body)?.2,
        _ => body,
    };
    for _ in ["serial number", "algorithm", "issuer"] {
        rest = element(rest)?.2;
    }
    let (validity, _) = value(rest, SEQUENCE)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

fn value(der: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, value, rest) = element(der)?;
    (tag == expected).then_some((value, rest))
}

/// Tag, value and rest.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let count = usize::from(long & 0x7f);
            let (bytes, rest) = rest.split_at_checked(count)?;
            let bytes = (1..=4).contains(&count).then_some(bytes)?;
            let length = bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (length, rest)
        }
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

/// `YYMMDDhhmmssZ` (from 1950) or `YYYYMMDDhhmmssZ`: what certificates may say.
fn time(tag: u8, text: &str) -> Option<Millis> {
    let text = text.strip_suffix('Z').filter(|text| text.is_ascii())?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |place: usize| -> Option<i8> { rest.get(place..place + 2)?.parse().ok() };
    let [month, day, hour, minute, second] = [part(0)?, part(2)?, part(4)?, part(6)?, part(8)?];
    let local = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let moment = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    (rest.len() == 10).then(|| moment.timestamp().as_millisecond())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_certificates_write_them() {
        let said = |tag, text| time(tag, text).map(rfc3339);
        assert_eq!(
            said(UTC_TIME, "261127120000Z").as_deref(),
            Some("2026-11-27T12:00:00.000Z")
        );
        assert_eq!(
            said(UTC_TIME, "500101000000Z").as_deref(),
            Some("1950-01-01T00:00:00.000Z")
        );
        let far = said(GENERALIZED_TIME, "40960101000000Z");
        assert_eq!(far.as_deref(), Some("4096-01-01T00:00:00.000Z"));
        for (tag, bad) in [
            (UTC_TIME, "2611271200Z"),
            (UTC_TIME, "261327120000Z"),
            (UTC_TIME, "261127120000"),
            (GENERALIZED_TIME, "261127120000Z"),
            (2, "261127120000Z"),
            (UTC_TIME, "é1127120000Z"),
        ] {
            assert_eq!(said(tag, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        assert_eq!(judge(&file, 0).verdict, Verdict::Wrong);
        std::fs::write(&file, "nothing").unwrap();
        assert!(judge(&file, 0).said.contains("no certificate"));
        let hollow = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        std::fs::write(&file, hollow).unwrap();
        assert!(judge(&file, 0).said.contains("cannot be read"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            end(&bytes);
        }
    }
}

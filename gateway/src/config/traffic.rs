//! `[traffic]` in `city.toml`: between which stations of a road incidents are looked for.

use pipeline::science::traffic::incident::Thresholds;
use toml::de::DeValue;
use wire::Milli;

use super::document::Section;
use super::value;

/// A stretch of road whose zones are still names.
#[derive(Clone, Debug)]
pub(crate) struct RawSection {
    pub(crate) line: u32,
    pub(crate) upstream: String,
    pub(crate) downstream: String,
    pub(crate) thresholds: Thresholds,
}

pub(crate) fn resolve(mut traffic: Section<'_>) -> Vec<RawSection> {
    let sections = traffic.sections("section");
    traffic.finish();
    sections.into_iter().filter_map(section).collect()
}

/// `[[traffic.section]]`: `upstream`, `downstream`, and thresholds by the names of the literature.
fn section(mut section: Section<'_>) -> Option<RawSection> {
    section.call("[traffic.section]".to_owned());
    let line = section.line();
    let upstream = section.need("upstream", value::text);
    let downstream = section.need("downstream", value::text);
    let mut thresholds = Thresholds::default();
    let Thresholds {
        occdf,
        docctd_wave,
        occrdf,
        docctd,
        docc,
    } = &mut thresholds;
    let mut threshold = |key, least, greatest, into: &mut Milli| {
        let within = |value: &DeValue<'_>| within(value, least, greatest);
        if let Some(read) = section.read(key, within) {
            *into = read;
        }
    };
    // Differences of percentages, shares of a percentage, a percentage.
    threshold("occdf", 0, 100, occdf);
    threshold("docctd_wave", -100, 1, docctd_wave);
    threshold("occrdf", -100, 1, occrdf);
    threshold("docctd", -100, 1, docctd);
    threshold("docc", 0, 100, docc);
    section.finish();
    Some(RawSection {
        line,
        upstream: upstream?,
        downstream: downstream?,
        thresholds,
    })
}

fn within(value: &DeValue<'_>, least: i64, greatest: i64) -> Result<Milli, String> {
    match value::decimal(value)? {
        number if number >= Milli::whole(least) && number <= Milli::whole(greatest) => Ok(number),
        number => Err(format!(
            "a number from {least} to {greatest} is expected, not {number}"
        )),
    }
}

//! Filters and what they find.

use super::*;

/// Filters of the standard's own table of examples, turned to this city, with what they find.
#[test]
fn filters_find_what_they_say() {
    let quay = "Datastreams('quay:pm2_5')/Observations";
    for (question, found) in [
        ("Things?$filter=name eq 'Old quay'", vec!["quay"]),
        ("Things?$filter=not name eq 'Old quay'", vec!["mole"]),
        ("Things?$filter=substringof('light',name)", vec!["mole"]),
        (
            "Things?$filter=startswith(tolower(name),'old') or endswith(name,'>')",
            vec!["mole", "quay"],
        ),
        ("Things?$filter=length(name) eq 8", vec!["quay"]),
        (
            "Things?$filter=indexof(name,'quay') eq 4 and substring(name,0,3) eq 'Old'",
            vec!["quay"],
        ),
        (
            "Things?$filter=properties/areaSquareMetres div 2 eq 50 and id ne 'mole'",
            vec!["quay"],
        ),
        (
            "Things?$filter=Datastreams/ObservedProperty/name eq 'People'",
            vec!["quay"],
        ),
        (
            "Things?$filter=Datastreams/Observations/result gt 20",
            vec!["quay"],
        ),
        (
            "Datastreams?$filter=Thing/id eq 'quay' and ObservedProperty/id eq 'pm2_5'",
            vec!["quay:pm2_5"],
        ),
        (
            "Datastreams?$filter=unitOfMeasurement/symbol eq '{person}'",
            vec!["quay:crowd_count"],
        ),
        (
            "Datastreams?$orderby=Thing/name desc,id desc",
            vec!["quay:pm2_5", "quay:crowd_count", "mole:pm2_5"],
        ),
        (
            "Locations?$filter=st_within(location, geography'POLYGON ((120.9 30.9, 121.015 30.9, 121.015 31.1, 120.9 31.1, 120.9 30.9))')",
            vec!["quay"],
        ),
        (
            "Locations?$filter=st_intersects(location, geography'POINT (121.025 31.005)')",
            vec!["mole"],
        ),
        (
            "Locations?$filter=geo.distance(location, geography'POINT (121.025 31.005)') gt 0.01",
            vec!["quay"],
        ),
        (
            "Locations?$filter=geo.distance(location, geography'POINT (121.025 31.005)') lt 0.01",
            vec!["mole"],
        ),
        (
            "FeaturesOfInterest?$filter=st_contains(feature, geography'POINT (121.005 31.005)')",
            vec!["quay"],
        ),
        (
            "Things?$filter=1 add 2 mul 3 eq 7 and (1 add 2) mul 3 eq 9 and 7 mod 4 eq 3 and -1 lt 0 and round(2.5) eq 3",
            vec!["mole", "quay"],
        ),
        (
            "Things?$filter=year(now()) eq 2026 and month(now()) eq 11 and date(now()) eq 2026-11-22",
            vec!["mole", "quay"],
        ),
        (
            "Things?$filter=1 div 0 eq 1 or name gt 3 or nonsense('a') eq 1",
            vec!["!"],
        ),
    ] {
        match found[..] {
            ["!"] => assert!(ask(question).is_err(), "{question}"),
            _ => assert_eq!(ids(question), found, "{question}"),
        }
    }
    let count = |filter: &str| ids(&format!("{quay}?$filter={filter}")).len();
    assert_eq!(count("result gt 30.005"), 4);
    assert_eq!(count("phenomenonTime ge 2026-11-22T00:58:00Z"), 2);
    assert_eq!(count("phenomenonTime lt 2026-11-22T08:52:00+08:00"), 2);
    assert_eq!(
        count("during(phenomenonTime, 2026-11-22T00:52:00Z/2026-11-22T00:55:00Z)"),
        3
    );
    assert_eq!(
        count("overlaps(phenomenonTime, 2026-11-22T00:52:30Z/2026-11-22T00:54:30Z)"),
        3
    );
    assert_eq!(count("resultTime ge now() sub duration'PT2M'"), 3);
    assert_eq!(
        count("resultQuality/completeness/heard lt resultQuality/completeness/expected"),
        10
    );
    assert_eq!(count("minute(phenomenonTime) eq 55"), 1);
}

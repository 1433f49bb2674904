//! Well-known text of the shapes that a filter may name: `POINT`, `LINESTRING` and `POLYGON`, in degrees.

use geo::{Coord, Geometry, LineString, Point, Polygon, Validation};

/// Most corners of a shape in a filter.
const CORNERS_MAX: usize = 200;

/// Reads a shape; `SRID=4326;` before it is allowed, no other system is.
pub(super) fn parse(text: &str) -> Result<Geometry<f64>, String> {
    let text = text.trim();
    let text = match text.split_once(';') {
        Some((system, rest)) if system.trim().eq_ignore_ascii_case("SRID=4326") => rest,
        Some(_) => {
            return Err("only SRID=4326, degrees of longitude and latitude, is known".into());
        }
        None => text,
    };
    let (kind, rest) = text
        .split_once('(')
        .ok_or("a shape such as POINT (121.9 29.2) is expected")?;
    let rest = rest
        .trim_end()
        .strip_suffix(')')
        .ok_or("the shape's last bracket is missing")?;
    let shape = match kind.trim().to_ascii_uppercase().as_str() {
        "POINT" => match &coordinates(rest)?[..] {
            [at] => Geometry::Point(Point(*at)),
            _ => return Err("a POINT has one longitude and one latitude".into()),
        },
        "LINESTRING" => Geometry::LineString(LineString(coordinates(rest)?)),
        "POLYGON" => polygon(rest)?,
        other => {
            return Err(format!(
                "POINT, LINESTRING or POLYGON is expected, not `{other}`"
            ));
        }
    };
    match shape.is_valid() {
        true => Ok(shape),
        false => {
            Err("the shape crosses itself, is not closed or has too few different corners".into())
        }
    }
}

fn polygon(text: &str) -> Result<Geometry<f64>, String> {
    let mut rings = Vec::new();
    let mut corners = 0;
    let mut rest = text.trim();
    loop {
        let inside = rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .ok_or("each ring of a POLYGON stands in brackets of its own")?;
        let ring = coordinates(inside.0)?;
        if ring.len() < 4 || ring.first() != ring.last() {
            return Err("a ring has four corners at least and ends where it begins".into());
        }
        corners += ring.len();
        if corners > CORNERS_MAX {
            return Err(format!("a shape has at most {CORNERS_MAX} corners"));
        }
        rings.push(LineString(ring));
        rest = inside.1.trim();
        if rest.is_empty() {
            break;
        }
        rest = rest
            .strip_prefix(',')
            .ok_or("rings are parted by commas")?
            .trim();
    }
    let exterior = rings.remove(0);
    Ok(Geometry::Polygon(Polygon::new(exterior, rings)))
}

fn coordinates(text: &str) -> Result<Vec<Coord<f64>>, String> {
    let corners = text.split(',').take(CORNERS_MAX + 1).map(|corner| {
        let mut numbers = corner.split_whitespace().map(str::parse::<f64>);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(x)), Some(Ok(y)), None) if x.abs() <= 180.0 && y.abs() <= 90.0 => {
                Ok(Coord { x, y })
            }
            _ => Err(format!(
                "a longitude to 180 and a latitude to 90 degrees are expected, not `{}`",
                corner.trim()
            )),
        }
    });
    let corners: Vec<_> = corners.collect::<Result<_, _>>()?;
    match corners.len() > CORNERS_MAX {
        true => Err(format!("a shape has at most {CORNERS_MAX} corners")),
        false => Ok(corners),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_and_what_is_none_is_said() {
        assert!(parse("POINT (121.9 29.2)").is_ok());
        assert!(parse("SRID=4326; POINT(1 2)").is_ok());
        assert!(
            parse("POLYGON ((0 0, 1 0, 1 1, 0 0), (0.5 0.2, 0.6 0.2, 0.6 0.3, 0.5 0.2))").is_ok()
        );
        assert!(parse("LINESTRING (0 0, 1 1)").is_ok());
        for bad in [
            "",
            "POINT",
            "POINT (1)",
            "POINT (1 2 3)",
            "POINT (NaN 1)",
            "POINT (1e400 1)",
            "POINT (181 1)",
            "POLYGON (0 0, 1 0, 1 1, 0 0)",
            "POLYGON ((0 0, 1 0, 1 1))",
            "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
            "LINESTRING (0 0, 0 0)",
            "CIRCLE (0 0)",
            "SRID=3857;POINT (1 2)",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let long = format!("LINESTRING ({})", vec!["0 0, 1 1"; 200].join(", "));
        assert!(parse(&long).is_err());
    }
}

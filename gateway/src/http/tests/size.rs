//! How much a browser has to fetch before it shows a city of two hundred zones.

use geo::Translate;

use super::*;

/// Most bytes on the wire of page, style, script and icon together.
const FIRST_LOAD_MAX: usize = 100 * 1024;

#[tokio::test]
async fn the_first_load_of_two_hundred_zones_fits_into_a_hundred_kibibytes() {
    let server = server().await;
    {
        let mut board = server.board.write().unwrap();
        let mut big = face();
        let template = big.zones[1].clone();
        big.zones = (0..200)
            .map(|k| {
                let mut zone = template.clone();
                zone.ix = pipeline::city::ZoneIx(k);
                zone.id = wire::ZoneId::new(&format!("zone-{k}")).unwrap();
                zone.name = format!("Quarter number {k}");
                zone.outline = template
                    .outline
                    .translate(f64::from(k % 20) * 0.012, f64::from(k / 20) * 0.012);
                zone
            })
            .collect();
        board.city_changed(big);
        let mut output = TickOutput {
            tick: NOON as u64,
            zone_values: (0..200)
                .map(|k| zone_value(k, Value::CrowdDensity, NOON - 4_000, 900 + i64::from(k) * 7))
                .collect(),
            ..TickOutput::default()
        };
        for k in 0..40u32 {
            let mut alert = revision(100 + u128::from(k), 1, AlertState::Raised, NOON);
            alert.zone = wire::ZoneId::new(&format!("zone-{}", k * 3)).unwrap();
            alert.zone_name = format!("Quarter number {}", k * 3);
            output.revisions.push(alert);
        }
        board.apply(&output);
    }
    let (mut packed, mut plain) = (0, 0);
    for path in [
        "/",
        "/assets/page.css",
        "/assets/page.js",
        "/assets/icon.svg",
    ] {
        packed += server.bytes(path, "accept-encoding: gzip\r\n").await;
        plain += server.bytes(path, "").await;
    }
    assert!(
        packed <= FIRST_LOAD_MAX,
        "{packed} bytes packed, {plain} plain"
    );
    assert!(packed * 3 < plain, "{packed} bytes packed, {plain} plain");
    assert!(plain <= 5 * FIRST_LOAD_MAX, "{plain} bytes plain");
    println!("first load: {packed} bytes packed, {plain} plain");
    server.stop().await;
}

impl Server {
    /// Length of a whole answer, head and all.
    async fn bytes(&self, path: &str, fields: &str) -> usize {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: wall\r\n{fields}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        timeout(Duration::from_secs(20), read)
            .await
            .unwrap()
            .unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
        answer.len()
    }
}

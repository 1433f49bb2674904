//! A certificate that is renewed on disk is served without a restart, and a spoilt one is not.
//!
//! Goal: nobody has to restart a gateway to renew its certificate, and a mistake in it is said, counted, and costs nothing.
//! Method: a whole gateway over TLS; curl, which takes nothing from a server that nobody vouches for, says who is served what.

#![allow(clippy::unwrap_used)]

use tests::gateway::until;
use tests::guarded::{Guarded, People, Served};
use tests::wall::PASSWORD;

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_used_and_a_spoilt_one_is_not() {
    let city = Guarded::start(Served::Tls).await;
    let mut people = People::of(&city).await;
    let counted = |outcome: &str| {
        let series = format!("citysense_certificate_reloads_total{{outcome=\"{outcome}\"}}");
        city.gateway.metric(&series)
    };
    let ada = city.visitor();
    assert_eq!(ada.sign_in("Ada", PASSWORD).await.status, 303);
    let mut listening = ada.stream();
    listening.until(&["event: tick"]).await;

    city.spoil_certificate();
    until("it is refused", || counted("refused") == 1.0).await;
    assert_eq!(ada.get("/readyz").await.status, 200);

    let before = city.renew_certificate();
    until("it is used", || counted("used") == 1.0).await;
    // Her session is still hers, and whoever knows the old authority alone does not trust the new certificate.
    assert_eq!(ada.get("/silences").await.status, 200);
    let curl = ada.trusting(before).curl("/readyz", &[]);
    let output = curl.wait_with_output().await.unwrap();
    assert!(!output.status.success(), "served the old certificate");

    // Who listened since before listens on.
    let id = people.raised("n0").await;
    listening.until(&[&id]).await;
    city.gateway.stop().await;
}

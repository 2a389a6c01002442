//! Other people's test vectors, where they are at hand: the W3C's cases for `traceparent`.
//!
//! They lie beside the project and are not part of it; without them the test says so and passes.
//! `access_record::Traceparent` has a table of its own that needs nothing.

use crate::support::{access_records, captured, infallible, request};
use http::header::{HeaderName, HeaderValue};
use std::path::Path;
use tower::{Layer as _, ServiceExt as _, service_fn};

#[tokio::test]
async fn a_trace_is_kept_or_restarted_as_the_w3c_says() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/vectors/w3c_traceparent.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let mut asked = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut inbound = request("GET", "/empty");
        for header in case["headers"].as_array().unwrap() {
            let name = HeaderName::from_bytes(header[0].as_str().unwrap().as_bytes()).unwrap();
            // A header that HTTP itself refuses never reaches the layer.
            let Ok(value) = HeaderValue::from_bytes(header[1].as_str().unwrap().as_bytes()) else { continue };
            inbound.headers_mut().append(name, value);
        }
        let sent: Vec<String> = inbound
            .headers()
            .get_all("traceparent")
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let (log, capture) = captured();
        log.layer().layer(service_fn(infallible)).oneshot(inbound).await.unwrap();
        let record = access_records(log, &capture).remove(0);
        let trace_id = record.trace_id.unwrap().to_string();
        match (case["trace_id"].as_str(), case["restart"].as_bool()) {
            (Some(kept), _) => {
                assert_eq!(trace_id, kept, "{line}");
                assert!(record.parent_id.is_some(), "{line}");
            }
            (None, Some(true)) => {
                assert!(!sent.iter().any(|sent| sent.contains(&trace_id)), "{line}");
                assert_eq!(record.parent_id, None, "{line}");
            }
            // These ask about tracestate only.
            _ => continue,
        }
        asked += 1;
    }
    assert!(asked > 40, "{asked} of {} cases ask about traceparent", cases.lines().count());
}

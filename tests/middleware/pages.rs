//! What the pages of the documentation say, where no other room shows it.

use crate::support::{PATIENCE, access_records, captured, infallible, request};
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{Kind, LogFormat, Outcome};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;

fn page(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The words of a table's cell that stand in backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Each directive of Apache's and nginx's stands for the fields that its row names.
#[test]
fn directives_are_the_fields_that_the_page_says() {
    let page = page("migration.md");
    let table = page.split("| Apache | nginx |").nth(1).unwrap();
    let mut asked = 0;
    for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split('|').collect();
        let fields = quoted(cells[3]);
        for text in [cells[1], cells[2]].into_iter().flat_map(quoted) {
            let format = LogFormat::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let field = &format.directives().next().unwrap().field;
            asked += 1;
            match field.as_str() {
                // Several fields in one.
                "request" => assert!(["method", "path", "query"].iter().all(|name| fields.contains(name))),
                "connection" => assert!(fields.contains(&"outcome")),
                "name" => assert!(cells[3].contains("a note")),
                name => assert!(fields.contains(&name), "{text} is {name}; the page says {fields:?}"),
            }
        }
    }
    assert!(asked > 20, "{asked}");
}

/// Apache's time is the beginning of a request, nginx's its end.
#[test]
fn a_time_is_the_beginning_or_the_end_as_the_page_says() {
    let mut record = tower_access_log::Record::new(
        tower_access_log::Timestamp::from_micros(1_260_763_702_500_000),
        Kind::Access,
        tower_access_log::Level::Info,
    );
    record.duration_us = Some(2_400_000);
    let line = |format: &str| {
        let mut line = Vec::new();
        LogFormat::parse(format).unwrap().write(&record, &mut line);
        String::from_utf8(line).unwrap()
    };
    assert_eq!(line("%t"), "[14/Dec/2009:04:08:20 +0000]\n");
    assert_eq!(line("$time_local"), "14/Dec/2009:04:08:22 +0000\n");
}

/// The events of a `TraceLayer` become records of the request that they are about.
#[tokio::test]
async fn a_trace_layer_stands_beside_the_log() {
    let (log, capture) = captured();
    let subscriber = tracing_subscriber::registry().with(log.events());
    let trace = TraceLayer::new_for_http().on_response(DefaultOnResponse::new().level(Level::INFO));
    let service = log.layer().layer(trace.layer(service_fn(infallible)));
    let ask = async {
        let response = service.oneshot(request("GET", "/ok")).await.unwrap();
        response.into_body().collect().await.unwrap();
    };
    ask.with_subscriber(subscriber).await;
    log.shutdown(PATIENCE).await;
    let records = capture.records();
    let event = records.iter().find(|record| record.kind == Kind::Event).unwrap();
    assert_eq!(event.message.as_deref(), Some("finished processing request"));
    let access = records.iter().find(|record| record.kind == Kind::Access).unwrap();
    assert!(event.request_id.is_some());
    assert_eq!((&event.request_id, event.trace_id), (&access.request_id, access.trace_id));
}

/// With `CatchPanic` outside of the log the record says that it was a panic, and the client has its 500.
#[tokio::test]
async fn a_panic_that_is_caught_outside_is_answered_too() {
    let (log, capture) = captured();
    let service = CatchPanicLayer::new().layer(log.layer().layer(service_fn(infallible)));
    let response = service.oneshot(request("GET", "/panic")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let record = access_records(log, &capture).remove(0);
    assert_eq!((record.outcome, record.status), (Some(Outcome::Panic), None));
}

/// The level of a gRPC call follows its status, in the head as in the trailers; the HTTP status does not say.
#[tokio::test]
async fn the_level_of_a_call_follows_its_grpc_status() {
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(|request: Request<Body>| async move {
        let status = &request.uri().path()[1..];
        http::Response::builder().header("grpc-status", status).body(Body::empty())
    }));
    for status in 0..=16 {
        service.clone().oneshot(request("POST", &format!("/{status}"))).await.unwrap();
    }
    for (record, status) in access_records(log, &capture).iter().zip(0..) {
        assert_eq!((record.grpc_status, record.status), (Some(status), Some(200)));
        let is_error = matches!(status, 2 | 4 | 12..=15);
        assert_eq!(record.level == tower_access_log::Level::Error, is_error, "{status}");
    }
}

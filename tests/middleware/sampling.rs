//! Which records are written where not all of them are wanted, and that the figures come out right.

use crate::lines::Capture;
use crate::support::{BoxError, PATIENCE, answer, request};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use std::time::Duration;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Form, Kind, Level, LogFormat, Record, Sampling, note};
use tracing::instrument::WithSubscriber as _;
use tracing::{debug, info, warn};
use tracing_subscriber::layer::SubscriberExt as _;

/// One in two keeps a trace id that ends in the first, not one that ends in the second.
const KEPT: &str = "ffffffffffffffff";
const LEFT_OUT: &str = "0000000000000000";

fn sampled(sampling: Sampling) -> (AccessLog, Capture) {
    let capture = Capture::default();
    let log = AccessLog::new("photos").sampling(sampling).sink(capture.sink()).build().unwrap();
    (log, capture)
}

fn traced(path: &str, trace_id_end: &str) -> Request<Body> {
    let mut request = request("GET", path);
    let traceparent = format!("00-4bf92f3577b34da6{trace_id_end}-00f067aa0ba902b7-01");
    request.headers_mut().insert("traceparent", traceparent.parse().unwrap());
    request
}

/// What the log's service does with a request to this path, to its end.
async fn run(log: &AccessLog, path: &str, trace_id_end: &str) {
    let service = log.layer().layer(service_fn(async |request: Request<Body>| {
        if let Some((name, value)) = request.uri().query().and_then(|query| query.split_once('=')) {
            match name {
                "user" => note::user_id(value),
                "flag" => note::flag(value, "on"),
                _ => {}
            }
        }
        match request.uri().path() {
            "/healthz" => Ok(Response::builder().status(StatusCode::OK).body(Body::empty())?),
            "/healthz/broken" => Ok(Response::builder().status(500).body(Body::empty())?),
            _ => answer(request).await,
        }
    }));
    let answered: Result<_, BoxError> = service.oneshot(traced(path, trace_id_end)).await;
    if let Ok(response) = answered {
        let _whatever_it_is = response.into_body().collect().await;
    }
}

/// The paths of the access records, with what each stands for, and how many were left out.
fn kept(log: AccessLog, capture: &Capture) -> (Vec<(String, Option<u32>)>, u64) {
    let sampled_out = log.statistics().sampled_out;
    let report = log.shutdown_blocking(PATIENCE);
    assert_eq!((report.dropped, report.unflushed), (0, 0));
    let records = capture.records();
    assert_eq!(report.made, records.len() as u64, "what is left out is not made");
    let access = records.into_iter().filter(|record| record.kind == Kind::Access);
    (access.map(|record| (record.path.unwrap().into_owned(), record.sample_rate)).collect(), sampled_out)
}

#[tokio::test]
async fn the_first_rule_that_holds_decides() {
    let skip_first = Sampling::new().skip("/healthz/broken").keep_errors();
    let errors_first = Sampling::new().keep_errors().skip("/healthz/broken");
    for (sampling, expected) in [(skip_first, 0), (errors_first, 1)] {
        let (log, capture) = sampled(sampling);
        run(&log, "/healthz/broken", KEPT).await;
        let (kept, sampled_out) = kept(log, &capture);
        assert_eq!((kept.len(), sampled_out), (expected, 1 - expected as u64));
    }
}

#[tokio::test]
async fn rules_see_how_a_request_ended_and_what_was_noted() {
    let rules =
        || Sampling::new().keep_errors().keep_user("5555").keep_flag("new=on").skip("/healthz").one_in(2);
    let rows = [
        ("/ok", KEPT, Some(Some(2))),
        ("/ok", LEFT_OUT, None),
        ("/error", LEFT_OUT, Some(None)),
        ("/error", KEPT, Some(None)),
        ("/body-error", LEFT_OUT, Some(None)),
        ("/ok?user=5555", LEFT_OUT, Some(None)),
        ("/ok?user=55555", LEFT_OUT, None),
        ("/ok?flag=new", LEFT_OUT, Some(None)),
        ("/ok?flag=news", LEFT_OUT, None),
        ("/healthz", KEPT, None),
        ("/healthz?user=5555", LEFT_OUT, Some(None)),
    ];
    for (path, trace_id_end, expected) in rows {
        let (log, capture) = sampled(rules());
        run(&log, path, trace_id_end).await;
        let (kept, _) = kept(log, &capture);
        assert_eq!(kept.first().map(|(_, rate)| *rate), expected, "{path} {trace_id_end}");
    }
    // Durations: none is shorter than nothing, and none as long as a day.
    for (least, expected) in [(Duration::ZERO, 1), (Duration::from_hours(24), 0)] {
        let (log, capture) = sampled(Sampling::new().keep_slower_than(least).skip_rest());
        run(&log, "/ok", KEPT).await;
        assert_eq!(kept(log, &capture).0.len(), expected);
    }
}

/// Of what is left out no number is missing, and what is written stands for all of it.
#[tokio::test]
async fn figures_come_out_right_and_numbers_have_no_gap() {
    let (log, capture) = sampled(Sampling::new().keep_errors().one_in(4));
    // Every 64th of the room of trace ids, so that the draw is exact.
    for step in 0..64_u64 {
        run(&log, "/ok", &format!("00{:014x}", step << 50)).await;
    }
    for _ in 0..3 {
        run(&log, "/error", LEFT_OUT).await;
    }
    let (kept, sampled_out) = kept(log, &capture);
    assert_eq!((kept.len(), sampled_out), (16 + 3, 48));
    let total: u32 = kept.iter().map(|(_, rate)| rate.unwrap_or(1)).sum();
    assert_eq!(total, 64 + 3);
    let text = capture.text();
    for (seq, line) in text.lines().enumerate() {
        assert!(
            line.ends_with(&format!("\"seq\":{seq}}}")) || line.ends_with(&format!("\"seq\":{}}}", seq + 1)),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_route_is_the_template_where_there_is_one() {
    let (log, capture) = sampled(Sampling::new().skip("/photos/{user}").one_in_of(2, "/albums/{id}"));
    let router = Router::new()
        .route("/photos/{user}", get(async || "photos"))
        .route("/albums/{id}", get(async || "albums"))
        .layer(log.layer());
    for (path, trace_id_end) in
        [("/photos/5", KEPT), ("/albums/1", KEPT), ("/albums/2", LEFT_OUT), ("/nowhere", LEFT_OUT)]
    {
        let response = router.clone().oneshot(traced(path, trace_id_end)).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    let (kept, sampled_out) = kept(log, &capture);
    assert_eq!(kept, [("/albums/1".to_owned(), Some(2)), ("/nowhere".to_owned(), None)]);
    assert_eq!(sampled_out, 2);
}

/// The records of a request that makes two calls, one of which fails, and tells events of all levels.
async fn whole_request(sampling: Sampling, path: &str, trace_id_end: &str) -> Vec<Record<'static>> {
    let (log, capture) = sampled(sampling);
    let subscriber = tracing_subscriber::registry().with(log.events());
    let client = log.calls().layer(service_fn(answer::<Body>));
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        let client = client.clone();
        async move {
            note::user_id(5555);
            info!("an info");
            warn!("a warning");
            for path in ["/ok", "/error"] {
                if let Ok(answer) = client.clone().oneshot(request("GET", path)).await {
                    answer.into_body().collect().await?;
                }
            }
            Ok::<_, BoxError>(Response::new(Body::empty()))
        }
    }));
    service.oneshot(traced(path, trace_id_end)).with_subscriber(subscriber).await.unwrap();
    log.shutdown(PATIENCE).await;
    let mut records = capture.records();
    records.pop();
    records
}

#[tokio::test]
async fn calls_and_events_go_with_their_request() {
    let said = |records: &[Record<'_>]| -> Vec<String> {
        let what = |record: &Record<'_>| {
            let rate = record.sample_rate.map(|rate| format!(" 1/{rate}")).unwrap_or_default();
            let text = record.message.as_deref().or(record.path.as_deref()).unwrap_or_default();
            format!("{} {text}{rate}", record.kind)
        };
        records.iter().map(what).collect()
    };
    let rows = [
        (
            Sampling::new().keep_errors().one_in(2),
            KEPT,
            &["event an info 1/2", "event a warning", "call /ok 1/2", "call /error", "access / 1/2"][..],
        ),
        (Sampling::new().keep_errors().one_in(2), LEFT_OUT, &["event a warning", "call /error"]),
        (Sampling::new().skip("/").keep_errors(), KEPT, &["event a warning"]),
        (
            Sampling::new().keep_user("5555").skip_rest(),
            LEFT_OUT,
            &["event an info", "event a warning", "call /ok", "call /error", "access /"],
        ),
        // A rule for a path of ours is none for the path of another service.
        (
            Sampling::new().skip("/ok"),
            LEFT_OUT,
            &["event an info", "event a warning", "call /ok", "call /error", "access /"],
        ),
    ];
    for (sampling, trace_id_end, expected) in rows {
        let text = sampling.to_string();
        assert_eq!(said(&whole_request(sampling, "/", trace_id_end).await), expected, "{text}");
    }
}

#[test]
fn events_outside_of_requests_are_all_written() {
    let (log, capture) = sampled(Sampling::new().skip_rest());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(log.events()), || info!("alone"));
    log.shutdown_blocking(PATIENCE);
    assert_eq!(capture.records()[0].message.as_deref(), Some("alone"));
}

/// A `start` without its `access` looks like a crash.
#[tokio::test]
async fn a_start_is_written_only_where_its_end_will_be() {
    let rows = [
        (Sampling::new(), KEPT, "/ok", &[(Kind::Start, None), (Kind::Access, None)][..]),
        (
            Sampling::new().keep_errors().one_in(2),
            KEPT,
            "/ok",
            &[(Kind::Start, Some(2)), (Kind::Access, Some(2))],
        ),
        (Sampling::new().keep_errors().one_in(2), LEFT_OUT, "/ok", &[]),
        (Sampling::new().keep_errors().one_in(2), LEFT_OUT, "/error", &[(Kind::Access, None)]),
        (Sampling::new().skip("/healthz"), KEPT, "/healthz", &[]),
        (Sampling::new().skip("/healthz"), KEPT, "/ok", &[(Kind::Start, None), (Kind::Access, None)]),
        // The route is not known yet, and may be that one.
        (Sampling::new().skip("/{any}"), KEPT, "/ok", &[(Kind::Access, None)]),
        (
            Sampling::new().one_in_of(2, "/{any}").skip("/healthz"),
            KEPT,
            "/ok",
            &[(Kind::Start, Some(2)), (Kind::Access, None)],
        ),
    ];
    for (sampling, trace_id_end, path, expected) in rows {
        let (text, capture) = (sampling.to_string(), Capture::default());
        let log = AccessLog::new("photos").sampling(sampling).start_records(true).sink(capture.sink());
        let log = log.build().unwrap();
        run(&log, path, trace_id_end).await;
        log.shutdown(PATIENCE).await;
        let mut found: Vec<_> =
            capture.records().iter().map(|record| (record.kind, record.sample_rate)).collect();
        found.pop();
        assert_eq!(found, expected, "{text} {path}");
    }
}

#[tokio::test]
async fn sampling_is_exchanged_while_the_log_runs() {
    let (log, capture) = sampled(Sampling::new());
    let handle = log.handle();
    run(&log, "/ok", LEFT_OUT).await;
    handle.set_sampling(Sampling::new().one_in(2));
    run(&log, "/ok", LEFT_OUT).await;
    run(&log, "/ok", KEPT).await;
    handle.set_sampling(Sampling::new());
    run(&log, "/ok", LEFT_OUT).await;
    assert_eq!(handle.statistics().sampled_out, 1);
    let (kept, _) = kept(log, &capture);
    assert_eq!(kept.iter().map(|(_, rate)| *rate).collect::<Vec<_>>(), [None, Some(2), None]);
}

#[test]
fn levels_are_exchanged_while_the_log_runs() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    let (log, capture) = sampled(Sampling::new());
    let handle = log.handle();
    let subscriber = tracing_subscriber::registry().with(log.events().level(LevelFilter::WARN));
    tracing::subscriber::with_default(subscriber, || {
        // Each has to be told apart by its place, as `tracing` remembers who wants which.
        let tell = |when: &str| {
            debug!("{when} debug");
            info!("{when} info");
            warn!("{when} warn");
            debug!(target: "other", "{when} other");
        };
        tell("code's");
        handle.set_event_level(LevelFilter::DEBUG);
        tell("all");
        handle.set_event_targets(Targets::new().with_target("other", LevelFilter::DEBUG));
        tell("one target");
        handle.set_event_level(LevelFilter::OFF);
        tell("none");
        handle.reset_event_targets();
        tell("code's again");
    });
    log.shutdown_blocking(PATIENCE);
    let records = capture.records();
    let said: Vec<_> = records.iter().filter_map(|record| record.message.as_deref()).collect();
    assert_eq!(
        said,
        [
            "code's warn",
            "all debug",
            "all info",
            "all warn",
            "all other",
            "one target other",
            "code's again warn"
        ]
    );
    assert_eq!(records.iter().filter(|record| record.level == Level::Debug).count(), 3);
}

/// The room that an audit sets aside for a record comes back where none is written.
#[tokio::test]
async fn what_is_left_out_gives_its_room_back() {
    let capture = Capture::default();
    let log = AccessLog::new("photos")
        .sampling(Sampling::new().skip_rest())
        .when_full(tower_access_log::WhenFull::Fail)
        .queue_bytes(64 * 1024)
        .sink(capture.sink())
        .build()
        .unwrap();
    for _ in 0..20 {
        run(&log, "/ok", KEPT).await;
    }
    let statistics = log.statistics();
    assert_eq!((statistics.refused, statistics.sampled_out, statistics.in_flight), (0, 20, 0));
    assert_eq!(log.shutdown_blocking(PATIENCE).made, 1);
}

/// A log format has lines for requests only: the others are not what the rules left out.
#[tokio::test]
async fn what_has_no_line_is_not_counted_as_left_out() {
    let capture = Capture::of_another_form();
    let log = AccessLog::new("photos")
        .sampling(Sampling::new().skip_rest())
        .start_records(true)
        .form(Form::LogFormat(LogFormat::named("common").unwrap()))
        .sink(capture.sink())
        .build()
        .unwrap();
    let client = log.calls().layer(service_fn(answer::<Body>));
    let subscriber = tracing_subscriber::registry().with(log.events());
    let service = log.layer().layer(service_fn(move |_request: Request<Body>| {
        info!("an info");
        client.clone().oneshot(request("GET", "/204"))
    }));
    service.oneshot(request("GET", "/")).with_subscriber(subscriber).await.unwrap();
    assert_eq!(log.statistics().sampled_out, 1);
    log.shutdown(PATIENCE).await;
    assert_eq!(capture.text(), "");
}

/// Where a request turns out to be of another route than its path looked like, or the rules are exchanged
/// meanwhile, what began is not left out.
#[tokio::test]
async fn what_has_a_start_has_an_end() {
    for (path, sampling) in [
        ("/login", Sampling::new().keep("/login").skip_rest()),
        ("/login", Sampling::new().skip("/{page}")),
        ("/exchange", Sampling::new()),
    ] {
        let capture = Capture::default();
        let log = AccessLog::new("photos").start_records(true).sampling(sampling).sink(capture.sink());
        let log = log.build().unwrap();
        let handle = log.handle();
        let page = async move || handle.set_sampling(Sampling::new().skip("/{page}"));
        let routed = Router::new().route("/{page}", get(page)).route_layer(log.route());
        log.layer().layer(routed).oneshot(request("GET", path)).await.unwrap();
        log.shutdown(PATIENCE).await;
        let count = |kind| capture.records().iter().filter(|record| record.kind == kind).count();
        assert_eq!(count(Kind::Start), count(Kind::Access), "{path}");
    }
}

/// An event in the request of one log is that log's to leave out, however many logs see it.
#[tokio::test]
async fn an_event_is_left_out_once() {
    let (log, _capture) = sampled(Sampling::new().skip_rest());
    let (other, _other_capture) = sampled(Sampling::new());
    let subscriber = tracing_subscriber::registry().with(other.events()).with(log.events());
    let service = log.layer().layer(service_fn(async |_request: Request<Body>| {
        info!("an info");
        Ok::<_, BoxError>(Response::new(Body::empty()))
    }));
    service.oneshot(request("GET", "/")).with_subscriber(subscriber).await.unwrap();
    assert_eq!(log.statistics().sampled_out, 2, "the event and its request");
    assert_eq!((other.statistics().sampled_out, other.statistics().made), (0, 0));
    let by_sink = log.handle().statistics_by_sink();
    assert_eq!(by_sink[0].statistics.sampled_out, 2, "told with the first sink");
}

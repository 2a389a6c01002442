//! Notes from every place a handler may hide in, and what the limits do to them.

use crate::lines::Capture;
use crate::support::{access_records, captured, infallible, keys, request};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::{Layer, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Kind, Notes, Record, Scalar, note};

async fn one(log: AccessLog, capture: &Capture, router: Router, path: &str) -> Record<'static> {
    let response = router.layer(log.layer()).oneshot(request("GET", path)).await.unwrap();
    response.into_body().collect().await.unwrap();
    let mut records = access_records(log, capture);
    assert_eq!(records.len(), 1);
    records.remove(0)
}

#[tokio::test]
async fn a_handler_annotates_its_record() {
    async fn photos(notes: Notes) -> &'static str {
        notes.user_id(5555);
        notes.api_key("an API key");
        notes.api_method("flickr.photos.search");
        notes.set("album", 42);
        notes.set("cold", true);
        notes.add("db_queries", 1);
        notes.add("db_queries", 2);
        notes.flag("new_search", "on");
        notes.error("album has https://user:s3cret@cdn/x?token=s3cret");
        "photos"
    }
    let (log, capture) = captured();
    let router = Router::new().route("/photos/{user}", get(photos));
    let record = one(log, &capture, router, "/photos/allspaw?page=2&token=s3cret").await;
    assert_eq!(record.service.as_deref(), Some("photos"));
    assert_eq!(record.release.as_deref(), Some("2026.11.21-1"));
    assert_eq!(record.host.as_deref(), Some("www394"));
    assert_eq!(record.user_id.as_deref(), Some("5555"));
    assert_eq!(record.api_key.as_deref(), Some(keys().active().fingerprint(b"an API key").as_str()));
    assert_eq!(record.api_method.as_deref(), Some("flickr.photos.search"));
    assert_eq!(record.route.as_deref(), Some("/photos/{user}"));
    assert_eq!(record.path.as_deref(), Some("/photos/allspaw"));
    assert_eq!(record.query.as_deref(), Some("page=2&token=***"));
    assert_eq!(record.error.as_deref(), Some("album has https://cdn/x?token=***"));
    let notes: Vec<_> = record.notes.iter().collect();
    let expected = [("album", Scalar::U64(42)), ("cold", Scalar::Bool(true)), ("db_queries", Scalar::U64(3))];
    assert_eq!(notes, expected);
    assert_eq!(record.flags.iter().collect::<Vec<_>>(), [("new_search", "on")]);
    assert_eq!((record.notes_dropped, record.truncated), (None, None));
}

#[tokio::test]
async fn any_depth_and_any_task_can_annotate() {
    async fn handler(request: Request<Body>) -> &'static str {
        note::set("depth", "task-local");
        let notes = request.extensions().get::<Notes>().unwrap().clone();
        notes.set("extension", 1);
        tokio::spawn(notes.scope(async { note::set("spawned", 2) })).await.unwrap();
        tokio::spawn(async { note::set("lost", "a bare task has no request") }).await.unwrap();
        let blocking = Notes::current();
        tokio::task::spawn_blocking(move || blocking.in_scope(|| note::set("blocking", 3))).await.unwrap();
        tokio::task::yield_now().await;
        note::set("after_await", 4);
        "done"
    }
    let (log, capture) = captured();
    let record = one(log, &capture, Router::new().route("/", get(handler)), "/").await;
    let names: Vec<_> = record.notes.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["depth", "extension", "spawned", "blocking", "after_await"]);
}

/// A streaming body is still the request, and so is the drop of a future or a body.
#[tokio::test]
async fn bodies_and_drops_can_annotate() {
    struct NotesWhenDropped(&'static str);
    impl Drop for NotesWhenDropped {
        fn drop(&mut self) {
            note::set(self.0, true);
        }
    }
    struct Noting {
        text: Option<&'static str>,
        _noted: NotesWhenDropped,
    }
    impl http_body::Body for Noting {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
            note::add("frames", 1);
            Poll::Ready(self.text.take().map(|text| Ok(http_body::Frame::data(Bytes::from(text)))))
        }
    }
    let (log, capture) = captured();
    let service = log.layer().layer(service_fn(|request: Request<Body>| async move {
        if request.uri().path() == "/slow" {
            let _noted = NotesWhenDropped("future_dropped");
            return std::future::pending().await;
        }
        Ok::<_, Infallible>(Response::new(Noting {
            text: Some("x"),
            _noted: NotesWhenDropped("body_dropped"),
        }))
    }));
    let mut body = service.clone().oneshot(request("GET", "/")).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    let mut slow = Box::pin(service.oneshot(request("GET", "/slow")));
    assert!(futures_poll(slow.as_mut()).is_pending());
    drop(slow);
    let records = access_records(log, &capture);
    let names = |index: usize| {
        let record: &Record<'_> = &records[index];
        record.notes.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(0), ["frames", "body_dropped"]);
    assert_eq!(names(1), ["future_dropped"]);
}

fn futures_poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(std::task::Waker::noop()))
}

#[tokio::test]
async fn without_a_layer_notes_are_inert() {
    async fn handler(notes: Notes) -> String {
        notes.user_id(1);
        note::set("nobody", "listens");
        format!("{notes:?} {:?}", notes.request_id())
    }
    let router = Router::new().route("/", get(handler));
    let response = router.oneshot(request("GET", "/")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "Notes(inert) None");
}

#[tokio::test]
async fn limits_are_kept_and_counted() {
    async fn handler(notes: Notes) {
        notes.set("long", "x".repeat(1025).as_str());
        notes.set("Not a name", 1);
        notes.flag("a=b", "on");
        for index in 0..70 {
            notes.set(&format!("n{index}"), index);
        }
    }
    let (log, capture) = captured();
    let record = one(log, &capture, Router::new().route("/", get(handler)), "/").await;
    assert_eq!(record.notes.iter().count(), 64);
    assert_eq!(record.truncated, Some(1));
    assert_eq!(record.notes_dropped, Some(2 + 7));
}

#[tokio::test]
async fn without_hashing_keys_no_fingerprint_is_written_and_once_it_is_said() {
    let capture = Capture::default();
    let log = AccessLog::new("photos").sink(capture.sink()).build().unwrap();
    let service = log.layer().layer(service_fn(|request: Request<Body>| async move {
        note::api_key("s3cret");
        infallible(request).await
    }));
    for _ in 0..3 {
        service.clone().oneshot(request("GET", "/empty")).await.unwrap();
    }
    let records = access_records(log, &capture);
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|record| record.api_key.is_none() && record.notes_dropped == Some(1)));
    let warnings = capture.records().into_iter().filter(|record| record.kind == Kind::Event).count();
    assert_eq!(warnings, 1);
    assert!(!capture.text().contains("s3cret"));
}

/// Outside of the router the layer runs before the route is matched; the extractor tells it.
#[tokio::test]
async fn the_extractor_tells_an_outer_layer_the_route() {
    let (log, capture) = captured();
    let router = Router::new().nest(
        "/api",
        Router::new().route("/photos/{user}", get(async |_notes: Notes| "x").post(async || "no extractor")),
    );
    for method in ["GET", "POST"] {
        let service = log.layer().layer(router.clone());
        service.oneshot(request(method, "/api/photos/allspaw")).await.unwrap();
    }
    let records = access_records(log, &capture);
    assert_eq!(records[0].route.as_deref(), Some("/api/photos/{user}"));
    assert_eq!(records[1].route, None);
    assert!(records.iter().all(|record| record.path.as_deref() == Some("/api/photos/allspaw")));
}

/// A value of a user's own type, whose conversion notes something itself.
struct Album;

impl From<Album> for Scalar<'_> {
    fn from(_: Album) -> Self {
        note::add("conversions", 1);
        Scalar::U64(42)
    }
}

#[tokio::test]
async fn a_conversion_may_note_something_itself() {
    let (log, capture) = captured();
    let handler = get(async || {
        note::set("album", Album);
        note::add("albums", Album);
    });
    let record = one(log, &capture, Router::new().route("/", handler), "/").await;
    assert_eq!(record.notes.get("album"), Some(Scalar::U64(42)));
    assert_eq!(record.notes.get("conversions"), Some(Scalar::U64(2)));
}

/// What a scoped future notes while it is dropped is its own request's, wherever that happens.
#[tokio::test]
async fn a_scoped_future_is_dropped_for_its_own_request() {
    struct NotesWhenDropped;
    impl Drop for NotesWhenDropped {
        fn drop(&mut self) {
            note::set("dropped_here", true);
        }
    }
    let (log, capture) = captured();
    let held = std::sync::Mutex::new(None);
    let held = std::sync::Arc::new(held);
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let held = held.clone();
        async move {
            if request.uri().path() == "/first" {
                let noted = NotesWhenDropped;
                *held.lock().unwrap() = Some(Box::pin(Notes::current().scope(async move { drop(noted) })));
                std::future::pending::<()>().await;
            }
            drop(held.lock().unwrap().take());
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    }));
    let mut first = Box::pin(service.clone().oneshot(request("GET", "/first")));
    assert!(futures_poll(first.as_mut()).is_pending());
    service.oneshot(request("GET", "/empty")).await.unwrap();
    drop(first);
    let records = access_records(log, &capture);
    assert_eq!(records[0].path.as_deref(), Some("/empty"));
    assert_eq!(records[0].notes.get("dropped_here"), None);
    assert_eq!(records[1].notes.get("dropped_here"), Some(Scalar::Bool(true)));
}

/// A task spawned between two layers of one log is still the request's.
#[tokio::test]
async fn a_layer_that_lets_pass_makes_the_request_current() {
    let (log, capture) = captured();
    let inner = log.layer().layer(service_fn(|_request: Request<Body>| async {
        note::set("inner", 1);
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let between = service_fn(move |request: Request<Body>| {
        let inner = inner.clone();
        async move { tokio::spawn(inner.oneshot(request)).await.unwrap() }
    });
    log.layer().layer(between).oneshot(request("GET", "/")).await.unwrap();
    let records = access_records(log, &capture);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].notes.get("inner"), Some(Scalar::U64(1)));
}

/// A guard adds what it took to what is there, also across an await.
#[tokio::test]
async fn time_adds_up_until_the_guard_is_dropped() {
    async fn handler(notes: Notes) -> &'static str {
        notes.set("render_us", 1_000_000_000);
        let timing = note::time(String::from("render_us"));
        tokio::task::yield_now().await;
        drop(timing);
        drop(notes.time("render_us"));
        let _until_the_end = notes.time("all_us");
        for refused in ["render", "render_ms", "Render_us", "_us"] {
            drop(notes.time(refused));
        }
        drop(Notes::default().time("inert_us"));
        "done"
    }
    let (log, capture) = captured();
    let record = one(log, &capture, Router::new().route("/", get(handler)), "/").await;
    let Some(Scalar::U64(render)) = record.notes.get("render_us") else { panic!("{:?}", record.notes) };
    assert!((1_000_000_000..2_000_000_000).contains(&render), "{render}");
    assert!(matches!(record.notes.get("all_us"), Some(Scalar::U64(_))), "{:?}", record.notes);
    assert_eq!(record.notes.get("inert_us"), None);
    assert_eq!(record.notes_dropped, Some(4));
}

/// What is noted after the record was written is in no record, and every one is counted.
#[tokio::test]
async fn late_notes_are_counted() {
    let (log, capture) = captured();
    let kept = std::sync::Arc::new(std::sync::Mutex::new(Notes::default()));
    let keep = kept.clone();
    let service = log.layer().layer(service_fn(move |request: Request<Body>| {
        let notes = request.extensions().get::<Notes>().unwrap().clone();
        notes.set("early", 1);
        *keep.lock().unwrap() = notes;
        infallible(request)
    }));
    let response = service.oneshot(request("GET", "/ok")).await.unwrap();
    let notes = kept.lock().unwrap().clone();
    notes.set("before_the_end", 2);
    let timing = notes.time("late_us");
    assert_eq!(log.report().late_notes, 0);
    response.into_body().collect().await.unwrap();
    notes.set("late", 1);
    notes.add("late", 1);
    notes.flag("late", "on");
    notes.user_id(1);
    notes.api_method("late");
    notes.api_key("late");
    notes.error("late");
    drop(timing);
    assert_eq!(log.report().late_notes, 8);
    let report = log.shutdown(crate::support::PATIENCE).await;
    assert_eq!(report.late_notes, 8);
    let records = capture.records();
    assert_eq!(records.len(), 2);
    let names: Vec<_> = records[0].notes.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["early", "before_the_end"]);
    assert_eq!((records[1].kind, records[1].late_notes), (Kind::Stop, Some(8)));
    assert!(!capture.text().contains("\"late\""));
}

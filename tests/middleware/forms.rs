//! One log in each form that it can be written in: requests, an event, a loss and the end.

use crate::lines::Capture;
use crate::support::{PATIENCE, infallible, request};
use serde_json::Value;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Form, LogFormat, Report, Sink};
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;

const COUNT: usize = 3;

/// What a log has to say of some requests, each with an event.
async fn written(form: Form) -> (String, Report) {
    let capture = Capture::of_another_form();
    let log = AccessLog::new("photos").host("www394").form(form).sink(capture.sink()).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(log.events());
    let service = log.layer().layer(service_fn(|request| async {
        tower_access_log::note::user_id(5555);
        tower_access_log::note::set("album", 42);
        tracing::warn!(key = "a \"b\"\n", "cache miss");
        infallible(request).await
    }));
    async {
        for _ in 0..COUNT {
            service.clone().oneshot(request("GET", "/empty?page=1")).await.unwrap();
        }
    }
    .with_subscriber(subscriber)
    .await;
    let report = log.shutdown(PATIENCE).await;
    (capture.text(), report)
}

fn objects(text: &str) -> Vec<serde_json::Map<String, Value>> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every line numbered, from 1 on.
fn assert_numbered(numbers: &[Option<u64>]) {
    assert_eq!(numbers, (1..=numbers.len() as u64).map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn json_with_the_names_of_others() {
    let rows = [
        (Form::OpenTelemetry, "http.server.request.duration", "ts", "severity_text"),
        (Form::Ecs, "event.duration", "@timestamp", "log.level"),
    ];
    for (form, duration, time, level) in rows {
        let (text, report) = written(form).await;
        let lines = objects(&text);
        assert_eq!((lines.len(), report.written), (2 * COUNT + 1, 2 * COUNT as u64 + 1));
        assert_numbered(&lines.iter().map(|line| line["seq"].as_u64()).collect::<Vec<_>>());
        assert!(lines.iter().all(|line| line[time].is_string() && line["service.name"] == "photos"));
        let access: Vec<_> = lines.iter().filter(|line| line["kind"] == "access").collect();
        assert_eq!(access.len(), COUNT);
        assert!(access.iter().all(|line| line["user.id"] == "5555" && line["url.path"] == "/empty"));
        assert!(access.iter().all(|line| line[level] == "info" && line["notes"]["album"] == 42));
        assert!(access.iter().all(|line| line["http.response.status_code"] == 200));
        assert!(access.iter().all(|line| line[duration].is_number()));
        let event = lines.iter().find(|line| line["kind"] == "event").unwrap();
        assert_eq!((&event["message"], &event["notes"]["key"]), (&"cache miss".into(), &"a \"b\"\n".into()));
        assert_eq!(lines.last().unwrap()["made"], 2 * COUNT + 1);
    }
}

#[tokio::test]
async fn logfmt() {
    let (text, report) = written(Form::Logfmt).await;
    assert_eq!((text.lines().count(), report.written), (2 * COUNT + 1, 2 * COUNT as u64 + 1));
    let number = |line: &str| line.rsplit_once(" seq=").unwrap().1.parse().ok();
    assert_numbered(&text.lines().map(number).collect::<Vec<_>>());
    let access: Vec<_> = text.lines().filter(|line| line.contains(" kind=access level=info ")).collect();
    assert_eq!(access.len(), COUNT);
    for line in access {
        assert!(
            line.contains(" user_id=5555 ") && line.contains(" path=/empty ") && line.contains(" album=42 ")
        );
    }
    assert!(text.contains(r#" key="a \"b\"\n" "#), "{text}");
    assert!(text.lines().last().unwrap().contains(" kind=stop level=info "));
}

#[tokio::test]
async fn a_log_format_has_lines_for_requests_only() {
    let format = LogFormat::parse("flickr").unwrap();
    let (text, report) = written(Form::LogFormat(format.clone())).await;
    assert_eq!((report.made, report.written, report.dropped), (COUNT as u64, COUNT as u64, 0));
    assert_eq!(text.lines().count(), COUNT);
    for line in text.lines() {
        assert!(line.starts_with("www394 - 5555 "), "{line}");
        let fields = format.read(line.as_bytes()).unwrap();
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "host",
                "user_id",
                "duration_us",
                "ts",
                "method",
                "path",
                "query",
                "http_version",
                "status",
                "bytes_out"
            ]
        );
    }
}

/// A sink that waits before it takes anything, so that the queue fills up.
struct Held {
    gate: Receiver<()>,
    open: bool,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open = self.open || self.gate.recv().is_ok();
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log whose queue was full for a while.
async fn overflown(form: Form) -> (String, Report) {
    let (gate, waits) = channel();
    let taken = Arc::new(Mutex::default());
    let sink = Sink::writer(Held { gate: waits, open: false, taken: Arc::clone(&taken) });
    let log = AccessLog::new("photos").form(form).queue_bytes(64 * 1024).sink(sink).build().unwrap();
    let service = log.layer().layer(service_fn(infallible));
    for _ in 0..1000 {
        let mut request = request("GET", "/empty");
        request.headers_mut().insert("user-agent", "a".repeat(300).parse().unwrap());
        service.clone().oneshot(request).await.unwrap();
    }
    gate.send(()).unwrap();
    let report = log.shutdown(PATIENCE).await;
    let text = String::from_utf8(taken.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap();
    (text, report)
}

#[tokio::test]
async fn a_loss_is_told_in_every_form_that_can() {
    for form in [Form::Json, Form::OpenTelemetry, Form::Ecs, Form::Logfmt] {
        let (text, report) = overflown(form.clone()).await;
        if form == Form::Json {
            crate::schema::assert_lines(&text);
        }
        assert!(report.dropped > 0 && report.made == report.written + report.dropped, "{report:?}");
        assert_eq!(text.lines().count() as u64, report.written);
        let losses: Vec<_> = text.lines().filter(|line| line.contains("queue_full")).collect();
        assert_eq!(losses.len(), 1, "{form:?}");
        match form {
            Form::Logfmt => assert!(losses[0].contains(&format!(" lost={} ", report.dropped))),
            _ => assert_eq!(objects(losses[0])[0]["lost"], report.dropped),
        }
        let lines = if form == Form::Logfmt { Vec::new() } else { objects(&text) };
        assert!(lines.iter().all(|line| line["seq"].is_u64()));
    }
    let format = LogFormat::parse("combined").unwrap();
    let (text, report) = overflown(Form::LogFormat(format.clone())).await;
    assert!(report.dropped > 0 && report.made == report.written + report.dropped, "{report:?}");
    assert_eq!((report.made, text.lines().count() as u64), (1000, report.written));
    assert!(text.lines().all(|line| format.read(line.as_bytes()).is_some()));
}

/// A capture reads records back from our JSON only, and says so.
#[tokio::test]
async fn a_capture_of_another_form_has_its_text() {
    for form in
        [Form::OpenTelemetry, Form::Ecs, Form::Logfmt, Form::LogFormat(LogFormat::named("common").unwrap())]
    {
        let capture = Capture::of_another_form();
        let log = AccessLog::new("photos").form(form.clone()).sink(capture.sink()).build().unwrap();
        log.layer().layer(service_fn(infallible)).oneshot(request("GET", "/empty")).await.unwrap();
        log.shutdown(PATIENCE).await;
        assert!(!capture.text().is_empty());
        let said = crate::support::caught(|| capture.records()).unwrap_err();
        let said = said.downcast_ref::<String>().unwrap();
        assert!(said.starts_with("no record of Form::Json ("), "{form:?}: {said}");
        assert!(said.contains("look at Capture::text"), "{form:?}: {said}");
    }
}

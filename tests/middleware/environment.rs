//! Settings of the environment go before those of the code, and what is wrong with them is said.

use crate::lines::Capture;
use crate::support::{PATIENCE, answer, request};
use std::path::Path;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_access_log::{AccessLog, Builder, Kind, PeerAddr};
use tracing::{debug, info};
use tracing_subscriber::layer::SubscriberExt as _;

fn with(log: Builder, variables: &[(&str, &str)]) -> Builder {
    log.variables(variables.iter().copied()).unwrap()
}

#[tokio::test]
async fn the_environment_goes_before_the_code() {
    let capture = Capture::default();
    let log = AccessLog::new("code").release("code").trusted_proxies(["192.0.2.1"]).sink(capture.sink());
    let log = with(
        log,
        &[
            ("PATH", "/usr/bin"),
            ("ACCESS_LOG_SERVICE", "photos"),
            ("ACCESS_LOG_HOST", "www394"),
            ("ACCESS_LOG_RELEASE", ""),
            ("ACCESS_LOG_LEVEL", "info,other=debug"),
            ("ACCESS_LOG_SAMPLE", "skip=/empty"),
            ("ACCESS_LOG_START_RECORDS", "true"),
            ("ACCESS_LOG_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1"),
            ("ACCESS_LOG_FORWARDED_BY", "forwarded"),
            ("ACCESS_LOG_WHEN_FULL", "block=50ms"),
            ("ACCESS_LOG_QUEUE_BYTES", "1MiB"),
            ("ACCESS_LOG_LINE_BYTES_MAX", "8192"),
            ("ACCESS_LOG_REDACT_PATH", "token"),
            ("ACCESS_LOG_KEYS", "not read here"),
        ],
    );
    let log = log.build().unwrap();
    assert_eq!(log.handle().sampling().to_string(), "skip=/empty");
    let subscriber = tracing_subscriber::registry().with(log.events());
    tracing::subscriber::with_default(subscriber, || {
        debug!("too fine");
        debug!(target: "other", "fine");
        info!("good");
    });
    let service = log.layer().layer(service_fn(answer));
    service.clone().oneshot(request("GET", "/empty")).await.unwrap();
    let mut forwarded = request("GET", "/204");
    forwarded.extensions_mut().insert(PeerAddr("10.1.2.3:1".parse().unwrap()));
    forwarded.headers_mut().insert("forwarded", "for=203.0.113.9".parse().unwrap());
    service.oneshot(forwarded).await.unwrap();
    log.shutdown(PATIENCE).await;

    let records = capture.records();
    let kinds: Vec<_> = records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Event, Kind::Event, Kind::Start, Kind::Access, Kind::Stop]);
    let said: Vec<_> = records.iter().filter_map(|record| record.message.as_deref()).collect();
    assert_eq!(said, ["fine", "good"]);
    let access = &records[3];
    let who = (access.service.as_deref(), access.host.as_deref(), access.release.as_deref());
    assert_eq!(who, (Some("photos"), Some("www394"), Some("code")));
    assert_eq!(access.client_ip, "203.0.113.9".parse().ok());
    assert_eq!(access.path.as_deref(), Some("/***"));
}

#[tokio::test]
async fn a_file_and_a_form() {
    let dir = crate::writer::directory("environment");
    let path = dir.join("photos.log");
    let log = AccessLog::new("photos").sink(Capture::default().sink());
    let log = with(log, &[("ACCESS_LOG_PATH", path.to_str().unwrap()), ("ACCESS_LOG_FORM", "%m %U %>s")]);
    let log = log.build().unwrap();
    log.layer().layer(service_fn(answer)).oneshot(request("GET", "/204")).await.unwrap();
    log.shutdown(PATIENCE).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "GET /204 204\n");
    for (form, start) in [
        ("json", "{\"v\":1,"),
        ("otel", "{"),
        ("ecs", "{"),
        ("logfmt", "v=1 "),
        ("common", "- - - ["),
        ("combined", "- - - ["),
        ("flickr", ""),
    ] {
        let capture = Capture::of_another_form();
        let log = with(AccessLog::new("photos").sink(capture.sink()), &[("ACCESS_LOG_FORM", form)]);
        let log = log.build().unwrap();
        log.layer().layer(service_fn(answer)).oneshot(request("GET", "/204")).await.unwrap();
        log.shutdown(PATIENCE).await;
        let text = capture.text();
        assert!(text.starts_with(start) && !text.is_empty(), "{form}: {text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let rows = [
        ("SAMPEL", "planted", "there is no such setting; the nearest is ACCESS_LOG_SAMPLE"),
        ("KEY", "planted", "there is no such setting; the nearest is ACCESS_LOG_KEYS"),
        ("", "planted", "there is no such setting; the nearest is ACCESS_LOG_HOST"),
        ("level", "planted", "there is no such setting; the nearest is ACCESS_LOG_HOST"),
        (
            "LEVEL",
            "loud",
            "\"loud\" is no level; expected error, warn, info, debug, trace or off, and others for targets, \
             such as info,h2=off",
        ),
        (
            "LEVEL",
            "info,h2=2",
            "\"h2=2\" is no level; expected error, warn, info, debug, trace or off, and others for targets, \
             such as info,h2=off",
        ),
        (
            "SAMPLE",
            "errors,1:10",
            "\"1:10\" is no rule; expected errors, level=warn, slower=500ms, user=ID, flag=NAME, keep=/route, \
             skip=/route, 1/100=/route, 1/10 or skip",
        ),
        (
            "FORM",
            "xml",
            "\"xml\" is no form; expected json, otel, ecs, logfmt, common, combined, flickr, or a log format \
             such as \"%h %t \\\"%r\\\" %>s %B\"",
        ),
        (
            "PATH",
            "/no/such/directory/photos.log",
            "cannot open the file: access log /no/such/directory/photos.log: No such file or directory (os error 2)",
        ),
        ("WHEN_FULL", "block", "\"block\" is no policy; expected drop, fail, or block=50ms"),
        ("WHEN_FULL", "block=50", "\"block=50\" is no policy; expected drop, fail, or block=50ms"),
        ("QUEUE_BYTES", "8MB", "\"8MB\" is no number of bytes; expected one like 8388608, 512KiB or 8MiB"),
        (
            "LINE_BYTES_MAX",
            "99999999999999999MiB",
            "\"99999999999999999MiB\" is no number of bytes; expected one like 8388608, 512KiB or 8MiB",
        ),
        ("START_RECORDS", "yes", "\"yes\" is neither true nor false"),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "\"proxy\" is neither an address nor a block such as 10.0.0.0/8",
        ),
        ("FORWARDED_BY", "via", "\"via\" is no such header; expected x-forwarded-for or forwarded"),
    ];
    for (name, value, what) in rows {
        let variable = format!("ACCESS_LOG_{name}");
        let error = AccessLog::new("photos").variables([(variable.as_str(), value)]).unwrap_err();
        assert_eq!(error.to_string(), format!("access log: ${variable}: {what}"));
        assert_eq!(error.variable(), variable);
        assert!(!format!("{error:?}").contains("planted"));
    }
    let error = AccessLog::new("photos").variables([("ACCESS_LOG_FORM", "%h %{")]).unwrap_err().to_string();
    assert!(error.starts_with("access log: $ACCESS_LOG_FORM: \"%h %{\": log format, byte "), "{error}");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_said() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    let value = OsString::from_vec(b"\xff".to_vec());
    let error = AccessLog::new("photos").variables([("ACCESS_LOG_HOST", value.clone())]).unwrap_err();
    assert_eq!(error.to_string(), "access log: $ACCESS_LOG_HOST: the value is not UTF-8");
    // Nobody reads this one here, and variables of others are theirs.
    for name in ["ACCESS_LOG_KEYS", "ACCESS_LOGS", "OTHER"] {
        assert!(AccessLog::new("photos").variables([(name, value.clone())]).is_ok());
    }
}

/// Every variable of the page is read, and every one that is read is on the page.
#[test]
fn the_page_tells_of_every_variable() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let names = regex::Regex::new("`(ACCESS_LOG_[A-Z_]+)`").unwrap();
    let mut told: Vec<&str> =
        names.captures_iter(&page).map(|found| found.get(1).unwrap().as_str()).collect();
    told.retain(|name| *name != "ACCESS_LOG_");
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 15, "{told:?}");
    for name in told {
        assert!(AccessLog::new("photos").variables([(name, "")]).is_ok(), "{name}");
    }
}

/// What the first test sets without looking at what it does: sizes, and what a full queue does.
#[tokio::test]
async fn sizes_and_policies_are_those_that_were_said() {
    for (name, value, expected) in [
        ("ACCESS_LOG_QUEUE_BYTES", "63KiB", "a queue of 64512 bytes is too small"),
        ("ACCESS_LOG_LINE_BYTES_MAX", "4095", "lines of 4095 bytes are too short"),
        (
            "ACCESS_LOG_LINE_BYTES_MAX",
            "5MiB",
            "lines of up to 5242880 bytes are too long for a queue of 8388608",
        ),
    ] {
        let log = with(AccessLog::new("photos").sink(Capture::default().sink()), &[(name, value)]);
        let error = log.build().unwrap_err().to_string();
        assert!(error.starts_with(&format!("access log: {expected}")), "{error}");
    }
    for (policy, status) in [("fail", 503), ("drop", 204), ("block=1us", 204)] {
        let log = AccessLog::new("photos").sink(Capture::default().sink());
        let log = with(log, &[("ACCESS_LOG_WHEN_FULL", policy)]).build().unwrap();
        let service = log.layer().layer(service_fn(answer));
        log.shutdown(PATIENCE).await;
        assert_eq!(service.oneshot(request("GET", "/204")).await.unwrap().status(), status, "{policy}");
    }
}

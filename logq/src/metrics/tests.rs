//! Counting once, and the forms.

use super::*;

fn state() -> State {
    let mut state = State::new(vec!["service".to_owned(), "a.b".to_owned()], "x=1".to_owned());
    state.lost = 3;
    for seq in [1, 2, 3, 7] {
        assert!(state.admit("aa", seq));
    }
    let labels = state.labels(&["pho\"t\\o\ns", ""]);
    let series = state.series.get_mut(&labels).unwrap();
    (series.requests, series.errors, series.bytes_out) = (5, 1, 1000);
    series.duration(1_000, 1);
    series.duration(1_001, 2);
    series.duration(u64::MAX, 1);
    state
}

#[test]
fn a_state_is_read_as_it_was_written() {
    let text = state().text();
    let mut read = State::parse(&text).unwrap();
    assert_eq!(read.text().len(), text.len());
    assert_eq!(read.asked, state().asked);
    assert!(!read.admit("aa", 2) && !read.admit("aa", 7), "counted before");
    assert!(read.admit("aa", 4) && read.admit("bb", 2), "new");
    for broken in
        ["", "{}", "[]", "{\"logq_metrics\":2}", &text[..text.len() / 2], &text.replace("[1,3]", "[3,1]")]
    {
        assert!(State::parse(broken).is_none(), "{broken}");
    }
}

#[test]
fn what_is_gone_is_forgotten_at_last() {
    let mut state = State::default();
    for id in 0..1500 {
        state.admit(&format!("{id:016x}"), 1);
    }
    let mut next = State::parse(&state.text()).unwrap();
    next.admit("ff", 1);
    let kept = next.text().matches("[[1,1]]").count();
    assert_eq!(kept, 1001);
}

#[test]
fn too_many_series_become_one() {
    let mut state = State::default();
    for n in 0..SERIES_MAX + 10 {
        let labels = state.labels(&[&n.to_string()]);
        state.series.get_mut(&labels).unwrap().requests += 1;
    }
    assert_eq!(state.series.len(), SERIES_MAX + 1);
    assert_eq!(state.series[&["other".to_owned()][..]].requests, 10);
}

fn page(form: Form) -> String {
    let state = state();
    let page = Page {
        prefix: "app",
        by: &state.asked.0,
        series: &state.series,
        lost: state.lost,
        now_seconds: 1_795_000_000,
    };
    page.text(form)
}

#[test]
fn prometheus_text_is_escaped_and_cumulative() {
    let text = page(Form::Prometheus);
    for line in [
        "# TYPE app_requests_total counter",
        r#"app_requests_total{service="pho\"t\\o\ns",a_b=""} 5"#,
        r#"app_duration_seconds_bucket{service="pho\"t\\o\ns",a_b="",le="0.001"} 1"#,
        r#"app_duration_seconds_bucket{service="pho\"t\\o\ns",a_b="",le="0.0025"} 3"#,
        r#"app_duration_seconds_bucket{service="pho\"t\\o\ns",a_b="",le="+Inf"} 4"#,
        r#"app_duration_seconds_count{service="pho\"t\\o\ns",a_b=""} 4"#,
        r#"app_duration_recent_seconds{service="pho\"t\\o\ns",a_b="",quantile="0.5"} 0.001001"#,
        "app_lost_records_total 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nin\n{text}");
    }
    assert!(text.ends_with('\n'));
}

#[test]
fn flat_names_have_no_blanks_and_no_dots_of_others() {
    let graphite = page(Form::Graphite);
    assert!(graphite.starts_with("app.pho_t_o_s.none.requests 5 1795000000\n"), "{graphite}");
    let gmetric = page(Form::Gmetric);
    assert!(gmetric.starts_with("app_pho_t_o_s_none_requests=5\n"), "{gmetric}");
    assert!(gmetric.ends_with("app_lost_records=3\n"), "{gmetric}");
    assert!(graphite.lines().all(|line| line.split(' ').count() == 3), "{graphite}");
}

#[test]
fn labels_are_told_apart() {
    let names =
        |by: &[&str]| label_taken_twice(&by.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(names(&["service", "route"]), None);
    assert_eq!(names(&["a.b", "a-b"]).as_deref(), Some("a_b"));
    assert_eq!(names(&["le"]).as_deref(), Some("le"));
}

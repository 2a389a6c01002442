//! What is asked, and how fast the answer is wished for.

use crate::data::Data;
use std::path::Path;

/// A question.
pub(crate) struct Case<'d> {
    pub(crate) title: &'static str,
    pub(crate) args: Vec<String>,
    pub(crate) file: &'d Path,
    pub(crate) measure: Measure,
    /// The most, or of packed files the least, that is wished for.
    pub(crate) goal: f64,
    /// Whether what is printed goes to `/dev/null`: it is as much as the file.
    pub(crate) is_discarded: bool,
}

/// What its time is divided by, or into.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// rg's, over the JSON file.
    Rg,
    /// Unpacking the file alone takes so much of logq's time.
    Unpacking,
}

pub(crate) fn cases(data: &Data) -> Vec<Case<'_>> {
    let case = |title, args: &[&str], file, goal| Case {
        title,
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        file,
        measure: Measure::Rg,
        goal,
        is_discarded: false,
    };
    let printed = |title, args: &[&str], goal| Case {
        is_discarded: true,
        ..case(title, args, data.json.as_path(), goal)
    };
    let packed =
        |title, args: &[&str], file| Case { measure: Measure::Unpacking, ..case(title, args, file, 0.9) };
    let needle = format!("request_id={}", data.request_id);
    let (needle, json) = (needle.as_str(), data.json.as_path());
    let (since, until) =
        (format!("--since={}:00Z", data.minute), format!("--until={}:59.999999Z", data.minute));
    vec![
        case("one request", &["-c", needle], json, 1.0),
        case("errors of a user", &["-c", "status>=500 user_id=5555"], json, 1.2),
        case("errors", &["-c", "status>=500"], json, 2.0),
        case("slow requests", &["-c", "duration>250ms"], json, 2.0),
        case("most lines", &["-c", "status=200"], json, 2.0),
        case("one minute", &["-c", "*", &since, &until], json, 0.1),
        case("every line", &["-c", "*"], json, 1.0),
        case("times by route", &["* | stats count(), p50(duration), p99(duration) by route"], json, 2.0),
        case("top api keys", &["* | top 10 api_key"], json, 2.0),
        case("a chart of classes", &["* | timechart 1m count() by status_class"], json, 2.0),
        case("the first match", &["* | head 1"], json, 0.1),
        printed("every line to read", &["-o", "pretty", "*"], 10.0),
        printed("every line to read, coloured", &["-o", "pretty", "--color", "always", "*"], 10.0),
        case("what sets errors apart", &["why", "level=error"], json, 4.0),
        case("shuffled, one request", &["-c", needle], &data.shuffled, 6.0),
        case("shuffled, errors", &["-c", "status>=500"], &data.shuffled, 6.0),
        case("shuffled, slow requests", &["-c", "duration>250ms"], &data.shuffled, 6.0),
        case("logfmt, errors", &["-c", "status>=500"], &data.logfmt, 3.0),
        case("combined, errors", &["-c", "status>=500"], &data.combined, 3.0),
        packed("gz, one request", &["-c", needle], &data.gz),
        packed("zst, one request", &["-c", needle], &data.zst),
        packed("zst in frames, one request", &["-c", needle], &data.zst_frames),
    ]
}

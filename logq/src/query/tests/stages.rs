//! What stages make of the columns, what they refuse, and how that looks.

use super::parsed;
use crate::field::Ty;
use access_record::field::Type;

/// Queries and the columns that come out of them, with their types.
const COLUMNS: &[(&str, &[(&str, Ty)])] = &[
    ("* | stats count()", &[("count", NUMBER)]),
    ("* | stats Count() BY route", &[("route", TEXT), ("count", NUMBER)]),
    (
        "* | stats count(), p99(duration), p99.9(duration_ms), avg(bytes) by user, status_class",
        &[
            ("user_id", Ty::Contract(Type::Id)),
            ("status_class", TEXT),
            ("count", NUMBER),
            ("p99_duration_us", DURATION),
            ("p99.9_duration_us", DURATION),
            ("avg_bytes_out", Ty::Contract(Type::SizeBytes)),
        ],
    ),
    (
        "* | stats max(duration) as worst, count(error) as `no. of errors`",
        &[("worst", DURATION), ("no. of errors", NUMBER)],
    ),
    (
        "* | stats count_distinct(user_id), rate(), rate(bytes_out)",
        &[
            ("count_distinct_user_id", NUMBER),
            ("rate", NUMBER),
            ("rate_bytes_out", Ty::Contract(Type::SizeBytes)),
        ],
    ),
    (
        "* | stats first(path), last(db_ms), min(ts) by bucket(ts, 5m)",
        &[("ts", TIME), ("first_path", TEXT), ("last_db_ms", Ty::Free), ("min_ts", TIME)],
    ),
    ("* | timechart 1m", &[("ts", TIME), ("count", NUMBER)]),
    ("* | timechart 1m by status_class", &[("ts", TIME), ("status_class", TEXT), ("count", NUMBER)]),
    (
        "* | timechart 1h p50(duration) by route",
        &[("ts", TIME), ("route", TEXT), ("p50_duration_us", DURATION)],
    ),
    ("* | top path, method", &[("path", TEXT), ("method", TEXT), ("count", NUMBER)]),
    ("* | rare 3 status", &[("status", NUMBER), ("count", NUMBER)]),
    (
        "* | keep duration, user, url.path, album",
        &[
            ("duration_us", DURATION),
            ("user_id", Ty::Contract(Type::Id)),
            ("path", TEXT),
            ("album", Ty::Free),
        ],
    ),
    ("* | keep user, user_id", &[("user_id", Ty::Contract(Type::Id))]),
    ("* | stats count() by route | where count>5 | sort -count | keep route", &[("route", TEXT)]),
    ("* | stats p99(duration) as slow by route | where slow>250ms | stats count()", &[("count", NUMBER)]),
    ("* | stats count() by level | where level>=warn", &[("level", TEXT), ("count", NUMBER)]),
    // A column is found by any name of its field.
    ("* | stats count() by user_id | dedup user | sort client.user", &[]),
];

const NUMBER: Ty = Ty::Contract(Type::Integer);
const TEXT: Ty = Ty::Contract(Type::Text);
const TIME: Ty = Ty::Contract(Type::Time);
const DURATION: Ty = Ty::Contract(Type::DurationMicros);

#[test]
fn columns_have_names_and_types() {
    for (query, expected) in &COLUMNS[..COLUMNS.len() - 1] {
        let query = parsed(query).unwrap_or_else(|error| panic!("{error}"));
        let columns = query.rows.columns().unwrap().iter().map(|column| (column.name.as_str(), column.ty));
        assert_eq!(columns.collect::<Vec<_>>(), *expected, "{query:?}");
    }
    assert!(parsed("* | stats count() by user_id | dedup user | sort user.id").is_ok());
    for query in ["* | sort -ts | tail 3 | dedup user_id | where a", "*", "* | head 3"] {
        assert!(parsed(query).unwrap().rows.columns().is_none(), "{query}");
    }
}

#[test]
fn errors_point_at_the_place() {
    let pinned = include_str!("stages.txt");
    let mut shown = String::new();
    for query in pinned.lines().filter_map(|line| line.strip_prefix("# ")) {
        let error = parsed(query).map_or_else(|error| error.to_string(), |_| "(no error)".to_owned());
        shown.extend(["# ", query, "\n", &error, "\n\n"]);
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/query/tests/stages.txt");
        std::fs::write(path, &shown).unwrap();
        return;
    }
    assert!(pinned.matches("\n# ").count() > 50);
    assert_eq!(shown, pinned);
}

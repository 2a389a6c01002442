//! Hops without ids: each row is a log and the outline of what is guessed.

use crate::trace::testing::{hop, outline, trace};
use crate::trace::{Gap, Item};

type Case = (&'static str, Vec<String>, &'static str, usize);

fn gateway() -> String {
    hop("access", "gateway", "", (0, 300), "")
}

fn photos() -> String {
    hop("access", "photos", "", (50, 250), "")
}

#[test]
fn what_has_no_ids_stands_where_its_time_fits() {
    let rows: Vec<Case> = vec![
        ("inside", vec![gateway(), photos()], "gateway .photos", 1),
        ("in any order", vec![photos(), gateway()], "gateway .photos", 1),
        (
            "the innermost",
            vec![gateway(), photos(), hop("access", "search", "", (60, 240), "")],
            "gateway .photos ..search",
            2,
        ),
        (
            "of those that ended too early none",
            vec![
                gateway(),
                hop("access", "photos", "", (50, 100), ""),
                hop("access", "search", "", (60, 240), ""),
            ],
            "gateway .photos .search",
            2,
        ),
        ("behind", vec![gateway(), hop("access", "photos", "", (301, 400), "")], "gateway photos", 0),
        ("over the edge", vec![gateway(), hop("access", "photos", "", (250, 301), "")], "gateway photos", 0),
        (
            "at the same time nobody is first",
            vec![gateway(), hop("access", "photos", "", (0, 300), "")],
            "gateway photos",
            0,
        ),
    ];
    check(rows);
}

#[test]
fn what_cannot_be_stands_alone() {
    let rows: Vec<Case> = vec![
        (
            "no service calls itself",
            vec![gateway(), hop("access", "gateway", "", (50, 250), "")],
            "gateway gateway",
            0,
        ),
        (
            "a call is its service's",
            vec![gateway(), photos(), hop("call", "gateway", "", (100, 120), "")],
            "gateway .photos .>gateway",
            2,
        ),
        (
            "a call has one callee",
            vec![
                gateway(),
                hop("call", "gateway", "", (10, 290), r#","status":504"#),
                photos(),
                hop("access", "search", "", (20, 280), ""),
            ],
            "gateway .>gateway ..search ...photos",
            3,
        ),
        (
            "whoever has a parent id is where that says",
            vec![gateway(), hop("access", "photos", "b1<x", (50, 250), "")],
            "gateway photos",
            0,
        ),
        (
            "nothing becomes its own ancestor",
            vec![hop("access", "a", "a1", (50, 100), ""), hop("access", "b", "b1<a1", (0, 200), "")],
            "a .b",
            0,
        ),
        (
            "an event of a service that has no request id there",
            vec![
                gateway(),
                photos(),
                hop("event", "photos", "", (0, 100), r#","message":"x""#).replace("r1", ""),
            ],
            "gateway .photos ..!photos",
            2,
        ),
    ];
    check(rows);
}

fn check(rows: Vec<Case>) {
    for (name, lines, expected, guessed) in rows {
        let trace = trace(&lines);
        assert_eq!(outline(&trace), expected, "{name}");
        let told = trace.gaps.iter().find_map(|gap| match gap {
            Gap::Guessed { items } => Some(*items),
            _ => None,
        });
        assert_eq!(told.unwrap_or(0), guessed, "{name}");
    }
}

#[test]
fn many_that_overlap_find_their_place_without_looking_at_each_other() {
    let mut lines = vec![hop("access", "gateway", "", (0, 100_000), "")];
    // Each lies in the gateway's time only; none holds the next one.
    lines.extend((0..5_000).map(|n| hop("access", &format!("s{n}"), "", (n + 1, n + 50), "")));
    let trace = trace(&lines);
    assert_eq!(trace.roots, [Item::Span(0)]);
    assert_eq!(trace.spans[0].items.len(), 5_000);
}

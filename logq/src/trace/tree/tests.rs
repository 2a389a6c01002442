//! Trees out of lines: each row is a log and the outline of what happened.

use super::*;
use crate::trace::model::DEPTH_MAX;
use crate::trace::testing::{outline, trace};

const GATEWAY: &str = r#"{"kind":"access","ts":"2026-11-21T04:00:00.300Z","service":"gateway","span_id":"a1","status":500,"outcome":"ok","duration_us":300000}"#;
const CALL: &str = r#"{"kind":"call","ts":"2026-11-21T04:00:00.295Z","service":"gateway","span_id":"c1","parent_id":"a1","status":500,"outcome":"ok","duration_us":290000}"#;
const PHOTOS: &str = r#"{"kind":"access","ts":"2026-11-21T04:00:00.294Z","service":"photos","span_id":"b1","parent_id":"c1","status":500,"outcome":"ok","duration_us":288000}"#;
const EVENT: &str = r#"{"kind":"event","ts":"2026-11-21T04:00:00.100Z","message":"miss","span_id":"b1"}"#;

#[test]
fn ids_make_the_tree_in_any_order_of_lines() {
    for lines in
        [[GATEWAY, CALL, PHOTOS, EVENT], [EVENT, PHOTOS, CALL, GATEWAY], [PHOTOS, GATEWAY, EVENT, CALL]]
    {
        let trace = trace(&lines);
        assert_eq!(outline(&trace), "gateway .photos ..!miss");
        assert_eq!(trace.end_us - trace.start_us, 300_000);
        assert_eq!(trace.gaps, []);
    }
}

#[test]
fn a_call_is_shown_unless_its_callee_tells_the_same() {
    let differs = |from: &str, to: &str| CALL.replace(from, to);
    let rows = [
        ("same", CALL.to_owned(), "gateway .photos"),
        ("other status", differs("500", "504"), "gateway .>gateway ..photos"),
        ("no status", differs(r#""status":500,"#, ""), "gateway .>gateway ..photos"),
        ("other outcome", differs("ok", "cancelled"), "gateway .>gateway ..photos"),
        ("a little longer", differs("290000", "297000"), "gateway .photos"),
        ("much longer", differs("290000", "350000"), "gateway .>gateway ..photos"),
    ];
    for (name, call, expected) in rows {
        let shown = outline(&trace(&[GATEWAY, &call, PHOTOS]));
        assert_eq!(shown, expected, "{name}");
    }
    assert_eq!(outline(&trace(&[GATEWAY, CALL])), "gateway .>gateway");
    let retried = PHOTOS.replace("b1", "b2");
    assert_eq!(outline(&trace(&[GATEWAY, CALL, PHOTOS, &retried])), "gateway .>gateway ..photos ..photos");
}

#[test]
fn what_is_missing_is_said() {
    let alone = trace(&[PHOTOS]);
    assert_eq!(outline(&alone), "photos");
    assert_eq!(alone.gaps, [Gap::Parent { id: "c1".to_owned(), span: 0 }]);

    let started = r#"{"kind":"start","ts":"2026-11-21T04:00:00.01Z","service":"photos","span_id":"b1","parent_id":"a1"}"#;
    let crashed = trace(&[GATEWAY, started, EVENT]);
    assert_eq!(outline(&crashed), "gateway .photos ..!miss");
    assert_eq!(crashed.gaps, [Gap::End { span: 1 }]);
    assert_eq!(trace(&[GATEWAY, started, PHOTOS, CALL]).gaps, []);

    // Of the same clock, or that would be what is wrong.
    let at = |ts: &str| PHOTOS.replace("photos", "gateway").replace("2026-11-21T04:00:00", ts);
    assert_eq!(trace(&[GATEWAY, CALL, &at("2026-11-21T04:00:00")]).gaps, []);
    let before = trace(&[GATEWAY, CALL, &at("2023-11-21T04:00:00")]);
    let [Gap::Early { span: 2, by_us }] = before.gaps[..] else { panic!("{:?}", before.gaps) };
    assert_eq!(by_us / 86_400_000_000, 1095);

    let ownerless = trace(&[GATEWAY, EVENT, EVENT]);
    assert_eq!(outline(&ownerless), "gateway !miss !miss");
    assert_eq!(ownerless.gaps, [Gap::Owner { id: "b1".to_owned() }]);

    let loss = |ts: &str| {
        format!(r#"{{"kind":"loss","ts":"{ts}","service":"photos","lost":12,"reason":"queue_full"}}"#)
    };
    let with_loss = trace(&[GATEWAY, &loss("2026-11-21T04:00:00.5Z"), &loss("2026-11-21T05:00:00Z")]);
    assert!(matches!(&with_loss.gaps[..], [Gap::Lost { lost, .. }] if lost == "12"), "{:?}", with_loss.gaps);
}

#[test]
fn hostile_ids_end_in_a_tree_all_the_same() {
    let hop = |span: &str, parent: &str| {
        format!(r#"{{"kind":"access","service":"{span}","span_id":"{span}","parent_id":"{parent}"}}"#)
    };
    let its_own = trace(&[&hop("a", "a")]);
    assert_eq!(outline(&its_own), "a");
    assert_eq!(its_own.gaps, [Gap::Loop { span: 0 }]);
    let pair = trace(&[&hop("a", "b"), &hop("b", "a")]);
    assert_eq!(pair.walk().count(), 2);
    assert_eq!(pair.gaps, [Gap::Loop { span: 1 }]);
    let repeated = trace(&[&hop("a", "x"), &hop("a", "a"), &hop("b", "a")]);
    assert_eq!(repeated.walk().count(), 3, "{}", outline(&repeated));

    let chain: Vec<String> =
        (0..20_000).map(|n| hop(&format!("s{n}"), &format!("s{}", (n + 1) % 20_000))).collect();
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    let looped = trace(&chain);
    assert_eq!(looped.walk().count(), 20_000);
    let [Gap::Loop { .. }, Gap::Deep { hops }] = looped.gaps[..] else { panic!("{:?}", looped.gaps) };
    assert_eq!(hops, 20_000 - DEPTH_MAX - 1);
}

#[test]
fn a_copy_of_a_record_is_no_second_one() {
    let numbered = GATEWAY.replace("{\"kind\"", "{\"instance\":\"i\",\"seq\":1,\"kind\"");
    assert_eq!(outline(&trace(&[&numbered, &numbered])), "gateway");
    assert_eq!(outline(&trace(&[GATEWAY, GATEWAY])), "gateway gateway");
}

#[test]
fn shared_ids_are_paired_by_kind() {
    let call = r#"{"kind":"call","service":"gateway","span_id":"s","parent_id":"a1","status":200}"#;
    let callee = r#"{"kind":"access","service":"photos","span_id":"s","parent_id":"a1","status":200}"#;
    let events = r#"{"kind":"event","message":"miss","span_id":"s"}"#;
    assert_eq!(outline(&trace(&[GATEWAY, call, callee, events])), "gateway .photos ..!miss");
}

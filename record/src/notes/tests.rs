use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const LIMITS: NoteLimits = NoteLimits { count_max: 3, value_bytes_max: 4, total_bytes_max: 20 };

#[test]
fn names() {
    let long = "a".repeat(64);
    for name in ["a", "album", "db_queries", "k8s", long.as_str()] {
        assert!(is_note_name(name), "{name}");
    }
    let too_long = "a".repeat(65);
    for name in ["", "A", "1a", "_a", "a-b", "a.b", "a b", "é", "a\"", too_long.as_str()] {
        assert!(!is_note_name(name), "{name}");
    }
    assert!(is_flag_name("New-Search.v2"));
    assert!(!is_flag_name("a=b"));
    assert!(!is_flag_name(""));
}

#[test]
fn the_last_value_wins_at_the_first_place() {
    let mut notes = NoteSet::default();
    for (name, value) in [("a", "one"), ("b", "two"), ("a", "six!"), ("b", "2"), ("a", "")] {
        assert_eq!(notes.set(name, Scalar::Text(value), &LIMITS), Kept::Whole);
    }
    let all: Vec<_> = notes.iter().collect();
    assert_eq!(all, [("a", Scalar::Text("")), ("b", Scalar::Text("2"))]);
    assert_eq!(notes.set("a", Scalar::Bool(true), &LIMITS), Kept::Whole);
    assert_eq!(notes.get("a"), Some(Scalar::Bool(true)));
}

#[test]
fn limits_cut_and_refuse() {
    let mut notes = NoteSet::default();
    assert_eq!(notes.set("a", Scalar::Text("12345"), &LIMITS), Kept::Cut);
    assert_eq!(notes.get("a"), Some(Scalar::Text("1234")));
    assert_eq!(notes.set("b", Scalar::Text("ééé"), &LIMITS), Kept::Cut);
    assert_eq!(notes.get("b"), Some(Scalar::Text("éé")));
    assert_eq!(notes.set("long_name_1", Scalar::Bool(true), &LIMITS), Kept::Refused, "21 bytes in all");
    assert_eq!(notes.set("c", Scalar::Bool(true), &LIMITS), Kept::Whole);
    assert_eq!(notes.set("d", Scalar::Bool(true), &LIMITS), Kept::Refused, "a fourth name");
    assert_eq!(notes.set("c", Scalar::Bool(false), &LIMITS), Kept::Whole, "a known name needs no place");
}

#[test]
fn sums() {
    let rows = [
        (Scalar::U64(1), Scalar::U64(2), Scalar::U64(3)),
        (Scalar::U64(1), Scalar::I64(-3), Scalar::I64(-2)),
        (Scalar::U64(u64::MAX), Scalar::U64(1), Scalar::U64(u64::MAX)),
        (Scalar::I64(i64::MIN), Scalar::I64(-1), Scalar::I64(i64::MIN)),
        (Scalar::U64(1), Scalar::F64(0.5), Scalar::F64(1.5)),
        (Scalar::Text("x"), Scalar::U64(2), Scalar::U64(2)),
        (Scalar::Bool(true), Scalar::U64(2), Scalar::U64(3)),
    ];
    for (before, amount, sum) in rows {
        let mut notes = NoteSet::default();
        assert_eq!(notes.set("n", before, &LIMITS), Kept::Whole);
        assert_eq!(notes.add("n", amount, &LIMITS), Kept::Whole);
        assert_eq!(notes.get("n"), Some(sum));
    }
    let mut notes = NoteSet::default();
    assert_eq!(notes.add("n", Scalar::U64(2), &LIMITS), Kept::Whole);
    assert_eq!(notes.get("n"), Some(Scalar::U64(2)));
}

proptest! {
    /// Whatever is set in whatever order, the set is a map bounded by its limits.
    #[test]
    fn behaves_like_a_bounded_map(sets in proptest::collection::vec(("[a-e]{1,3}", "\\PC{0,6}"), 0..40)) {
        let mut notes = NoteSet::default();
        let mut model = BTreeMap::new();
        for (name, text) in &sets {
            if notes.set(name, Scalar::Text(text), &LIMITS) != Kept::Refused {
                model.insert(name.as_str(), cut(text, LIMITS.value_bytes_max));
            }
        }
        let found: BTreeMap<_, _> = notes.iter().collect();
        prop_assert_eq!(found.len(), notes.iter().count(), "no name twice");
        let expected: BTreeMap<_, _> = model.iter().map(|(name, text)| (*name, Scalar::Text(text))).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert!(model.len() <= LIMITS.count_max);
        let bytes: usize = model.iter().map(|(name, text)| name.len() + text.len()).sum();
        prop_assert!(bytes <= LIMITS.total_bytes_max);
    }
}

//! Accounts of instances against what their numbers say.

use super::*;
use crate::testing::row;
use proptest::prelude::*;
use std::collections::BTreeSet;

const ID: &str = "00000000000000aa";

fn line(seq: u64) -> String {
    format!(r#"{{"kind":"access","instance":"{ID}","service":"photos","seq":{seq}}}"#)
}

fn loss(first: u64, last: u64, count: u64, seq: u64) -> String {
    format!(
        r#"{{"kind":"loss","instance":"{ID}","lost":{count},"seq_first":{first},"seq_last":{last},"reason":"queue_full","seq":{seq}}}"#
    )
}

fn stop(written: u64, dropped: u64, seq: u64) -> String {
    let made = written + dropped;
    format!(
        r#"{{"kind":"stop","instance":"{ID}","made":{made},"written":{written},"dropped":{dropped},"seq":{seq}}}"#
    )
}

fn ledger(lines: &[String]) -> Ledger {
    let (mut ledger, entries) = (Ledger::new(), Entries::new());
    for line in lines {
        ledger.push("", &row(line), &entries);
    }
    ledger
}

fn account(lines: &[String]) -> Account {
    ledger(lines).accounts().next().unwrap()
}

/// One line that says all that can differ.
fn said(account: &Account) -> String {
    let Account { given, repeated, missing, gaps, lost, head, tail, contradicted, .. } = account;
    let complete = account.is_complete(Allowed::default());
    format!(
        "given {given} twice {repeated} missing {missing} {gaps:?} lost {lost} {head:?} {tail:?} \
         contradicted {contradicted} complete {complete}"
    )
}

fn check(rows: Vec<(&str, Vec<String>, &str)>) {
    for (name, lines, expected) in rows {
        assert_eq!(said(&account(&lines)), expected, "{name}");
    }
}

#[test]
fn numbers_say_what_is_missing() {
    let all = |numbers: &[u64]| numbers.iter().map(|seq| line(*seq)).collect::<Vec<_>>();
    let and = |numbers: &[u64], more: &[String]| [&all(numbers)[..], more].concat();
    let rows: Vec<(&str, Vec<String>, &str)> = vec![
        (
            "whole",
            and(&[1, 2], &[stop(3, 0, 3)]),
            "given 3 twice 0 missing 0 [] lost 0 Given Stopped contradicted false complete true",
        ),
        (
            "in another order",
            [&[stop(3, 0, 3)][..], &all(&[2, 1])].concat(),
            "given 3 twice 0 missing 0 [] lost 0 Given Stopped contradicted false complete true",
        ),
        (
            "twice",
            and(&[1, 2, 1, 2], &[stop(3, 0, 3), stop(3, 0, 3)]),
            "given 3 twice 3 missing 0 [] lost 0 Given Stopped contradicted false complete true",
        ),
        (
            "no end",
            all(&[1, 2, 3]),
            "given 3 twice 0 missing 0 [] lost 0 Given Unknown contradicted false complete false",
        ),
        (
            "no beginning",
            and(&[4, 5], &[stop(6, 0, 6)]),
            "given 3 twice 0 missing 0 [] lost 0 NotGiven(3) Stopped contradicted false complete false",
        ),
        (
            "gaps",
            and(&[1, 4, 5, 7], &[stop(8, 0, 8)]),
            "given 5 twice 0 missing 3 [(2, 3), (6, 6)] lost 0 Given Stopped contradicted false complete false",
        ),
    ];
    check(rows);
}

#[test]
fn losses_and_totals_say_what_is_lost() {
    let all = |numbers: &[u64]| numbers.iter().map(|seq| line(*seq)).collect::<Vec<_>>();
    let and = |numbers: &[u64], more: &[String]| [&all(numbers)[..], more].concat();
    let rows: Vec<(&str, Vec<String>, &str)> = vec![
        (
            "a told loss",
            and(&[1, 4], &[loss(2, 3, 2, 5), stop(4, 2, 6)]),
            "given 4 twice 0 missing 0 [] lost 2 Given Stopped contradicted false complete false",
        ),
        (
            "the first ones lost",
            [loss(1, 2, 2, 3), stop(2, 2, 4)].to_vec(),
            "given 2 twice 0 missing 0 [] lost 2 Given Stopped contradicted false complete false",
        ),
        (
            "more is missing than lost",
            and(&[1, 5], &[loss(2, 4, 2, 6), stop(5, 2, 7)]),
            "given 4 twice 0 missing 1 [(2, 4)] lost 2 Given Stopped contradicted false complete false",
        ),
        (
            "losses that overlap",
            and(&[1, 7], &[loss(2, 5, 2, 8), loss(3, 6, 3, 9), stop(5, 5, 10)]),
            "given 5 twice 0 missing 0 [] lost 5 Given Stopped contradicted false complete false",
        ),
        (
            "a loss twice is one",
            and(&[1, 5], &[loss(2, 3, 2, 6), loss(2, 3, 2, 6), stop(5, 2, 7)]),
            "given 4 twice 1 missing 1 [(4, 4)] lost 2 Given Stopped contradicted false complete false",
        ),
        (
            "a loss that only the closing record tells",
            and(&[1, 4], &[stop(3, 2, 5)]),
            "given 3 twice 0 missing 0 [] lost 2 Given Stopped contradicted false complete false",
        ),
        (
            "more was written than is here",
            and(&[1], &[stop(9, 0, 2)]),
            "given 2 twice 0 missing 0 [] lost 0 Given Stopped contradicted true complete false",
        ),
        (
            "behind the end",
            and(&[1, 3], &[stop(2, 0, 2)]),
            "given 3 twice 0 missing 0 [] lost 0 Given Beyond(1) contradicted true complete false",
        ),
        (
            "the largest number",
            all(&[u64::MAX, u64::MAX - 1, u64::MAX]),
            "given 2 twice 1 missing 0 [] lost 0 NotGiven(18446744073709551613) Unknown contradicted false complete false",
        ),
    ];
    check(rows);
}

#[test]
fn what_is_allowed_does_not_count() {
    let lines = [line(3), line(6), loss(4, 5, 2, 7), format!("{{\"v\":1,\"instance\":\"{ID}\",\"se")];
    let account = account(&lines);
    let all = Allowed { head: true, tail: true, losses: true, torn: true };
    assert!(account.is_complete(all));
    for less in [
        Allowed { head: false, ..all },
        Allowed { tail: false, ..all },
        Allowed { losses: false, ..all },
        Allowed { torn: false, ..all },
    ] {
        assert!(!account.is_complete(less), "{less:?}");
    }
}

#[test]
fn lines_of_no_account_are_counted() {
    let texts = [
        r#"{"kind":"access","seq":1}"#,
        r#"{"kind":"access","instance":"00000000000000aa","seq":0}"#,
        r#"{"kind":"access","instance":"00000000000000aa","seq":-1}"#,
        r#"{"kind":"access","instance":"00000000000000aa","seq":"18446744073709551616"}"#,
        "thread 'main' panicked",
        r#"{"v":1,"instance":"0000"#,
        r#"{"v":1,"instance":"00000000000000bb","seq":1"#,
        "  ",
    ];
    let ledger = ledger(&texts.map(str::to_owned));
    assert_eq!(ledger.beside, Beside { torn: 1, unnumbered: 4, other: 1, left_out: 0 });
    let accounts: Vec<Account> = ledger.accounts().collect();
    let [only] = accounts.as_slice() else { panic!("{accounts:?}") };
    assert_eq!((only.instance.as_str(), only.torn, only.range), ("00000000000000bb", 1, None));
}

#[test]
fn instances_are_told_apart_up_to_a_bound() {
    let (mut ledger, entries) = (Ledger::new(), Entries::new());
    for id in 0..INSTANCES_MAX as u64 + 3 {
        ledger.push("", &row(&format!(r#"{{"instance":"{id:016x}","seq":1}}"#)), &entries);
    }
    assert_eq!(ledger.accounts().count(), INSTANCES_MAX);
    assert_eq!(ledger.beside.left_out, 3);
}

#[test]
fn scattered_numbers_are_kept_up_to_a_bound() {
    let mut numbers = Numbers::default();
    assert!(numbers.insert(1, true) && numbers.insert(3, true));
    assert!(!numbers.insert(9, false), "no room");
    assert!(numbers.insert(4, false) && numbers.insert(2, false), "what joins needs none");
    assert_eq!((numbers.runs(), numbers.given, numbers.untracked), (1, 4, 1));
}

proptest! {
    #[test]
    fn runs_are_what_a_set_would_be(seqs in prop::collection::vec(1u64..40, 1..80)) {
        let mut numbers = Numbers::default();
        let mut set = BTreeSet::new();
        for seq in &seqs {
            prop_assert_eq!(numbers.insert(*seq, true), set.insert(*seq));
        }
        prop_assert_eq!(numbers.given, set.len() as u64);
        prop_assert_eq!(numbers.repeated, (seqs.len() - set.len()) as u64);
        prop_assert_eq!(numbers.last(), set.last().copied());
        let gaps: Vec<u64> = numbers.gaps().flat_map(|(first, last)| first..=last).collect();
        let expected: Vec<u64> = (1..=numbers.last().unwrap()).filter(|seq| !set.contains(seq)).collect();
        prop_assert_eq!(gaps, expected);
    }

    /// Whatever order lines come in, and however often.
    #[test]
    fn the_order_of_lines_does_not_matter(
        (lines, shuffled) in prop::collection::btree_set(1u64..30, 1..20).prop_flat_map(|seqs| {
            let mut lines: Vec<String> = seqs.iter().map(|seq| line(*seq)).collect();
            lines.push(loss(5, 9, 3, 31));
            lines.push(stop(seqs.len() as u64 + 2, 3, 32));
            (Just(lines.clone()), Just(lines).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(account(&lines), account(&shuffled));
    }
}

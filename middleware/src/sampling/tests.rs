//! One in N by the trace id, and rules as a text.

use super::{Sampling, keeps};
use access_record::{Level, TraceId};
use std::time::Duration;

/// Trace ids as a generator would draw them, and the same ones in every run.
fn trace_ids(count: u64) -> impl Iterator<Item = TraceId> {
    (1..=count).map(|index| {
        // SplitMix64, so that the bits are as good as random.
        let mix = |seed: u64| {
            let seed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let seed = (seed ^ seed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            seed ^ seed >> 31
        };
        let low = mix(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        TraceId::from_bytes((u128::from(index) << 64 | u128::from(low)).to_be_bytes()).unwrap()
    })
}

#[test]
fn the_threshold_is_open_telemetrys() {
    // R >= T, with R in the last seven bytes and T the rejection threshold of the probability.
    let rows = [
        ("ffffffffffffffffff00000000000000", 1, true),
        ("ffffffffffffffffff00000000000000", 2, false),
        ("000000000000000000ffffffffffffff", u32::MAX, true),
        ("4bf92f3577b34da6a37fffffffffffff", 2, false),
        ("4bf92f3577b34da6a380000000000000", 2, true),
        // `ot=th:c`: a quarter.
        ("4bf92f3577b34da6a3bfffffffffffff", 4, false),
        ("4bf92f3577b34da6a3c0000000000000", 4, true),
        // `ot=th:e6666…`: a tenth.
        ("4bf92f3577b34da6a3e6666666666666", 10, false),
        ("4bf92f3577b34da6a3e6666666666667", 10, true),
    ];
    for (id, n, kept) in rows {
        assert_eq!(keeps(TraceId::parse(id).unwrap(), n), kept, "{id} 1/{n}");
    }
}

#[test]
fn one_in_n_is_one_in_n_and_nested() {
    for n in [2, 3, 10, 100] {
        let kept = trace_ids(100_000).filter(|id| keeps(*id, n)).count();
        let expected = 100_000 / n as usize;
        assert!(kept.abs_diff(expected) * 20 < expected * 3, "1/{n}: {kept}");
    }
    assert!(trace_ids(100_000).all(|id| !keeps(id, 20) || keeps(id, 10)));
    assert!(trace_ids(100_000).all(|id| !keeps(id, 7) || keeps(id, 6)));
}

#[test]
fn rules_have_a_text() {
    let rows = [
        ("errors", Sampling::new().keep_errors()),
        ("level=warn,1/3", Sampling::new().keep_level(Level::Warn).one_in(3)),
        ("slower=500ms", Sampling::new().keep_slower_than(Duration::from_millis(500))),
        ("slower=2m,slower=90s,slower=1us", {
            let rules = Sampling::new().keep_slower_than(Duration::from_mins(2));
            let rules = rules.keep_slower_than(Duration::from_secs(90));
            rules.keep_slower_than(Duration::from_micros(1))
        }),
        ("user=5555,flag=new_search,flag=ui=b", {
            Sampling::new().keep_user("5555").keep_flag("new_search").keep_flag("ui=b")
        }),
        ("keep=/cart/{id},skip=/healthz,1/100=/search,skip", {
            Sampling::new().keep("/cart/{id}").skip("/healthz").one_in_of(100, "/search").skip_rest()
        }),
    ];
    for (text, rules) in rows {
        assert_eq!(text.parse(), Ok(rules.clone()), "{text}");
        assert_eq!(rules.to_string(), text);
    }
    assert_eq!(" errors , 1/10 ".parse(), Ok(Sampling::new().keep_errors().one_in(10)));
    assert_eq!(Sampling::new().one_in(0), Sampling::new().one_in(1));
}

#[test]
fn what_is_no_rule_is_said() {
    for word in [
        "",
        "error",
        "errors=1",
        "level=loud",
        "slower=500",
        "slower=1h",
        "slower=-1s",
        "user=",
        "flag",
        "keep",
        "keep=healthz",
        "skip=",
        "1/0",
        "1/x",
        "1/-1",
        "2/10",
        "10",
        "1/4294967296",
        "slower=99999999999999999999ms",
    ] {
        let error = format!("errors,{word}").parse::<Sampling>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{word:?} is no rule; expected errors, level=warn, slower=500ms, user=ID, flag=NAME, \
                 keep=/route, skip=/route, 1/100=/route, 1/10 or skip"
            )
        );
    }
}

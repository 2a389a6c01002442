//! What is generated is what it claims to be.

/// Lines against the schema of the record.
#[path = "../../tests/schema.rs"]
mod schema;

use super::records::{Form, Generator, SERVICES, Settings, Size};
use super::size;
use access_record::logformat::LogFormat;
use access_record::{Kind, Record, SpanId, TraceId};
use std::collections::HashMap;

const SETTINGS: Settings =
    Settings { seed: 1, size: Size::Records(20_000), form: Form::Json, services: 3, shuffle_keys: false };

fn text(settings: Settings) -> String {
    let mut bytes = Vec::new();
    let mut generator = Generator::new(settings);
    while generator.append_line(&mut bytes).is_some() {}
    String::from_utf8(bytes).unwrap()
}

fn records(settings: Settings) -> Vec<(Record<'static>, Option<u64>)> {
    text(settings).lines().map(|line| Record::parse(line).unwrap()).collect()
}

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// When one of these changes on purpose, figures measured before and after do not compare.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let shuffled = Settings { shuffle_keys: true, ..SETTINGS };
    let rows = [
        ("json", SETTINGS, 0x14fe_e173_922d_afc9),
        ("logfmt", Settings { form: Form::Logfmt, ..SETTINGS }, 0xffa7_631e_d42c_1ab1),
        ("combined", Settings { form: Form::Combined, ..SETTINGS }, 0xc7b6_f3d2_02f7_d276),
        ("shuffled", shuffled, 0xbc53_8497_f28b_64e8),
        ("seed", Settings { seed: 2, ..SETTINGS }, 0xb6cc_3bb6_4ca1_048f),
        ("services", Settings { services: 12, ..SETTINGS }, 0x9a8e_8d23_ed72_6fe1),
    ];
    let hashes = rows.map(|(name, settings, _)| (name, hash(&text(settings))));
    assert_eq!(hashes, rows.map(|(name, _, hash)| (name, hash)));
}

#[test]
fn every_line_is_valid_by_the_schema() {
    schema::assert_lines(&text(SETTINGS));
    schema::assert_lines(&text(Settings { shuffle_keys: true, ..SETTINGS }));
}

#[test]
fn as_many_lines_as_wanted() {
    for form in [Form::Json, Form::Logfmt, Form::Combined] {
        for lines in [0, 1, 63, 64, 1000] {
            let size = Size::Records(lines);
            assert_eq!(text(Settings { size, form, ..SETTINGS }).lines().count() as u64, lines);
        }
    }
}

#[test]
fn as_many_bytes_as_wanted() {
    for form in [Form::Json, Form::Logfmt, Form::Combined] {
        let size = Size::Bytes(1 << 20);
        let len = text(Settings { size, form, ..SETTINGS }).len();
        assert!((1 << 20..(1 << 20) + 64 * 1024).contains(&len), "{form:?} {len}");
    }
}

#[test]
fn numbers_have_no_holes_and_time_hardly_turns_back() {
    let mut seqs: HashMap<String, u64> = HashMap::new();
    let mut latest = 0;
    let mut back = 0;
    for (record, seq) in records(Settings { services: 5, ..SETTINGS }) {
        let before = seqs.entry(record.instance.unwrap().to_string()).or_default();
        *before += 1;
        assert_eq!(seq, Some(*before));
        let at = record.ts.micros();
        assert!(at > latest - 500, "{at} after {latest}");
        back += u32::from(at < latest);
        latest = latest.max(at);
    }
    assert_eq!(seqs.len(), 5);
    assert!(back > 0, "some disorder is real");
}

#[test]
fn records_of_a_request_share_their_ids() {
    type Span = (TraceId, SpanId);
    for services in [1, 3, SERVICES.len()] {
        let records = records(Settings { services, ..SETTINGS });
        let spans = |kind: Kind| -> HashMap<Span, &Record<'_>> {
            let of_kind = records.iter().map(|(record, _)| record).filter(|record| record.kind == kind);
            of_kind.map(|record| ((record.trace_id.unwrap(), record.span_id.unwrap()), record)).collect()
        };
        let (accesses, calls) = (spans(Kind::Access), spans(Kind::Call));
        let begins = |record: &Record<'_>| record.ts.micros() - record.duration_us.unwrap().cast_signed();
        let within = |inner: &Record<'_>, outer: &Record<'_>| {
            assert!(begins(outer) <= begins(inner) && inner.ts <= outer.ts, "{inner:?} {outer:?}");
            assert_eq!(inner.request_id, outer.request_id);
        };
        for ((trace, _), call) in &calls {
            within(call, accesses[&(*trace, call.parent_id.unwrap())]);
        }
        let mut roots = 0;
        for ((trace, _), access) in &accesses {
            match access.parent_id {
                Some(call) => within(access, calls[&(*trace, call)]),
                None => roots += 1,
            }
        }
        assert_eq!(accesses.len(), calls.len() + roots, "each call has its access");
        for (record, _) in records.iter().filter(|(record, _)| record.kind == Kind::Event) {
            assert!(accesses.contains_key(&(record.trace_id.unwrap(), record.span_id.unwrap())));
        }
        assert_eq!(calls.is_empty(), services == 1);
    }
}

#[test]
fn traffic_looks_like_traffic() {
    let records = records(SETTINGS);
    let accesses: Vec<_> =
        records.iter().map(|(record, _)| record).filter(|record| record.kind == Kind::Access).collect();
    let per_cent = |wanted: &dyn Fn(&Record<'_>) -> bool| {
        accesses.iter().filter(|record| wanted(record)).count() * 1000 / accesses.len()
    };
    let failed = per_cent(&|record| record.status.is_some_and(|status| status >= 500));
    assert!((12..30).contains(&failed), "{failed} of 1000 failed");
    let busiest = per_cent(&|record| record.user_id.as_deref() == Some("1148"));
    assert!((20..80).contains(&busiest), "{busiest} of 1000 by the busiest user");
    let mut routes: Vec<_> = accesses.iter().map(|record| record.route.as_deref().unwrap()).collect();
    routes.sort_unstable();
    routes.dedup();
    assert!(routes.len() >= 25, "{routes:?}");
    let events = records.iter().filter(|(record, _)| record.kind == Kind::Event).count();
    assert!((500..4000).contains(&events), "{events} events");
}

#[test]
fn lines_of_other_forms_are_what_they_should_be() {
    let combined = LogFormat::named("combined").unwrap();
    for line in text(Settings { form: Form::Combined, ..SETTINGS }).lines() {
        assert!(combined.read(line.as_bytes()).is_some(), "{line}");
    }
    let shuffled = Settings { shuffle_keys: true, ..SETTINGS };
    assert_eq!(records(shuffled).len(), 20_000);
    assert!(text(shuffled).contains("\\u00"));
    for (line, (record, _)) in
        text(Settings { form: Form::Logfmt, ..SETTINGS }).lines().zip(records(SETTINGS))
    {
        assert!(line.starts_with(&format!("v=1 ts={} kind={} ", record.ts, record.kind)), "{line}");
        assert_eq!(line.contains(" status="), record.status.is_some(), "{line}");
        assert_eq!(line.contains(" flags."), !record.flags.is_empty(), "{line}");
    }
}

#[test]
fn sizes_have_units() {
    assert_eq!(size("64MiB"), Ok(64 << 20));
    assert_eq!(size("1GB"), Ok(1_000_000_000));
    assert_eq!(size("12"), Ok(12));
    assert!(size("1.5GiB").is_err());
    assert!(size("MiB").is_err());
}

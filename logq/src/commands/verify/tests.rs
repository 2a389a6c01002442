//! What is read by several threads against lines that are decoded in full and put down one after the other.

use super::*;
use crate::input::Sizes;
use crate::row::Origin;
use crate::testing::Temp;
use crate::verify::Beside;
use proptest::prelude::*;

/// Lines over this are too long, in these tests.
const LIMIT: usize = 250;

fn line() -> impl Strategy<Value = Vec<u8>> {
    let id = || prop::sample::select(vec!["00000000000000aa", "00000000000000bb", "00000000000000cc"]);
    let seq = || 1_u64..60;
    let record = (id(), seq(), 0_usize..80).prop_map(|(id, seq, pad)| {
        let pad = "x".repeat(pad);
        format!(r#"{{"kind":"access","instance":"{id}","service":"s{}","seq":{seq},"pad":"{pad}"}}"#, seq % 2)
    });
    let loss = (id(), seq(), seq(), 0_u64..5, seq()).prop_map(|(id, first, last, lost, seq)| {
        let reason = ["queue_full", "too_large", "new"][usize::try_from(seq % 3).unwrap()];
        format!(
            r#"{{"kind":"loss","instance":"{id}","lost":{lost},"seq_first":{first},"seq_last":{last},"reason":"{reason}","seq":{seq}}}"#
        )
    });
    let stop = (id(), prop::option::of(seq()), seq()).prop_map(|(id, written, seq)| {
        let written = written.map_or(String::new(), |written| format!(r#""written":{written},"#));
        format!(r#"{{"kind":"stop","instance":"{id}",{written}"made":70,"dropped":9,"seq":{seq}}}"#)
    });
    let others = prop::sample::select(vec![
        "",
        " ",
        "not a record",
        r#"{"kind":"access","seq":1}"#,
        r#"{"instance":"00000000000000aa","seq":0}"#,
        r#"{"instance":"00000000000000dd","seq":"7"}"#,
        r#"{"instance":"00000000000000aa","seq":5"#,
        r#"{"instance":"0000"#,
        "level=info instance=00000000000000aa seq=61",
    ]);
    let whole = prop_oneof![
        8 => record, 1 => loss, 1 => stop, 1 => others.prop_map(str::to_owned), 1 => Just("x".repeat(LIMIT + 1)),
    ];
    // Lines that are torn, or broken anywhere: also behind all that is asked of them.
    (whole, prop::option::weighted(0.2, (any::<prop::sample::Index>(), prop::option::of(any::<u8>()))))
        .prop_map(|(line, broken)| {
            let mut line = line.into_bytes();
            if let Some((at, byte)) = broken.filter(|_| !line.is_empty()) {
                let at = at.index(line.len());
                match byte {
                    Some(b'\n') | None => line.truncate(at),
                    Some(byte) => line[at] = byte,
                }
            }
            line
        })
}

/// What the ledger says, and how many lines are bad of how many.
type Said = (Vec<Account>, Beside, u64);

fn read_so(paths: &[PathBuf], threads: usize, block_bytes: usize) -> Said {
    let formats = Formats::looking();
    let sizes = Sizes { block_bytes, line_bytes_max: LIMIT };
    let mut stderr = Vec::new();
    let plan = Plan { threads, sizes, ..Plan::new(paths, &formats) };
    let (ledger, report) = read(&plan, &mut stderr).unwrap();
    assert_eq!(String::from_utf8_lossy(&stderr), "");
    (ledger.accounts().collect(), ledger.beside, report.bad.count)
}

fn one_by_one(file: &str, content: &[u8]) -> Said {
    let (formats, entries, mut ledger, mut bad) = (Formats::looking(), Entries::new(), Ledger::new(), 0);
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() <= LIMIT {
            let row = formats.read(line, Origin { file, line: 0 });
            ledger.push(file, &row, &entries);
            bad += u64::from(row.shape == crate::row::Shape::Unknown && !crate::heading::says_nothing(line));
        }
    }
    (ledger.accounts().collect(), ledger.beside, bad)
}

proptest! {
    #[test]
    fn any_threads_and_blocks_say_what_line_by_line_says(
        lines in prop::collection::vec(line(), 0..120),
        threads in 1_usize..5,
        block_bytes in prop_oneof![1_usize..64, 64_usize..4000],
    ) {
        let content = lines.join(&b'\n');
        // A mark of its byte order, or headings, would make other lines of these.
        prop_assume!(!content.starts_with(b"\xef") && !content.starts_with(b"#"));
        let file = Temp::new(&content);
        let expected = one_by_one(&file.0.display().to_string(), &content);
        prop_assert_eq!(read_so(std::slice::from_ref(&file.0), threads, block_bytes), expected);
    }
}

#[test]
fn a_line_is_whole_or_torn() {
    let whole = r#"{"kind":"access","instance":"00000000000000aa","seq":1,"notes":{"a":[1,"b\u00e9",null]},"n":-1.5e3,"é":"€"}"#;
    let torn = |line: &[u8]| {
        let file = Temp::new(line);
        let (accounts, beside, bad) = read_so(std::slice::from_ref(&file.0), 1, 1 << 10);
        (accounts.iter().map(|account| account.torn).sum::<u64>() + beside.torn, bad)
    };
    assert_eq!(torn(whole.as_bytes()), (0, 0));
    for at in 1..whole.len() {
        assert_eq!(torn(&whole.as_bytes()[..at]), (1, 1), "cut at {at}");
    }
    for (from, to) in [
        ("null]}", "nul]}"),
        ("null]}", "null]"),
        ("-1.5e3", "-1.5e"),
        ("-1.5e3", "01"),
        ("u00e9", "u00"),
        ("€", "\\ud800"),
        ("\"b", "\"\u{1}b"),
        ("1,\"b", "1 \"b"),
        ("€\"}", "€\"}}"),
        ("€\"}", "€\"} {}"),
    ] {
        assert_eq!(torn(whole.replace(from, to).as_bytes()), (1, 1), "{to} for {from}");
    }
    let mut bytes = whole.as_bytes().to_vec();
    let at = bytes.len() - 4;
    bytes[at] = 0xff;
    assert_eq!(torn(&bytes), (1, 1), "no UTF-8");
}

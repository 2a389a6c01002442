//! What is read of a line is what the full decoder reads of it, or nothing.

use super::*;
use proptest::prelude::*;

fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|text| Name::new(*text)).collect()
}

/// The wanted fields by the full decoder.
fn decoded<'l>(wanted: &Wanted, line: &'l [u8]) -> Option<Vec<Field<'l>>> {
    let fields = json::object(line)?;
    Some(fields.into_iter().filter(|(key, _)| wanted.is_all || wanted.has(key.as_bytes())).collect())
}

#[test]
fn lines_that_are_read_and_those_that_are_left_to_the_decoder() {
    let rows: &[(&str, &[u8], bool)] = &[
        ("usual", br#"{"a":1,"status":200,"route":"/x","b":[1,{"c":"}"}],"n":null,"t":true}"#, true),
        ("blanks", b"{ \"status\"\t: 200 , \"a\" : [ 1 , 2 ] } \r", true),
        ("nothing", b"{}", true),
        ("no wanted one", br#"{"a":1}"#, true),
        ("numbers", br#"{"status":-0.5e+30,"a":0,"b":-1E9,"c":10.01}"#, true),
        ("duplicates", br#"{"status":1,"status":2}"#, true),
        ("escapes in a wanted value", br#"{"route":"a\"b\\\n\/"}"#, true),
        ("other letters", "{\"route\":\"é日\",\"é\":1}".as_bytes(), true),
        ("a name below", br#"{"res":{"statusCode":500},"notes":{"x":1}}"#, true),
        ("an escape by number", br#"{"route":"\u0061"}"#, false),
        ("half a character", br#"{"a":"\ud800"}"#, false),
        ("an escape in a key", br#"{"rout\/e":1}"#, false),
        ("deep", b"{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", false),
        ("blank before", br#" {"status":1}"#, false),
        ("open", br#"{"status":1"#, false),
        ("comma", br#"{"status":1,}"#, false),
        ("comma in an array", br#"{"a":[1,]}"#, false),
        ("two", br#"{"status":1}{}"#, false),
        ("leading zero", br#"{"status":01}"#, false),
        ("no digits", br#"{"status":-}"#, false),
        ("no fraction", br#"{"status":1.}"#, false),
        ("no exponent", br#"{"status":1e}"#, false),
        ("an exponent's sign at the end", br#"{"status":1e+"#, false),
        ("no word", br#"{"status":nul}"#, false),
        ("a long word", br#"{"status":nulll}"#, false),
        ("control character", b"{\"a\":\"0123456789\x01\"}", false),
        ("no UTF-8", b"{\"a\":\"\xff\"}", false),
        ("no key", br"{1:2}", false),
        ("no colon", br#"{"a" 2}"#, false),
        ("mixed brackets", br#"{"a":[1}}"#, false),
        ("empty", b"", false),
    ];
    for wanted in [Wanted::new(&names(&["status", "route", "x", "é"])), Wanted::all()] {
        for (name, line, is_read) in rows {
            let mut fields = Vec::new();
            assert_eq!(wanted.read(line, &mut fields), *is_read, "{name}");
            if *is_read {
                assert_eq!(Some(fields), decoded(&wanted, line), "{name}");
            }
        }
    }
}

#[test]
fn the_next_special_byte_is_found_at_any_place() {
    let line: Vec<u8> = (0..40u8).map(|n| b'a' + n % 20).collect();
    for at in 0..line.len() {
        for byte in [b'"', b'\\', 0, 0x1f, b'\n'] {
            let mut line = line.clone();
            line[at] = byte;
            for from in 0..=at {
                assert_eq!(special(&line, from), at);
            }
            assert_eq!(special(&line, at + 1), line.len());
        }
        for byte in [0x20, 0x7f, 0x80, 0x9f, 0xa2, 0xff, b'!', b'#', b'[', b']'] {
            let mut line = line.clone();
            line[at] = byte;
            assert_eq!(special(&line, 0), line.len(), "{byte}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_what_the_decoder_reads(line in "[{}\\[\\]\",:\\\\ \t019eE.+\\-truefalsn/ab\u{1}é]{0,24}") {
        for wanted in [Wanted::new(&names(&["a", "b", "ab", "t", "0"])), Wanted::all()] {
            for line in [line.clone(), format!("{{{line}}}"), format!("{{\"a\":{line}}}"), format!("{{\"a\":[{line}],\"b\":1}}")] {
                let mut fields = Vec::new();
                if wanted.read(line.as_bytes(), &mut fields) {
                    prop_assert_eq!(Some(fields), decoded(&wanted, line.as_bytes()), "{}", line);
                }
            }
        }
    }
}

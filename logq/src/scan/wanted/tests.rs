//! What is read of a line is what the full decoder reads of it, or nothing.

use super::*;
use crate::json;
use proptest::prelude::*;

fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|text| Name::new(*text)).collect()
}

/// The wanted fields by the full decoder.
fn decoded<'l>(wanted: &Wanted, line: &'l [u8]) -> Option<Vec<Field<'l>>> {
    let fields = json::object(line)?;
    Some(
        fields
            .into_iter()
            .filter(|(key, _)| wanted.is_all || wanted.place(key.as_bytes()).is_some())
            .collect(),
    )
}

#[test]
fn lines_that_are_read_and_those_that_are_left_to_the_decoder() {
    let rows: &[(&str, &[u8], bool)] = &[
        ("usual", br#"{"a":1,"status":200,"route":"/x","b":[1,{"c":"}"}],"n":null,"t":true}"#, true),
        ("blanks", b"{ \"status\"  : 200 , \"a\" : [ 1 , 2 ] } ", true),
        ("blanks that are control characters", b"{ \"status\"\t: 200 } \r", false),
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
            assert_eq!(wanted.reader(line).read(line, &mut fields), *is_read, "{name}");
            if *is_read {
                assert_eq!(Some(fields), decoded(&wanted, line), "{name}");
            }
        }
    }
}

/// Lines one after the other, so that what the reader has seen of one could do harm to the next.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let key =
        prop::sample::select(vec!["a", "b", "ab", "a_key_of_many_letters", "a_key_of_many_others", r"a\nb"]);
    let usual = prop::sample::select(vec![
        "1",
        "12345678",
        "0",
        "01",
        r#""x""#,
        r#""\"""#,
        r#""a":1"#,
        r#""\u0061""#,
        r#"{"a":"b"}"#,
        r#"["a","b"]"#,
        "null",
    ]);
    let value = prop_oneof![usual.prop_map(str::to_owned), "\"[a-z \\\\]{40,90}\""];
    let member = (key, prop::sample::select(vec![":", ":", ":", " : "]), value);
    let line = prop::collection::vec(member, 0..6).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(key, colon, value)| format!("\"{key}\"{colon}{value}")).collect();
        format!("{{{}}}", members.join(","))
    });
    prop::collection::vec(line, 1..8)
}

proptest! {
    #[test]
    fn whatever_is_read_is_what_the_decoder_reads(line in "[{}\\[\\]\",:\\\\ \t019eE.+\\-truefalsn/ab\u{1}é]{0,24}") {
        for wanted in [Wanted::new(&names(&["a", "b", "ab", "t", "0"])), Wanted::all()] {
            for line in [line.clone(), format!("{{{line}}}"), format!("{{\"a\":{line}}}"), format!("{{\"a\":[{line}],\"b\":1}}")] {
                let mut fields = Vec::new();
                if wanted.reader(line.as_bytes()).read(line.as_bytes(), &mut fields) {
                    prop_assert_eq!(Some(fields), decoded(&wanted, line.as_bytes()), "{}", line);
                }
            }
        }
    }

    #[test]
    fn what_was_read_changes_nothing_but_time(lines in lines()) {
        for wanted in [Wanted::new(&names(&["a", "ab", "a_key_of_many_letters"])), Wanted::all()] {
            let mut reader = wanted.reader(b"");
            let mut fields = Vec::new();
            for line in &lines {
                let is_read = reader.read(line.as_bytes(), &mut fields);
                let mut alone = Vec::new();
                prop_assert_eq!(is_read, wanted.reader(line.as_bytes()).read(line.as_bytes(), &mut alone), "{}", line);
                if is_read {
                    prop_assert_eq!(&fields, &alone);
                    prop_assert_eq!(Some(alone), decoded(&wanted, line.as_bytes()), "{}", line);
                }
            }
        }
    }
}

#[test]
fn of_too_many_keys_the_rest_is_read_too() {
    let wanted = Wanted::new(&names(&["status"]));
    let mut reader = wanted.reader(b"");
    for number in 0..1000 {
        let line = format!(r#"{{"k{number}":1,"status":{number},"l{number}":"x"}}"#);
        let mut fields = Vec::new();
        assert!(reader.read(line.as_bytes(), &mut fields), "{line}");
        assert_eq!(Some(fields), decoded(&wanted, line.as_bytes()));
    }
}

/// The decoder must say it.
#[derive(Debug, PartialEq)]
struct Undecided;

/// What a name means in a line, read directly and with these other names.
fn resolved(wanted: &Wanted, line: &[u8], name: &Name) -> Result<Option<Value<'static>>, Undecided> {
    let mut fields = Vec::new();
    let mut reader = wanted.reader(line);
    let is_read =
        reader.read(line, &mut fields) || json::object(line).is_none() && reader.rescue(line, &mut fields);
    let origin = crate::row::Origin { file: "", line: 1 };
    let row = crate::row::Row { raw: line, fields, shape: crate::row::Shape::Record, origin };
    if is_read { Ok(name.resolve(&row).map(Value::into_owned)) } else { Err(Undecided) }
}

const NAMES: &[&str] =
    &["a", "b", "ab", "a_key_of_many_letters", "status", "user_id", "a.b", "flags.x", "http_version"];

proptest! {
    #[test]
    fn of_valid_lines_each_field_is_what_the_decoder_says(lines in lines()) {
        let names = names(NAMES);
        for wanted in [Wanted::direct(&names), Wanted::direct(&names[..2]), Wanted::all_or_direct(&names)] {
            let block = lines.concat();
            let mut reader = wanted.reader(block.as_bytes());
            for line in &lines {
                let Some(whole) = json::object(line.as_bytes()) else { continue };
                let mut fields = Vec::new();
                if !reader.read(line.as_bytes(), &mut fields) {
                    continue;
                }
                let origin = crate::row::Origin { file: "", line: 1 };
                let row = |fields| {
                    crate::row::Row { raw: line.as_bytes(), fields, shape: crate::row::Shape::Record, origin }
                };
                let (read, whole) = (row(fields), row(whole));
                for name in &names[..2] {
                    prop_assert_eq!(name.resolve(&read), name.resolve(&whole), "{:?} of {}", name, line);
                }
            }
        }
    }

    #[test]
    fn of_any_line_a_field_is_the_same_whatever_else_is_wanted(
        line in "\\{(\"(a|b|ab|status|user_id)\" ?:|[{}\\[\\],:\\\\ 01]|\"(a|b|x|\\\\\"|\\\\u0061|\\{)*\"|nul|true){0,12}\\}",
        others in prop::sample::subsequence(NAMES, 0..NAMES.len()),
        name in prop::sample::select(NAMES),
    ) {
        let one = Name::new(name);
        let alone = resolved(&Wanted::direct(std::slice::from_ref(&one)), line.as_bytes(), &one);
        let mut all = names(&others);
        all.push(one.clone());
        for wanted in [Wanted::direct(&all), Wanted::all_or_direct(&all)] {
            let among = resolved(&wanted, line.as_bytes(), &one);
            // What must be decoded is what the decoder says, whoever asks.
            if json::object(line.as_bytes()).is_none() {
                prop_assert_eq!(&among, &alone, "{}", line);
            } else if let (Ok(among), Ok(alone)) = (among, &alone) {
                prop_assert_eq!(&among, alone, "{}", line);
            }
        }
    }
}

//! What is read of a line is what the full decoder reads of it, or nothing.

use super::*;
use crate::format::Formats;
use crate::json;
use crate::row::{Origin, Row};
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
            assert_eq!(wanted.reader(line).read(line, &mut fields).is_some(), *is_read, "{name}");
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
                if wanted.reader(line.as_bytes()).read(line.as_bytes(), &mut fields).is_some() {
                    prop_assert_eq!(Some(fields), decoded(&wanted, line.as_bytes()), "{}", line);
                }
            }
        }
    }

    /// Behind some lines a block is told to be UTF-8, or not to be.
    #[test]
    fn in_a_block_a_line_is_read_as_it_is_alone(
        lines in prop::collection::vec(lines(), 1..8),
        faults in prop::collection::vec(prop::option::weighted(0.1, any::<prop::sample::Index>()), 64),
    ) {
        let mut lines: Vec<Vec<u8>> = lines.into_iter().flatten().map(String::into_bytes).collect();
        for (line, fault) in lines.iter_mut().zip(faults) {
            if let Some(at) = fault.map(|fault| fault.index(line.len() - 1)).filter(|at| *at > 0) {
                line[at] = 0xe9;
            }
        }
        let block = lines.join(&b'\n');
        let names = names(&["a", "ab", "a_key_of_many_letters"]);
        for wanted in [Wanted::new(&names), Wanted::direct(&names), Wanted::all()] {
            let mut reader = wanted.reader(&block);
            for line in block.split(|byte| *byte == b'\n') {
                let (mut among, mut alone) = (Vec::new(), Vec::new());
                let is_read = reader.read(line, &mut among);
                // What a look finds and a pass does not hang on how many lines it was worth while before.
                let is_read_alone = wanted.reader(line).read(line, &mut alone);
                prop_assert_eq!(is_read.is_some(), is_read_alone.is_some(), "{:?}", String::from_utf8_lossy(line));
                if is_read == is_read_alone && is_read.is_some() {
                    prop_assert_eq!(among, alone, "{:?}", String::from_utf8_lossy(line));
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
                if is_read.is_some() {
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
        assert!(reader.read(line.as_bytes(), &mut fields).is_some(), "{line}");
        assert_eq!(Some(fields), decoded(&wanted, line.as_bytes()));
    }
}

/// A row of a line, as the reader of these fields or else the decoder makes it.
fn row<'l>(wanted: &'l Wanted, line: &'l [u8]) -> Row<'l> {
    let formats = Formats::looking();
    let mut reader = wanted.reader(line);
    let mut fields = Vec::new();
    let shape = reader.read(line, &mut fields).unwrap_or_else(|| match json::object(line) {
        Some(whole) => {
            fields = whole;
            Shape::Record
        }
        None if reader.rescue(line, &mut fields) => Shape::Broken,
        None => formats.read(line, Origin { file: "", line: 1 }).shape,
    });
    Row { raw: line, fields, shape, origin: Origin { file: "", line: 1 } }
}

const NAMES: &[&str] = &[
    "a",
    "b",
    "ab",
    "a.b",
    "status",
    "response_code",
    "http.response.status_code",
    "route",
    "http.route",
    "user_id",
    "flags",
    "flags.x",
    "http_version",
    "duration_us",
    "latency",
];

/// Members such as a reader of keys could be fooled by, and faults.
const PARTS: &str = "(\"(a|b|ab|a\\.b|status|response_code|http\\.response\\.status_code|route|http\\.route|user_id|flags|flags\\.x|http_version|latency|\\\\u0061)\" ?: ?\
                     (1|5e2|\"x\"|\"x=on\"|\":\\{\"|\": \\[\"|\",\"|\"\\}\"|\"\\\\\"\"|\"\\\\u0061\"|null|true|\\{\"b\":1\\}|\\[\"x=on\",2\\]|01|nul|\"open)|[{}\\[\\],:\\\\ 1])(,|,|,|, |)";

fn matching(regex: &str) -> impl Strategy<Value = String> + use<> {
    prop::string::string_regex(regex).unwrap()
}

proptest! {
    #[test]
    fn of_valid_lines_each_field_is_what_the_decoder_says(
        lines in prop::collection::vec(matching(&format!("\\{{({PARTS}){{0,6}}\"z\":1\\}}")), 1..6),
        wanted in prop::sample::subsequence(NAMES, 1..NAMES.len()),
    ) {
        let names = names(&wanted);
        let all = Wanted::all();
        for wanted in [Wanted::direct(&names), Wanted::all_or_direct(&names)] {
            for line in lines.iter().filter(|line| json::object(line.as_bytes()).is_some()) {
                let (read, whole) = (row(&wanted, line.as_bytes()), row(&all, line.as_bytes()));
                for name in &names {
                    prop_assert_eq!(name.resolve(&read), name.resolve(&whole), "{:?} of {}", name, line);
                }
            }
        }
    }

    #[test]
    fn of_any_line_a_field_is_the_same_whatever_else_is_wanted(
        line in matching(&format!("\\{{({PARTS}){{0,6}}\\}}")),
        others in prop::sample::subsequence(NAMES, 0..NAMES.len()),
        name in prop::sample::select(NAMES),
    ) {
        let name = Name::new(name);
        let alone = Wanted::direct(std::slice::from_ref(&name));
        let alone = row(&alone, line.as_bytes());
        let mut all = names(&others);
        all.push(name.clone());
        for wanted in [Wanted::direct(&all), Wanted::all_or_direct(&all)] {
            let among = row(&wanted, line.as_bytes());
            prop_assert_eq!(name.resolve(&among), name.resolve(&alone), "{:?} of {}", &name, line);
        }
    }
}

#[test]
fn fields_behind_many_escapes_and_objects_are_found() {
    // Were every escape or object gone back to, this would take minutes.
    let escapes = format!(r#"{{"a":"{}","status":5}}"#, r"\u0041".repeat(170_000));
    let objects = format!("{{{}\"status\":5}}", r#""a":{"status":1},"#.repeat(60_000));
    for line in [escapes, objects] {
        let names = names(&["status", "user_id"]);
        let wanted = Wanted::direct(&names);
        let row = row(&wanted, line.as_bytes());
        assert_eq!(names[0].resolve(&row), Some(Value::Number("5".into())));
        assert_eq!(names[1].resolve(&row), None);
    }
}

//! Any lines: what the fast pass over a JSON line takes, the full decoder takes too, with the same fields, and of
//! lines that the decoder takes keys alone tell the same, whatever lines came before.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logq::field::Name;
use logq::json;
use logq::row::{Origin, Row, Shape};
use logq::scan::Wanted;

const NAMES: [&str; 3] = ["status", "a", "user_id"];

fuzz_target!(|data: &[u8]| {
    let names = NAMES.map(Name::new);
    let (all, some, direct) = (Wanted::all(), Wanted::new(&names), Wanted::direct(&names));
    let (mut of_all, mut of_some, mut directly) = (all.reader(data), some.reader(data), direct.reader(data));
    let (mut fields, mut wanted, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for line in data.split(|byte| *byte == b'\n') {
        let is_read = of_all.read(line, &mut fields).is_some();
        assert_eq!(of_some.read(line, &mut wanted).is_some(), is_read);
        if is_read {
            assert_eq!(Some(&fields), json::object(line).as_ref());
            let is_there = |field| fields.contains(field);
            assert!(wanted.iter().all(is_there));
            let is_missed = |name: &str| {
                fields.iter().any(|(key, _)| key == name) && !wanted.iter().any(|(key, _)| key == name)
            };
            assert!(!NAMES.into_iter().any(is_missed));
        }
        let shape = directly.read(line, &mut told);
        if let (Some(whole), Some(shape)) = (json::object(line), shape) {
            let row = |fields, shape| Row { raw: line, fields, shape, origin: Origin { file: "", line: 1 } };
            let (told, whole) = (row(told.clone(), shape), row(whole, Shape::Record));
            assert!(names.iter().all(|name| name.resolve(&told) == name.resolve(&whole)));
        }
    }
});

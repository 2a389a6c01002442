//! Any lines: what the fast pass over a JSON line takes, the full decoder takes too, with the same fields, whatever
//! lines came before.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logq::field::Name;
use logq::json;
use logq::scan::Wanted;

fuzz_target!(|data: &[u8]| {
    let all = Wanted::all();
    let some = Wanted::new(&[Name::new("status"), Name::new("a"), Name::new("user_id")]);
    let (mut of_all, mut of_some) = (all.reader(), some.reader());
    let (mut fields, mut wanted) = (Vec::new(), Vec::new());
    for line in data.split(|byte| *byte == b'\n') {
        let is_read = of_all.read(line, &mut fields);
        assert_eq!(of_some.read(line, &mut wanted), is_read);
        if is_read {
            assert_eq!(Some(&fields), json::object(line).as_ref());
            let is_there = |field| fields.contains(field);
            assert!(wanted.iter().all(is_there));
            let is_missed = |name: &str| {
                fields.iter().any(|(key, _)| key == name) && !wanted.iter().any(|(key, _)| key == name)
            };
            assert!(!["status", "a", "user_id"].into_iter().any(is_missed));
        }
    }
});

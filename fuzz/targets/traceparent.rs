//! Any text as a `traceparent`: it is refused, or what is sent on means the same.

#![no_main]

use access_record::Traceparent;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    if let Some(read) = Traceparent::parse(value) {
        let sent = read.to_string();
        let again = Traceparent::parse(&sent).expect("what we send is valid");
        assert_eq!((read.trace_id, read.parent_id), (again.trace_id, again.parent_id));
        assert_eq!(sent.len(), 55, "version 00 has one length");
    }
});

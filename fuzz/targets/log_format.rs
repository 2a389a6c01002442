//! Any text as a log format, and any bytes as a line of it: parsing never panics, a format that was parsed
//! reads as the same format again, what it writes is one line, and it reads what it wrote.

#![no_main]

use access_record::logformat::{Element, LogFormat};
use access_record::{Kind, Level, Outcome, Record, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The format, a line end, and a line.
    let (format, line) = match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &data[..0]),
    };
    let Ok(format) = std::str::from_utf8(format) else { return };
    let Ok(format) = LogFormat::parse(format) else { return };
    assert_eq!(LogFormat::parse(format.text()).as_ref(), Ok(&format), "the text is the format");
    let _any_line = format.read(line);

    let text = String::from_utf8_lossy(line);
    let mut record = Record::new(Timestamp::from_micros(1_260_763_701_000_000), Kind::Access, Level::Info);
    record.path = Some(text.clone());
    record.user_agent = Some(text.clone());
    record.user_id = Some(text);
    record.method = Some("GET".into());
    record.status = Some(200);
    record.outcome = Some(Outcome::Ok);
    record.duration_us = Some(173_663);
    let mut written = Vec::new();
    format.write(&record, &mut written);
    assert_eq!(written.pop(), Some(b'\n'));
    // What the operator wrote into the format stands in the line as it is; values bring no control along.
    let controls = |text: &[u8]| text.iter().filter(|byte| byte.is_ascii_control()).count();
    let literals = format.elements().iter().map(|element| match element {
        Element::Literal(text) => controls(text.as_bytes()),
        Element::Directive(_) => 0,
    });
    assert_eq!(controls(&written), literals.sum::<usize>(), "{:?}", String::from_utf8_lossy(&written));
    let _own_line = format.read(&written);
});

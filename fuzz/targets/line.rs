//! Any line, as logfmt or whatever it looks like: it is read or it is not, the same way each time, and a row has its line
//! and no nameless field.

#![no_main]

use libfuzzer_sys::fuzz_target;
use logq::format::Formats;
use logq::row::{Origin, Shape};

fuzz_target!(|data: &[u8]| {
    let formats = Formats::looking();
    let origin = Origin { file: "", line: 1 };
    for line in [data, &[b"level=info ", data].concat(), &[b"a=\"", data, b"\""].concat()] {
        let row = formats.read(line, origin);
        assert_eq!(row.raw, line);
        assert!(row.shape == Shape::Record || row.fields.is_empty());
        assert_eq!(row.fields, formats.read(line, origin).fields);
        let bytes: usize = row.fields.iter().map(|(name, value)| name.len() + value.text().len()).sum();
        // Of what stands in a line nothing becomes much longer: a broken character three bytes.
        assert!(bytes <= 64 * (line.len() + 64), "{bytes} of {}", line.len());
    }
});

//! Records as entries of systemd's journal, in its native protocol: `NAME=value` and a line end for each
//! field, or, for a value with line ends in it, the name, a line end, the value's length as 64 bits
//! little-endian, the value and a line end (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL>).

use super::syslog::severity;
use access_record::Record;

/// Appends the entry for a record, and its line.
pub(super) fn write(out: &mut Vec<u8>, record: Option<&Record<'_>>, line: &str) {
    field(out, "MESSAGE", line);
    field(out, "PRIORITY", &severity(record).to_string());
    let Some(record) = record else { return };
    if let Some(service) = &record.service {
        field(out, "SYSLOG_IDENTIFIER", service);
    }
    record.each_field(|name, value| {
        // MESSAGE is the line, which has the message in it.
        if name != "message" {
            field(out, &name.to_ascii_uppercase(), value);
        }
    });
}

fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        out.push(b'\n');
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        out.push(b'=');
    }
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use access_record::{Kind, Level, Timestamp};

    #[test]
    fn a_value_with_line_ends_has_its_length() {
        let mut record = Record::new(Timestamp::from_micros(1), Kind::Access, Level::Error);
        record.service = Some("photos".into());
        record.message = Some("in the line".into());
        record.error = Some("no such\nupstream".into());
        let mut out = Vec::new();
        write(&mut out, Some(&record), "{}");
        let expected = "MESSAGE={}\nPRIORITY=3\nSYSLOG_IDENTIFIER=photos\nTS=1970-01-01T00:00:00.000001Z\n\
             KIND=access\nLEVEL=error\nSERVICE=photos\nERROR\n\u{10}\0\0\0\0\0\0\0no such\nupstream\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

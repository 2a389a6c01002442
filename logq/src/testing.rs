//! Rows out of JSON lines for tests, decoded by `serde_json` alone; and files.

use crate::row::{Origin, Row, Shape};
use crate::value::Value;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::path::PathBuf;
use std::{fmt, fs, thread};

/// The row of a line; of unknown shape if it is no JSON object.
pub(crate) fn row(line: &str) -> Row<'_> {
    let fields = serde_json::Deserializer::from_str(line).deserialize_map(Fields).ok();
    Row {
        raw: line.as_bytes(),
        shape: if fields.is_some() { Shape::Record } else { Shape::Unknown },
        fields: fields.unwrap_or_default(),
        origin: Origin { file: "app.log", line: 7 },
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(Cow<'de, str>, Value<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((key, raw)) = map.next_entry::<String, &'de RawValue>()? {
            let json = raw.get();
            let value = match json.as_bytes() {
                [b'n', ..] => Value::Null,
                [b't', ..] => Value::Bool(true),
                [b'f', ..] => Value::Bool(false),
                [b'{' | b'[', ..] => Value::Nested(json.into()),
                [b'"', ..] => Value::Text(serde_json::from_str::<String>(json).unwrap().into()),
                _ => Value::Number(json.into()),
            };
            fields.push((key.into(), value));
        }
        Ok(fields)
    }
}

/// A file that is gone after the test.
pub(crate) struct Temp(pub(crate) PathBuf);

impl Temp {
    pub(crate) fn new(content: &[u8]) -> Self {
        thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
        let count = COUNT.replace(COUNT.get() + 1);
        let name = format!("logq-test-{}-{:?}-{count}", std::process::id(), thread::current().id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.0);
    }
}

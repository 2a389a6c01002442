//! A line read back into a [`Record`]: for tests, for users' tests and for tools that want types.
//! Readers of logs at large, which must survive anything, are `logq`'s business.

use super::{NO_FLAGS, NO_NOTES, Record};
use crate::ids::{InstanceId, SpanId, TraceId};
use crate::kind::{Kind, Level, LossReason, Outcome};
use crate::notes::{FlagSet, Kept, NoteLimits, NoteSet, Scalar};
use crate::time::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// No limit: what was written is read.
const UNLIMITED: NoteLimits =
    NoteLimits { count_max: usize::MAX, value_bytes_max: usize::MAX, total_bytes_max: usize::MAX };

/// Why a line is not a record of this contract.
#[derive(Debug)]
pub struct RecordError {
    field: Cow<'static, str>,
    expected: &'static str,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {:?}: expected {}", self.field, self.expected)
    }
}

impl std::error::Error for RecordError {}

fn error(field: impl Into<Cow<'static, str>>, expected: &'static str) -> RecordError {
    RecordError { field: field.into(), expected }
}

impl Record<'static> {
    /// Reads a line, and its number, if it has one. Fields that a later version may add are ignored.
    ///
    /// ```
    /// use access_record::record::Record;
    /// let line = r#"{"v":1,"ts":"1970-01-01T00:00:00.000000Z","kind":"access","level":"info","status":200,"seq":7}"#;
    /// let (record, seq) = Record::parse(line)?;
    /// assert_eq!((record.status, seq), (Some(200), Some(7)));
    /// # Ok::<(), access_record::record::RecordError>(())
    /// ```
    pub fn parse(line: &str) -> Result<(Self, Option<u64>), RecordError> {
        let Pairs(fields) = serde_json::from_str(line).map_err(|_| error("{", "one JSON object"))?;
        let mut fields = Fields(fields);
        if fields.number("v")? != Some(super::SCHEMA_VERSION) {
            return Err(error("v", "version 1"));
        }
        let mut record = Self::new(
            fields
                .parsed("ts", "RFC 3339", |text| Timestamp::parse(text.as_bytes()))?
                .ok_or(missing("ts"))?,
            fields.parsed("kind", "a kind of record", Kind::parse)?.ok_or(missing("kind"))?,
            fields.parsed("level", "a level", Level::parse)?.ok_or(missing("level"))?,
        );
        fields.ids(&mut record)?;
        fields.request(&mut record)?;
        fields.ending(&mut record)?;
        fields.writer(&mut record)?;
        let seq = fields.number("seq")?;
        Ok((record, seq))
    }
}

fn missing(field: &'static str) -> RecordError {
    error(field, "to be there")
}

/// An object's pairs in the order of the text.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<T>, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

/// The fields of a line that have not been read yet. The text of each is valid JSON.
struct Fields<'l>(Vec<(String, &'l RawValue)>);

impl Fields<'_> {
    /// Takes a field out, decoded. Of two with one name the first counts.
    fn take<T: for<'de> Deserialize<'de>>(
        &mut self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, RecordError> {
        let Some(at) = self.0.iter().position(|(key, _)| key == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.remove(at);
        serde_json::from_str(value.get()).map(Some).map_err(|_| error(name, expected))
    }

    fn ids(&mut self, r: &mut Record<'static>) -> Result<(), RecordError> {
        r.instance = self.parsed("instance", "16 hex digits", InstanceId::parse)?;
        r.service = self.text("service")?;
        r.host = self.text("host")?;
        r.release = self.text("release")?;
        r.request_id = self.text("request_id")?;
        r.trace_id = self.parsed("trace_id", "32 hex digits", TraceId::parse)?;
        r.span_id = self.parsed("span_id", "16 hex digits", SpanId::parse)?;
        r.parent_id = self.parsed("parent_id", "16 hex digits", SpanId::parse)?;
        Ok(())
    }

    fn request(&mut self, r: &mut Record<'static>) -> Result<(), RecordError> {
        r.client_ip = self.parsed("client_ip", "an IP address", |text| text.parse().ok())?;
        r.peer_ip = self.parsed("peer_ip", "an IP address", |text| text.parse().ok())?;
        r.user_id = self.text("user_id")?;
        r.api_key = self.text("api_key")?;
        r.api_method = self.text("api_method")?;
        r.method = self.text("method")?;
        r.scheme = self.text("scheme")?;
        r.authority = self.text("authority")?;
        r.path = self.text("path")?;
        r.query = self.text("query")?;
        r.http_version = self.text("http_version")?;
        r.route = self.text("route")?;
        r.user_agent = self.text("user_agent")?;
        r.referer = self.text("referer")?;
        Ok(())
    }

    fn ending(&mut self, r: &mut Record<'static>) -> Result<(), RecordError> {
        r.status = self.number("status")?;
        r.outcome = self.parsed("outcome", "an outcome", Outcome::parse)?;
        r.bytes_out = self.number("bytes_out")?;
        r.bytes_in = self.number("bytes_in")?;
        r.head_us = self.number("head_us")?;
        r.duration_us = self.number("duration_us")?;
        r.grpc_status = self.number("grpc_status")?;
        r.message = self.text("message")?;
        r.target = self.text("target")?;
        r.error = self.text("error")?;
        r.sample_rate = self.number("sample_rate")?;
        Ok(())
    }

    fn writer(&mut self, r: &mut Record<'static>) -> Result<(), RecordError> {
        r.lost = self.number("lost")?;
        r.seq_first = self.number("seq_first")?;
        r.seq_last = self.number("seq_last")?;
        r.reason = self.parsed("reason", "a reason of loss", LossReason::parse)?;
        r.made = self.number("made")?;
        r.written = self.number("written")?;
        r.dropped = self.number("dropped")?;
        r.late_notes = self.number("late_notes")?;
        r.notes_dropped = self.number("notes_dropped")?;
        r.truncated = self.number("truncated")?;
        r.flags = self.flags()?.map_or(Cow::Borrowed(&NO_FLAGS), Cow::Owned);
        r.notes = self.notes()?.map_or(Cow::Borrowed(&NO_NOTES), Cow::Owned);
        Ok(())
    }

    fn text(&mut self, name: &'static str) -> Result<Option<Cow<'static, str>>, RecordError> {
        Ok(self.take::<String>(name, "text")?.map(Cow::Owned))
    }

    fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        parse(&text).map(Some).ok_or(error(name, expected))
    }

    fn number<T: for<'de> Deserialize<'de>>(&mut self, name: &'static str) -> Result<Option<T>, RecordError> {
        self.take(name, "a whole number in range")
    }

    fn flags(&mut self) -> Result<Option<FlagSet>, RecordError> {
        const EXPECTED: &str = "a list of name=variant";
        let Some(list) = self.take::<Vec<String>>("flags", EXPECTED)? else {
            return Ok(None);
        };
        let mut flags = FlagSet::default();
        for flag in &list {
            let (name, variant) = flag.split_once('=').ok_or(error("flags", EXPECTED))?;
            if flags.set(name, variant, &UNLIMITED) != Kept::Whole {
                return Err(error("flags", EXPECTED));
            }
        }
        Ok(Some(flags))
    }

    fn notes(&mut self) -> Result<Option<NoteSet>, RecordError> {
        let Some(Pairs::<Value>(pairs)) = self.take("notes", "an object")? else {
            return Ok(None);
        };
        let mut notes = NoteSet::default();
        for (name, value) in &pairs {
            if notes.get(name).is_some() {
                continue;
            }
            let scalar = scalar(value).ok_or_else(|| error(name.clone(), "a scalar"))?;
            if notes.set(name, scalar, &UNLIMITED) != Kept::Whole {
                return Err(error(name.clone(), "a name of [a-z][a-z0-9_]{0,63}"));
            }
        }
        Ok(Some(notes))
    }
}

fn scalar(value: &Value) -> Option<Scalar<'_>> {
    match value {
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number
            .as_u64()
            .map(Scalar::U64)
            .or_else(|| number.as_i64().map(Scalar::I64))
            .or_else(|| number.as_f64().map(Scalar::F64)),
        Value::String(text) => Some(Scalar::Text(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

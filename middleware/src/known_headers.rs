//! The headers that the log reads of every request, found in one pass: a look-up of each by name costs
//! more than a look at all of them.

use http::HeaderMap;
use http::header::HeaderValue;

/// What a request says of itself; of a header that stands several times the first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KnownHeaders<'h> {
    pub(crate) host: Option<&'h HeaderValue>,
    pub(crate) user_agent: Option<&'h HeaderValue>,
    pub(crate) referer: Option<&'h HeaderValue>,
    pub(crate) content_type: Option<&'h HeaderValue>,
    pub(crate) request_id: Lone<'h>,
    pub(crate) traceparent: Lone<'h>,
    pub(crate) has_tracestate: bool,
}

/// A header that may stand only once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lone<'h> {
    first: Option<&'h HeaderValue>,
    is_repeated: bool,
}

impl<'h> Lone<'h> {
    /// Its value, if it is there, once.
    pub(crate) fn value(self) -> Option<&'h HeaderValue> {
        self.first.filter(|_| !self.is_repeated)
    }

    /// Its value, the first if it is there more than once.
    pub(crate) fn first(self) -> Option<&'h HeaderValue> {
        self.first
    }

    fn meet(&mut self, value: &'h HeaderValue) {
        self.is_repeated = self.first.is_some();
        self.first = self.first.or(Some(value));
    }
}

impl<'h> KnownHeaders<'h> {
    pub(crate) fn read(headers: &'h HeaderMap) -> Self {
        let mut read = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "host" => read.host = read.host.or(Some(value)),
                "user-agent" => read.user_agent = read.user_agent.or(Some(value)),
                "referer" => read.referer = read.referer.or(Some(value)),
                "content-type" => read.content_type = read.content_type.or(Some(value)),
                "x-request-id" => read.request_id.meet(value),
                "traceparent" => read.traceparent.meet(value),
                "tracestate" => read.has_tracestate = true,
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderName;

    #[test]
    fn each_is_found_and_the_first_counts() {
        let rows = [
            ("host", "h"),
            ("x-request-id", "1"),
            ("accept", "a"),
            ("x-request-id", "2"),
            ("traceparent", "t"),
            ("host", "other"),
            ("user-agent", "u"),
            ("referer", "r"),
            ("content-type", "c"),
            ("tracestate", "s"),
        ];
        let mut map = HeaderMap::new();
        for (name, value) in rows {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let read = KnownHeaders::read(&map);
        assert_eq!(read.host.unwrap(), "h");
        assert_eq!(read.user_agent.unwrap(), "u");
        assert_eq!(read.referer.unwrap(), "r");
        assert_eq!(read.content_type.unwrap(), "c");
        assert_eq!(read.request_id.first().unwrap(), "1");
        assert_eq!(read.request_id.value(), None, "it stands twice");
        assert_eq!(read.traceparent.value().unwrap(), "t");
        assert!(read.has_tracestate);
    }
}

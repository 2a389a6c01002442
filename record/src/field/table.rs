//! The rows. Their order is the order of the keys in a line; a record over the size limit loses
//! optional fields from the end upwards.

use super::Schema::{
    Bunyan, Caddy, Ecs, Envoy, Google, Journald, Logger, Nginx, OpenTelemetry, Pino, Short, Traefik,
};
use super::Unit::{AnyTime, Millis, Nanos, Same, Seconds, Written};
use super::{Alias, Field, Schema, Type, Unit};

const fn alias(name: &'static str, schema: Schema, unit: Unit) -> Alias {
    Alias { name, schema, unit }
}

const fn row(name: &'static str, ty: Type, meaning: &'static str, aliases: &'static [Alias]) -> Field {
    Field { name, ty, meaning, aliases }
}

/// Every field, in line order.
pub const FIELDS: &[Field] = &[
    row("v", Type::Integer, "Version of this schema: 1.", &[]),
    row(
        "ts",
        Type::Time,
        "When the record was made; for `access` and `call` that is the end of the request.",
        &[
            alias("time", Short, AnyTime),
            alias("timestamp", Logger, AnyTime),
            alias("@timestamp", Ecs, AnyTime),
            alias("time_iso8601", Nginx, AnyTime),
            alias("time_local", Nginx, AnyTime),
            alias("msec", Nginx, AnyTime),
            alias("StartUTC", Traefik, AnyTime),
            alias("start_time", Envoy, AnyTime),
            alias("__REALTIME_TIMESTAMP", Journald, AnyTime),
        ],
    ),
    row("kind", Type::Text, "What the line reports: access, event, call, start, loss or stop.", &[]),
    row(
        "level",
        Type::Text,
        "error, warn, info, debug or trace; of a request it follows from its ending.",
        &[
            alias("log.level", Ecs, Same),
            alias("severity", Google, Same),
            alias("severity_text", OpenTelemetry, Same),
        ],
    ),
    row("instance", Type::Id, "16 hex digits, drawn when the sink was opened.", &[]),
    row(
        "service",
        Type::Text,
        "The service that wrote the record.",
        &[
            alias("service.name", OpenTelemetry, Same),
            alias("ServiceName", Traefik, Same),
            alias("SYSLOG_IDENTIFIER", Journald, Same),
        ],
    ),
    row(
        "host",
        Type::Text,
        "The machine it ran on.",
        &[
            alias("host.name", OpenTelemetry, Same),
            alias("hostname", Bunyan, Same),
            alias("_HOSTNAME", Journald, Same),
        ],
    ),
    row("release", Type::Text, "The deployed version.", &[alias("service.version", OpenTelemetry, Same)]),
    row(
        "request_id",
        Type::Id,
        "The request's id, accepted from the caller or generated.",
        &[
            alias("http.request.id", Ecs, Same),
            alias("x_request_id", Envoy, Same),
            alias("requestId", Logger, Same),
            alias("req_id", Bunyan, Same),
            alias("req.id", Pino, Same),
        ],
    ),
    row(
        "trace_id",
        Type::Id,
        "W3C trace id, 32 hex digits: the same in every service the request passes.",
        &[alias("trace.id", Ecs, Same), alias("traceId", Logger, Same)],
    ),
    row(
        "span_id",
        Type::Id,
        "W3C span id of this hop, 16 hex digits.",
        &[alias("span.id", Ecs, Same), alias("spanId", Logger, Same)],
    ),
    row(
        "parent_id",
        Type::Id,
        "The span id this hop was called from.",
        &[
            alias("parent.id", Ecs, Same),
            alias("parent_span_id", OpenTelemetry, Same),
            alias("parentSpanId", Logger, Same),
        ],
    ),
    row(
        "client_ip",
        Type::Ip,
        "The client's address, by the trusted-proxy rule.",
        &[
            alias("client.address", OpenTelemetry, Same),
            alias("client.ip", Ecs, Same),
            alias("remote_addr", Nginx, Same),
            alias("httpRequest.remoteIp", Google, Same),
            alias("request.client_ip", Caddy, Same),
            alias("ClientHost", Traefik, Same),
            alias("req.remoteAddress", Pino, Same),
        ],
    ),
    row(
        "peer_ip",
        Type::Ip,
        "The address at the other end of the socket.",
        &[
            alias("network.peer.address", OpenTelemetry, Same),
            alias("source.ip", Ecs, Same),
            alias("request.remote_ip", Caddy, Same),
            alias("downstream_remote_address", Envoy, Same),
        ],
    ),
    row(
        "user_id",
        Type::Id,
        "The user, as text also when numeric.",
        &[
            alias("user", Short, Same),
            alias("user.id", OpenTelemetry, Same),
            alias("remote_user", Nginx, Same),
            alias("ClientUsername", Traefik, Same),
        ],
    ),
    row("api_key", Type::Id, "Keyed fingerprint of the API key, never the key.", &[]),
    row(
        "api_method",
        Type::Text,
        "What the API calls the operation, such as `flickr.photos.search`; not the HTTP method.",
        &[alias("rpc.method", OpenTelemetry, Same)],
    ),
    row(
        "method",
        Type::Text,
        "The HTTP method.",
        &[
            alias("http.request.method", OpenTelemetry, Same),
            alias("request_method", Nginx, Same),
            alias("httpRequest.requestMethod", Google, Same),
            alias("request.method", Caddy, Same),
            alias("RequestMethod", Traefik, Same),
            alias("req.method", Pino, Same),
        ],
    ),
    row(
        "scheme",
        Type::Text,
        "http or https.",
        &[alias("url.scheme", OpenTelemetry, Same), alias("RequestScheme", Traefik, Same)],
    ),
    row(
        "authority",
        Type::Text,
        "Host and port the client asked for, without user information.",
        &[
            alias("server.address", OpenTelemetry, Same),
            alias("url.domain", Ecs, Same),
            alias("http_host", Nginx, Same),
            alias("request.host", Caddy, Same),
            alias("RequestHost", Traefik, Same),
        ],
    ),
    row(
        "path",
        Type::Text,
        "The original request path.",
        &[
            alias("url.path", OpenTelemetry, Same),
            alias("uri", Nginx, Same),
            alias("request_uri", Nginx, Same),
            alias("request.uri", Caddy, Same),
            alias("RequestPath", Traefik, Same),
            alias("req.url", Pino, Same),
        ],
    ),
    row(
        "query",
        Type::Text,
        "The query string, its values replaced unless allowed by name.",
        &[alias("url.query", OpenTelemetry, Same), alias("args", Nginx, Same)],
    ),
    row(
        "http_version",
        Type::Text,
        "1.0, 1.1, 2 or 3.",
        &[
            alias("network.protocol.version", OpenTelemetry, Same),
            alias("http.version", Ecs, Same),
            alias("server_protocol", Nginx, Same),
            alias("httpRequest.protocol", Google, Same),
            alias("protocol", Envoy, Same),
            alias("request.proto", Caddy, Same),
            alias("RequestProtocol", Traefik, Same),
        ],
    ),
    row(
        "route",
        Type::Text,
        "The matched route template, such as `/photos/{user}`.",
        &[
            alias("http.route", OpenTelemetry, Same),
            alias("RouterName", Traefik, Same),
            alias("route_name", Envoy, Same),
        ],
    ),
    row(
        "status",
        Type::Integer,
        "Response status as seen at this layer; absent if no response head was made.",
        &[
            alias("http.response.status_code", OpenTelemetry, Same),
            alias("httpRequest.status", Google, Same),
            alias("DownstreamStatus", Traefik, Same),
            alias("response_code", Envoy, Same),
            alias("res.statusCode", Pino, Same),
            alias("statusCode", Logger, Same),
        ],
    ),
    row(
        "outcome",
        Type::Text,
        "How the request ended: ok, error, body_error, panic, cancelled, aborted or upgraded.",
        &[],
    ),
    row(
        "bytes_out",
        Type::SizeBytes,
        "Body bytes handed to the transport.",
        &[
            alias("bytes", Short, Same),
            alias("http.response.body.size", OpenTelemetry, Same),
            alias("http.response.body.bytes", Ecs, Same),
            alias("body_bytes_sent", Nginx, Same),
            alias("bytes_sent", Envoy, Same),
            alias("httpRequest.responseSize", Google, Same),
            alias("size", Caddy, Same),
            alias("DownstreamContentSize", Traefik, Same),
        ],
    ),
    row(
        "bytes_in",
        Type::SizeBytes,
        "Body bytes taken from the transport.",
        &[
            alias("http.request.body.size", OpenTelemetry, Same),
            alias("http.request.body.bytes", Ecs, Same),
            alias("bytes_received", Envoy, Same),
            alias("bytes_read", Caddy, Same),
            alias("httpRequest.requestSize", Google, Same),
            alias("RequestContentSize", Traefik, Same),
        ],
    ),
    row(
        "head_us",
        Type::DurationMicros,
        "Time until the response head was ready.",
        &[alias("head", Short, Same)],
    ),
    row(
        "duration_us",
        Type::DurationMicros,
        "Time until the end of the request.",
        &[
            alias("http.server.request.duration", OpenTelemetry, Seconds),
            alias("event.duration", Ecs, Nanos),
            alias("request_time", Nginx, Seconds),
            alias("httpRequest.latency", Google, Written),
            alias("latency", Logger, Written),
            alias("responseTime", Pino, Millis),
            alias("Duration", Traefik, Nanos),
            alias("duration", Caddy, Seconds),
            alias("duration_ms", Logger, Millis),
            alias("elapsed_ms", Logger, Millis),
        ],
    ),
    row(
        "grpc_status",
        Type::Integer,
        "gRPC status code, from trailers or head.",
        &[alias("rpc.grpc.status_code", OpenTelemetry, Same), alias("grpc_status_number", Envoy, Same)],
    ),
    row(
        "user_agent",
        Type::Text,
        "The User-Agent header, at most 512 bytes.",
        &[
            alias("agent", Short, Same),
            alias("user_agent.original", OpenTelemetry, Same),
            alias("http_user_agent", Nginx, Same),
            alias("httpRequest.userAgent", Google, Same),
            alias("request_User-Agent", Traefik, Same),
        ],
    ),
    row(
        "referer",
        Type::Text,
        "The Referer header, redacted, at most 1024 bytes.",
        &[
            alias("http.request.referrer", Ecs, Same),
            alias("http_referer", Nginx, Same),
            alias("httpRequest.referer", Google, Same),
        ],
    ),
    row(
        "message",
        Type::Text,
        "The text of an event.",
        &[
            alias("msg", Bunyan, Same),
            alias("fields.message", Logger, Same),
            alias("MESSAGE", Journald, Same),
        ],
    ),
    row(
        "target",
        Type::Text,
        "The module an event came from.",
        &[alias("log.logger", Ecs, Same), alias("logger", Caddy, Same)],
    ),
    row(
        "error",
        Type::Text,
        "The error of the outcome, or one noted; URLs in it are redacted.",
        &[alias("error.message", Ecs, Same), alias("err.message", Pino, Same)],
    ),
    row("sample_rate", Type::Integer, "This record stands for so many.", &[]),
    row(
        "lost",
        Type::Integer,
        "loss: how many records were dropped; of the numbers from the first to the last, perhaps not all.",
        &[],
    ),
    row("seq_first", Type::Integer, "loss: the first number that was dropped.", &[]),
    row("seq_last", Type::Integer, "loss: the last number that was dropped.", &[]),
    row("reason", Type::Text, "loss: why: queue_full, timed_out or too_long.", &[]),
    row("made", Type::Integer, "stop: records made by this instance, this one included.", &[]),
    row("written", Type::Integer, "stop: records written by this instance, this one included.", &[]),
    row("dropped", Type::Integer, "stop: records dropped by this instance.", &[]),
    row("late_notes", Type::Integer, "stop: notes set after the record of their request was written.", &[]),
    row("notes_dropped", Type::Integer, "Notes that the limits, or a missing hashing key, cut.", &[]),
    row("truncated", Type::Integer, "Fields and values of this record that the limits cut.", &[]),
    row("flags", Type::Flags, "`name=variant` for each feature flag this request saw.", &[]),
    row("notes", Type::Notes, "The user's own notes; of an event its fields.", &[]),
    row("seq", Type::Integer, "Number of the record within its instance; line order is its order.", &[]),
];

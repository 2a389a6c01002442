//! The page `docs/fields.md`, made from the table; a test holds the two equal.

use super::{Alias, FIELDS, Field, Schema, Type, Unit};
use crate::form::{Named, Naming};
use std::fmt::Write as _;

const HEAD: &str = "# Fields of a record

Made from the table in `record/src/field/table.rs`: change that, then run the tests of `access-record` with
`UPDATE_SCHEMA=1`. The JSON Schema of a line is `record/access-record.schema.json`.

A field that is absent is unknown. The order is that of a line; a line over its limit loses fields from the end of the
table upwards, but never `v`, `ts`, `kind`, `level` and `seq`, and says in `truncated` how many.

A log is written in one of five forms (`Builder::form`):

| form | what a line is |
| --- | --- |
| `Json` | one JSON object with the names of the first column |
| `OpenTelemetry` | the same with the names of that column, as flat keys with dots in them; `duration_us` in seconds |
| `Ecs` | the same with the names of that column and `ecs.version`; `duration_us` in nanoseconds |
| `Logfmt` | `name=value` with the names of the first column; flags as `flags.name=variant`; notes beside the fields, but as `notes.name=value` where the name is one of a field |
| `LogFormat` | a line of Apache's or nginx's language; requests only: no events, no calls, no losses, no end, no `seq` |

A `call` is named as an `access` is, also where OpenTelemetry has other words for clients: `kind` tells them apart. Where a
schema has no name for a field its own stays, as do `notes`, an object, and `seq`. `logq` reads all of them, and
finds a field by any of its names.

| field | type | meaning | OpenTelemetry | ECS |
| --- | --- | --- | --- | --- |
";

const OTHERS: &str = "
## Other names that logq reads

| field | names |
| --- | --- |
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for field in FIELDS {
        let [otel, ecs] = [Naming::OpenTelemetry, Naming::Ecs].map(|naming| cell(naming.of(field)));
        let (name, ty, meaning) = (field.name, ty(field.ty), field.meaning);
        let _infallible = writeln!(page, "| `{name}` | {ty} | {meaning} | {otel} | {ecs} |");
    }
    page += OTHERS;
    for field in FIELDS {
        let others: Vec<String> =
            field.aliases.iter().filter(|alias| is_other(field, alias)).map(other).collect();
        if !others.is_empty() {
            let _infallible = writeln!(page, "| `{}` | {} |", field.name, others.join(", "));
        }
    }
    page
}

fn cell(named: Named) -> String {
    // Of times that others write in many ways ours is still RFC 3339.
    let unit = if named.unit == Unit::AnyTime { "" } else { unit(named.unit) };
    format!("`{}`{unit}", named.name)
}

/// Whether neither of the two columns has it.
fn is_other(field: &Field, alias: &Alias) -> bool {
    [Naming::OpenTelemetry, Naming::Ecs].iter().all(|naming| naming.of(field).name != alias.name)
}

fn other(alias: &Alias) -> String {
    let whose = match alias.schema {
        Schema::Short => "short",
        Schema::OpenTelemetry => "OpenTelemetry",
        Schema::Ecs => "ECS",
        Schema::Google => "Google",
        Schema::Nginx => "nginx",
        Schema::Caddy => "Caddy",
        Schema::Traefik => "Traefik",
        Schema::Journald => "journald",
        Schema::Envoy => "Envoy",
        Schema::Pino => "pino",
        Schema::Bunyan => "bunyan",
        Schema::W3c => "W3C extended",
        Schema::Logger => "loggers",
    };
    format!("`{}`{} ({whose})", alias.name, unit(alias.unit))
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Same => "",
        Unit::Seconds => " in s",
        Unit::Millis => " in ms",
        Unit::Nanos => " in ns",
        Unit::Written => " with its unit",
        Unit::AnyTime => " as any time",
    }
}

fn ty(ty: Type) -> &'static str {
    match ty {
        Type::Id => "id",
        Type::Text => "text",
        Type::Time => "time, RFC 3339 in UTC",
        Type::Ip => "address",
        Type::Integer => "whole number",
        Type::DurationMicros => "whole number, µs",
        Type::SizeBytes => "whole number, bytes",
        Type::Flags => "list of texts",
        Type::Notes => "object of scalars",
    }
}

#[test]
fn the_page_is_this_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fields.md");
    let page = page();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(file, page, "run this test with UPDATE_SCHEMA=1 and look at what changed");
}

//! Typing: what a value means is decided by the field it is compared with, not by its looks.

use super::error::{Checked, Problem};
use super::lex::Value;
use super::operand::{Op, Operand};
use super::pattern::Pattern;
use crate::field::{self, Name, Ty};
use crate::level;
use crate::number::Decimal;
use crate::settings::Settings;
use crate::time;
use access_record::field::Type;
use access_record::net::{self, Network};

/// The operand that a value is after an operator.
pub(super) fn operand(
    name: &Name,
    op: Op,
    op_at: usize,
    value: &Value,
    settings: &Settings,
) -> Checked<Operand> {
    if op.is_match() {
        return Pattern::regex(&value.text, settings.ignore_case)
            .map(Operand::Regex)
            .map_err(|why| problem(value, format!("this is no regular expression: {why}")));
    }
    check_order(name, op, op_at)?;
    let operand = typed(name, op, value, settings)?;
    match &operand {
        Operand::Wildcard(_) if op.is_order() => {
            Err(problem(value, "a wildcard has no order").help("for the character itself, quote the value"))
        }
        _ => Ok(operand),
    }
}

/// The operand that an item of a list is.
pub(super) fn item(name: &Name, value: &Value, settings: &Settings) -> Checked<Operand> {
    let takes_blocks =
        matches!(name.ty(), Ty::Contract(Type::Ip)) || (name.ty() == Ty::Free && !value.quoted);
    match Network::parse(&value.text).filter(|_| takes_blocks) {
        Some(network) => Ok(Operand::Network(network)),
        None => typed(name, Op::Equal, value, settings),
    }
}

/// The operand of `in` without a list.
pub(super) fn network(name: &Name, word: &str, at: usize) -> Checked<Operand> {
    let Some(network) = Network::parse(word) else {
        return Err(Problem::new(at, word.len(), "expected a list or a block of addresses after `in`")
            .help("such as status in (500, 503), or client_ip in 10.0.0.0/8"));
    };
    match name.ty() {
        Ty::Contract(Type::Ip | Type::Text) | Ty::Free => Ok(Operand::Network(network)),
        Ty::Contract(_) => Err(Problem::new(at, word.len(), format!("`{}` is no address", name.text()))),
    }
}

/// Which types have no order.
fn check_order(name: &Name, op: Op, op_at: usize) -> Checked<()> {
    if !op.is_order() {
        return Ok(());
    }
    let (what, help) = match name.ty() {
        Ty::Contract(Type::Id) => ("an id", None),
        Ty::Contract(Type::Ip) => ("an address", Some(format!("for a range: {} in 10.0.0.0/8", name.text()))),
        Ty::Contract(Type::Flags) => ("a list", None),
        _ => return Ok(()),
    };
    let message = format!("`{}` is {what}: it takes =, !=, in and ~ only", name.text());
    let problem = Problem::new(op_at, op.as_str().len(), message);
    Err(match help {
        Some(help) => problem.help(help),
        None => problem,
    })
}

fn typed(name: &Name, op: Op, value: &Value, settings: &Settings) -> Checked<Operand> {
    match name.ty() {
        Ty::Contract(Type::Id | Type::Flags) => text(value, settings),
        Ty::Contract(Type::Integer) => integer(name, value),
        Ty::Contract(Type::DurationMicros) => duration(name, op, value),
        Ty::Contract(Type::SizeBytes) => size(name, op, value),
        Ty::Contract(Type::Time) => match time::parse_point(&value.text, settings) {
            Ok(micros) => Ok(Operand::Time { micros, zone: settings.zone.clone() }),
            Err(error) => Err(problem(value, error.to_string())),
        },
        Ty::Contract(Type::Ip) => ip(name, op, value, settings),
        Ty::Contract(Type::Notes) => {
            Err(problem(value, format!("`{}` holds values with names", name.text()))
                .help("write the name of the note, or notes.NAME"))
        }
        Ty::Contract(Type::Text) if name.contract().is_some_and(|field| field.name == "level") => {
            level_name(op, value, settings)
        }
        Ty::Contract(Type::Text) => number_or_text(value, settings),
        Ty::Free => {
            let has_unit = time::parse_duration(&value.text).is_ok() || time::parse_size(&value.text).is_ok();
            if op.is_order() && !value.quoted && has_unit {
                let message = format!("the unit of `{}` is unknown", name.text());
                return Err(problem(value, message).help(
                    "compare it with a number in the unit that the log has; for the order of texts, quote the value",
                ));
            }
            number_or_text(value, settings)
        }
    }
}

fn integer(name: &Name, value: &Value) -> Checked<Operand> {
    Decimal::parse(&value.text).map(Operand::Number).ok_or_else(|| {
        let problem = problem(value, format!("`{}` is a number, `{}` is not", name.text(), value.text));
        let name = name.text();
        if value.text.contains('*') {
            problem.help(format!("for a range: {name}>=500 {name}<600; for its digits: {name}~\"^5\""))
        } else {
            problem
        }
    })
}

fn duration(name: &Name, op: Op, value: &Value) -> Checked<Operand> {
    let Some(number) = Decimal::parse(&value.text) else {
        return match time::parse_duration(&value.text) {
            Ok(nanos) => Ok(Operand::DurationNanos(Decimal::from(i128::from(nanos)))),
            Err(error) => Err(problem(value, error.to_string())),
        };
    };
    match name.unit().and_then(field::nanos_shift) {
        Some(shift) => Ok(Operand::DurationNanos(number.scaled(shift))),
        None if number.is_zero() => Ok(Operand::DurationNanos(number)),
        None => Err(needs_unit(name, op, value, "ms", "duration_us")),
    }
}

fn size(name: &Name, op: Op, value: &Value) -> Checked<Operand> {
    let Some(number) = Decimal::parse(&value.text) else {
        return match time::parse_size(&value.text) {
            Ok(bytes) => Ok(Operand::Number(Decimal::from(i128::from(bytes)))),
            Err(error) => Err(problem(value, error.to_string())),
        };
    };
    if name.unit().is_none() && !number.is_zero() {
        return Err(needs_unit(name, op, value, "KiB", "bytes_out"));
    }
    Ok(Operand::Number(number))
}

fn needs_unit(name: &Name, op: Op, value: &Value, unit: &str, carrier: &str) -> Problem {
    let (name, op, text) = (name.text(), op.as_str(), &value.text);
    problem(value, format!("`{name}` needs a unit")).help(format!(
        "`{name}{op}{text}{unit}`? A plain number is taken only by names that carry their unit, such as {carrier}"
    ))
}

fn ip(name: &Name, op: Op, value: &Value, settings: &Settings) -> Checked<Operand> {
    if Network::parse(&value.text).is_some() {
        let message = format!("`{}` takes one address, this is a block of them", op.as_str());
        let word = if op == Op::NotEqual { "not in" } else { "in" };
        return Err(problem(value, message).help(format!("`{} {word} {}`", name.text(), value.text)));
    }
    match net::address(&value.text) {
        Some(address) => Ok(Operand::Address(address)),
        None => text(value, settings),
    }
}

fn level_name(op: Op, value: &Value, settings: &Settings) -> Checked<Operand> {
    match level::rank(&value.text) {
        Some(rank) => Ok(Operand::Level(rank)),
        None if op.is_order() => Err(problem(value, format!("`{}` is no level", value.text))
            .help("levels are trace, debug, info, warn, error and fatal")),
        None => {
            let ignore_case = Settings { ignore_case: true, ..settings.clone() };
            text(value, &ignore_case)
        }
    }
}

/// An unquoted number compares as a number, anything else as text.
fn number_or_text(value: &Value, settings: &Settings) -> Checked<Operand> {
    match Decimal::parse(&value.text).filter(|_| !value.quoted) {
        Some(number) => Ok(Operand::Number(number)),
        None => text(value, settings),
    }
}

fn text(value: &Value, settings: &Settings) -> Checked<Operand> {
    let ignore_case = settings.ignore_case;
    if !value.quoted && value.text.contains('*') {
        return Pattern::wildcard(&value.text, ignore_case)
            .map(Operand::Wildcard)
            .map_err(|why| problem(value, why));
    }
    let text = if ignore_case { value.text.to_lowercase() } else { value.text.clone() };
    Ok(Operand::Text { text, ignore_case })
}

fn problem(value: &Value, message: impl Into<String>) -> Problem {
    Problem::new(value.at, value.len, message)
}

//! Conditions: `error_rate > 1%`, `p99(duration) > 800ms`, `rate < 10/s`, `count() < 1`. A figure, an order, and a
//! bound that is typed by what the figure is of.

use crate::field::{Name, Ty, nearest};
use crate::query::{Checked, Measure, Problem, QueryError, percentile};
use crate::time;

/// A condition; it holds if the figure stands so to the bound.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The condition as it was typed.
    pub text: String,
    /// What is figured.
    pub figure: Figure,
    /// How it must stand to the bound.
    pub order: Order,
    /// The bound, in the figure's unit.
    pub bound: f64,
}

impl Condition {
    /// Whether it may hold only because records are missing: more of them make counts and sums no less, the largest no
    /// smaller and the least no larger.
    pub fn may_want_records(&self) -> bool {
        let is_under = matches!(self.order, Order::Under | Order::AtMost);
        match self.figure.function {
            Function::Count | Function::Rate | Function::Sum | Function::Max => is_under,
            Function::Min => !is_under,
            Function::ErrorRate | Function::Avg | Function::Percentile(_) => false,
        }
    }
}

/// What is figured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// How.
    pub function: Function,
    /// Of which field.
    pub field: Option<Name>,
    /// In which unit.
    pub unit: Unit,
}

/// How a figure comes of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// How many there are.
    Count,
    /// How many there are in a second.
    Rate,
    /// Which part of them failed.
    ErrorRate,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The least.
    Min,
    /// The largest.
    Max,
    /// The value at so many parts of a million.
    Percentile(u32),
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Number,
    /// Parts of a hundred.
    Percent,
    /// So many in a second.
    PerSecond,
    /// Microseconds.
    Micros,
    /// Bytes.
    Bytes,
}

/// How two numbers stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `>`
    Over,
    /// `>=`
    AtLeast,
    /// `<`
    Under,
    /// `<=`
    AtMost,
}

const FUNCTIONS: [(&str, Function); 7] = [
    ("count", Function::Count),
    ("rate", Function::Rate),
    ("error_rate", Function::ErrorRate),
    ("sum", Function::Sum),
    ("avg", Function::Avg),
    ("min", Function::Min),
    ("max", Function::Max),
];
const LIST: &str = "count(), rate, error_rate, and of a field: p50 to p99.9, avg, min, max, sum";
const ORDERS: [(&str, Order); 4] =
    [(">=", Order::AtLeast), ("<=", Order::AtMost), (">", Order::Over), ("<", Order::Under)];

/// Parses a condition.
///
/// ```
/// use logq::check::{Function, parse};
/// let condition = parse("p99(duration) > 800ms").unwrap();
/// assert_eq!(condition.figure.function, Function::Percentile(990_000));
/// assert_eq!(condition.bound, 800_000.0);
/// assert_eq!(parse("p99(duration) > 800").unwrap_err().at(), 16);
/// ```
pub fn parse(text: &str) -> Result<Condition, QueryError> {
    condition(text).map_err(|problem| QueryError::new(text, problem))
}

impl Order {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        ORDERS.iter().find(|(_, order)| *order == self).map_or("", |(text, _)| text)
    }

    /// Whether a value stands so to a bound.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Over => value > bound,
            Self::AtLeast => value >= bound,
            Self::Under => value < bound,
            Self::AtMost => value <= bound,
        }
    }
}

impl Figure {
    /// Its name, as it is written in a condition.
    pub fn name(&self) -> String {
        let field = self.field.as_ref().map(Name::text);
        let function = match self.function {
            Function::Percentile(part) => format!("p{}", f64::from(part) / 10_000.0),
            known => FUNCTIONS.iter().find(|(_, of)| *of == known).map_or("", |(name, _)| name).to_owned(),
        };
        match field {
            Some(field) => format!("{function}({field})"),
            None => function,
        }
    }

    /// Whether it says something also where there are no requests.
    pub fn is_known_of_none(&self) -> bool {
        matches!(self.function, Function::Count | Function::Rate)
    }
}

fn condition(text: &str) -> Checked<Condition> {
    let end = text.find(['<', '>', '=', '!']).unwrap_or(text.len());
    let figure = figure(&text[..end], text.len() - text.trim_start().len())?;
    let rest = &text[end..];
    let Some((sign, order)) = ORDERS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
        let len = rest.len().min(1);
        return Err(Problem::new(end, len, "expected >, >=, < or <= behind the figure")
            .help("a condition says when it is bad: error_rate > 1%"));
    };
    let value = &rest[sign.len()..];
    let at = end + sign.len() + (value.len() - value.trim_start().len());
    let bound = bound(value.trim(), figure.unit).map_err(|expected| {
        let message = format!("`{}` is compared with {expected}", figure.name());
        Problem::new(at, value.trim().len(), message)
    })?;
    Ok(Condition { text: text.trim().to_owned(), figure, order: *order, bound })
}

fn figure(text: &str, at: usize) -> Checked<Figure> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::new(at, 0, "expected a figure").help(format!("figures are: {LIST}")));
    }
    let (name, argument) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => {
            let inner = rest.strip_suffix(')').ok_or_else(|| {
                Problem::new(at + name.len(), 1, "`(` is never closed").help("such as p99(duration) > 800ms")
            })?;
            (name, Some(inner.trim()).filter(|inner| !inner.is_empty()))
        }
    };
    let lower = name.trim_end().to_ascii_lowercase();
    let known = FUNCTIONS.iter().find(|(known, _)| *known == lower).map(|(_, function)| *function);
    let Some(function) = known.or_else(|| percentile(&lower).map(Function::Percentile)) else {
        let near = nearest(&lower, FUNCTIONS.iter().map(|(name, _)| *name));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        return Err(Problem::new(at, name.len(), format!("`{name}` is no figure"))
            .help(format!("{near}Figures are: {LIST}")));
    };
    let takes_field = !matches!(function, Function::Count | Function::Rate | Function::ErrorRate);
    let argument_at = at + name.len() + 1;
    match (argument, takes_field) {
        (None, true) => Err(Problem::new(at, text.len(), format!("`{lower}` needs a field"))
            .help(format!("such as {lower}(duration)"))),
        (Some(field), false) => {
            Err(Problem::new(argument_at, field.len(), format!("`{lower}` takes no field"))
                .help("which records count is said by -e QUERY"))
        }
        (None, false) => Ok(Figure { function, field: None, unit: unit_of_none(function) }),
        (Some(field), true) => {
            let name = Name::new(field.trim_matches('`'));
            let unit = unit_of(name.ty()).ok_or_else(|| {
                let message = format!("`{lower}` takes numbers, durations and sizes, and `{field}` is none");
                Problem::new(argument_at, field.len(), message)
            })?;
            Ok(Figure { function, field: Some(name), unit })
        }
    }
}

fn unit_of_none(function: Function) -> Unit {
    match function {
        Function::ErrorRate => Unit::Percent,
        Function::Rate => Unit::PerSecond,
        _ => Unit::Number,
    }
}

fn unit_of(ty: Ty) -> Option<Unit> {
    match Measure::of(ty)? {
        Measure::Number => Some(Unit::Number),
        Measure::Micros => Some(Unit::Micros),
        Measure::Bytes => Some(Unit::Bytes),
        Measure::Time => None,
    }
}

/// The bound in the unit; else what was expected.
fn bound(text: &str, unit: Unit) -> Result<f64, &'static str> {
    let number = |text: &str| {
        let is_plain = text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        text.parse::<f64>().ok().filter(|_| is_plain)
    };
    match unit {
        Unit::Number => number(text).ok_or("a number, such as 100"),
        Unit::Percent => {
            let percent = text.strip_suffix('%').and_then(|text| number(text.trim_end()));
            percent.filter(|percent| *percent <= 100.0).ok_or("a percentage, such as 1%")
        }
        Unit::PerSecond => per_second(text, number).ok_or("a rate, such as 100/s, 5/m or 1/h"),
        Unit::Micros => time::parse_duration(text)
            .map(|nanos| as_float(nanos) / 1000.0)
            .map_err(|_| "a duration, such as 800ms"),
        Unit::Bytes => {
            let bytes = time::parse_size(text).ok().and_then(|bytes| i64::try_from(bytes).ok());
            bytes.map(as_float).ok_or("a size, such as 10KiB")
        }
    }
}

fn per_second(text: &str, number: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    number(count.trim_end()).map(|count| count / seconds)
}

#[expect(clippy::cast_precision_loss, reason = "a bound of more than 16 digits is nobody's")]
fn as_float(number: i64) -> f64 {
    number as f64
}

//! The functions of `stats` and `timechart`: their names, what each takes, and what comes of it.

use super::{Aggregate, closes};
use crate::column::Column;
use crate::field::{Name, Ty, nearest};
use crate::query::error::{Checked, Problem};
use crate::query::parse::Parser;
use crate::query::stage::{field_name, takes_word};
use access_record::field::Type;

/// How a figure comes of the rows of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// How many rows there are, or have the field.
    Count,
    /// How many different values.
    CountDistinct,
    /// The sum.
    Sum,
    /// The least value.
    Min,
    /// The largest value.
    Max,
    /// The mean.
    Avg,
    /// The value that this part of the rows does not exceed: parts of a million.
    Percentile(u32),
    /// Rows in a second, or of a field's sum so much in a second.
    Rate,
    /// The value of the earliest row.
    First,
    /// The value of the latest row.
    Last,
}

/// What the values of a field are as figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Numbers without unit.
    Number,
    /// Durations, in microseconds.
    Micros,
    /// Sizes.
    Bytes,
    /// Points in time.
    Time,
}

/// What a function takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Any,
    Number,
    NumberOrTime,
}

/// All of a percentile's values, in the unit of its parts.
pub(crate) const WHOLE: u32 = 1_000_000;

const NAMES: &[(&str, Function)] = &[
    ("count", Function::Count),
    ("count_distinct", Function::CountDistinct),
    ("sum", Function::Sum),
    ("min", Function::Min),
    ("max", Function::Max),
    ("avg", Function::Avg),
    ("rate", Function::Rate),
    ("first", Function::First),
    ("last", Function::Last),
];

/// What other languages call our functions.
const FOREIGN: &[(&str, &str)] = &[
    ("dc", "count_distinct"),
    ("distinct", "count_distinct"),
    ("uniq", "count_distinct"),
    ("unique", "count_distinct"),
    ("mean", "avg"),
    ("average", "avg"),
    ("median", "p50"),
    ("latest", "last"),
    ("earliest", "first"),
    ("per_second", "rate"),
];

const LIST: &str = "count, count_distinct, sum, min, max, avg, p50 to p99.9, rate, first, last";

impl Function {
    fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let named = NAMES.iter().find(|(known, _)| *known == lower).map(|(_, function)| *function);
        named.or_else(|| percentile(&lower).map(Self::Percentile))
    }

    /// Whether the figures of several groups add up to that of all of them.
    pub fn adds(self) -> bool {
        matches!(self, Self::Count | Self::Sum | Self::Rate)
    }

    fn takes(self) -> Takes {
        match self {
            Self::Count | Self::CountDistinct | Self::First | Self::Last => Takes::Any,
            Self::Sum | Self::Avg | Self::Rate | Self::Percentile(_) => Takes::Number,
            Self::Min | Self::Max => Takes::NumberOrTime,
        }
    }

    fn needs_field(self) -> bool {
        !matches!(self, Self::Count | Self::Rate)
    }
}

impl Measure {
    /// What the values of a field are as figures, if they can be some.
    pub fn of(ty: Ty) -> Option<Self> {
        match ty {
            Ty::Free | Ty::Contract(Type::Integer) => Some(Self::Number),
            Ty::Contract(Type::DurationMicros) => Some(Self::Micros),
            Ty::Contract(Type::SizeBytes) => Some(Self::Bytes),
            Ty::Contract(Type::Time) => Some(Self::Time),
            Ty::Contract(Type::Id | Type::Text | Type::Ip | Type::Flags | Type::Notes) => None,
        }
    }

    fn ty(self) -> Ty {
        Ty::Contract(match self {
            Self::Number => Type::Integer,
            Self::Micros => Type::DurationMicros,
            Self::Bytes => Type::SizeBytes,
            Self::Time => Type::Time,
        })
    }
}

/// `p50`, `p99`, `p99.9`: up to four digits behind the point, as parts of a million.
pub(crate) fn percentile(name: &str) -> Option<u32> {
    let (whole, fraction) = name.strip_prefix('p')?.split_once('.').unwrap_or((&name[1..], "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() > 3 || fraction.len() > 4 {
        return None;
    }
    format!("{whole}{fraction:0<4}").parse().ok().filter(|parts| *parts <= WHOLE)
}

/// One figure, and where it stands.
pub(super) fn aggregate(parser: &mut Parser<'_>, stage: &str) -> Checked<(Aggregate, usize)> {
    parser.cursor.skip_space();
    let at = parser.cursor.at();
    let Some(typed) = parser.cursor.name() else {
        return Err(parser.here(format!("expected a function after `{stage}`")).help(format!(
            "such as {stage_example}; functions are: {LIST}",
            stage_example = example(stage)
        )));
    };
    let Some(function) = Function::of(typed) else {
        return Err(unknown(typed, at));
    };
    if parser.cursor.peek() != Some('(') {
        let example = if function.needs_field() { "(duration)" } else { "()" };
        return Err(Problem::new(at, typed.len(), format!("`{typed}` is a function"))
            .help(format!("it is written with parentheses: {typed}{example}")));
    }
    parser.cursor.skip(1);
    let field = argument(parser, function, typed)?;
    closes(&mut parser.cursor, typed)?;
    let mut column = column(function, field.as_ref(), &typed.to_ascii_lowercase());
    if takes_word(&mut parser.cursor, "as") {
        let (name, _) = field_name(&mut parser.cursor, "as")?;
        name.clone_into(&mut column.name);
        column.field = None;
    }
    Ok((Aggregate { function, field, column }, at))
}

fn example(stage: &str) -> &str {
    if stage == "timechart" { "timechart 1m count()" } else { "stats count(), p99(duration) by route" }
}

fn unknown(typed: &str, at: usize) -> Problem {
    let lower = typed.to_ascii_lowercase();
    let foreign = FOREIGN.iter().find(|(theirs, _)| *theirs == lower).map(|(_, ours)| *ours);
    let known = NAMES.iter().map(|(name, _)| *name);
    let help = match foreign.or_else(|| nearest(typed, known)) {
        Some(near) => format!("did you mean `{near}`? Functions are: {LIST}"),
        None => format!("functions are: {LIST}"),
    };
    Problem::new(at, typed.len(), format!("`{typed}` is no function")).help(help)
}

/// The field between the parentheses.
fn argument(parser: &mut Parser<'_>, function: Function, typed: &str) -> Checked<Option<Name>> {
    parser.cursor.skip_space();
    if parser.cursor.peek() == Some(')') {
        if !function.needs_field() {
            return Ok(None);
        }
        return Err(parser.here(format!("`{typed}` needs a field")).help(format!(
            "such as {typed}({})",
            if function.takes() == Takes::Any { "user_id" } else { "duration" }
        )));
    }
    let (text, at) = field_name(&mut parser.cursor, &format!("{typed}("))?;
    let name = parser.rows.name(text, at)?;
    let measure = Measure::of(name.ty());
    let (is_taken, what) = match function.takes() {
        Takes::Any => (true, ""),
        Takes::Number => {
            (measure.is_some_and(|measure| measure != Measure::Time), "numbers, durations and sizes")
        }
        Takes::NumberOrTime => (measure.is_some(), "numbers, durations, sizes and times"),
    };
    if is_taken {
        return Ok(Some(name));
    }
    let message = format!("`{typed}` takes {what}; `{text}` is {}", kind(name.ty()));
    Err(Problem::new(at, text.len(), message)
        .help(format!("for how many different values there are: count_distinct({text})")))
}

fn kind(ty: Ty) -> &'static str {
    match ty {
        Ty::Contract(Type::Id) => "an id",
        Ty::Contract(Type::Ip) => "an address",
        Ty::Contract(Type::Time) => "a time",
        Ty::Contract(Type::Flags | Type::Notes) => "a list",
        Ty::Contract(_) | Ty::Free => "text",
    }
}

/// The column of a figure, called as the function and the contract's name of the field.
fn column(function: Function, field: Option<&Name>, typed: &str) -> Column {
    let of = field.map(Column::of);
    let name = of.as_ref().map_or(typed.to_owned(), |of| format!("{typed}_{}", of.name));
    let measured = |name: &Name| Measure::of(name.ty()).map(Measure::ty);
    let ty = match function {
        Function::Count | Function::CountDistinct => None,
        Function::First | Function::Last => field.map(Name::ty),
        Function::Rate => field.and_then(measured).filter(|ty| *ty == Measure::Bytes.ty()),
        Function::Sum | Function::Min | Function::Max | Function::Avg | Function::Percentile(_) => {
            field.and_then(measured)
        }
    };
    Column::new(name, ty.unwrap_or(Measure::Number.ty()))
}

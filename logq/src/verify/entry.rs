//! What a line says to a ledger. Who reads the line makes it of the row, who keeps the ledger takes it in, and between
//! threads it is bytes: so lines are read by several threads, and still go into the ledger one after the other.

use super::instance::Stop;
use super::losses::Loss;
use crate::facts;
use crate::field::Name;
use crate::handed::{Broken, Handed, put_maybe, put_number, put_text};
use crate::row::{Row, Shape};
use access_record::Kind;
use std::borrow::Cow;

/// The longest id of an instance that is told from others.
const ID_BYTES_MAX: usize = 64;
/// What stands before the id of an instance in a line of our own.
const INSTANCE_KEY: &[u8] = b"\"instance\":\"";
/// Hex digits of such an id.
const INSTANCE_DIGITS: usize = 16;

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Entry<'e> {
    /// A record of an instance.
    Record { instance: Cow<'e, str>, seq: u64, service: Option<Cow<'e, str>>, says: Says<'e> },
    /// A record without an instance or a number.
    Unnumbered,
    /// A broken record, perhaps of an instance.
    Torn(Option<&'e str>),
    /// No record.
    Other,
    /// Nothing at all.
    Blank,
}

/// What a record says of others.
#[derive(Debug, PartialEq)]
pub(super) enum Says<'e> {
    Nothing,
    Lost(Loss, Option<Cow<'e, str>>),
    Stopped(Stop),
}

/// Makes entries of rows.
#[derive(Debug)]
pub struct Entries {
    kind: Name,
    instance: Name,
    service: Name,
    seq: Name,
    lost: Name,
    seq_first: Name,
    seq_last: Name,
    reason: Name,
    made: Name,
    written: Name,
    dropped: Name,
}

impl Entries {
    /// The names that are asked for.
    pub fn new() -> Self {
        let name = |text: &str| Name::new(text);
        Self {
            kind: name("kind"),
            instance: name("instance"),
            service: name("service"),
            seq: name("seq"),
            lost: name("lost"),
            seq_first: name("seq_first"),
            seq_last: name("seq_last"),
            reason: name("reason"),
            made: name("made"),
            written: name("written"),
            dropped: name("dropped"),
        }
    }

    /// The fields that are looked at.
    pub fn fields(&self) -> Vec<Name> {
        let Self { kind, instance, service, seq, lost, seq_first, seq_last, reason, made, written, dropped } =
            self;
        [kind, instance, service, seq, lost, seq_first, seq_last, reason, made, written, dropped]
            .map(Clone::clone)
            .to_vec()
    }

    /// Appends what a line says, as [`Ledger::push_all`](super::Ledger::push_all) reads it.
    pub fn put(&self, row: &Row<'_>, bytes: &mut Vec<u8>) {
        self.of(row).put(bytes);
    }

    pub(super) fn of<'r>(&self, row: &'r Row<'_>) -> Entry<'r> {
        if row.shape == Shape::Unknown {
            return broken(row.raw.trim_ascii());
        }
        let instance = facts::text(&self.instance, row).filter(|id| id.len() <= ID_BYTES_MAX);
        let seq = number(&self.seq, row).filter(|seq| *seq > 0);
        let (Some(instance), Some(seq)) = (instance, seq) else {
            return Entry::Unnumbered;
        };
        let service = facts::text(&self.service, row);
        Entry::Record { instance, seq, service, says: self.says(seq, row).unwrap_or(Says::Nothing) }
    }

    fn says<'r>(&self, seq: u64, row: &'r Row<'_>) -> Option<Says<'r>> {
        let number = |name| number(name, row);
        match Kind::parse(&facts::text(&self.kind, row)?)? {
            Kind::Loss => {
                let (first, last) = (number(&self.seq_first)?, number(&self.seq_last)?);
                let loss = Loss { first, last, lost: number(&self.lost)? };
                Some(Says::Lost(loss, facts::text(&self.reason, row)))
            }
            Kind::Stop => {
                let (made, written) = (number(&self.made), number(&self.written));
                Some(Says::Stopped(Stop { seq, made, written, dropped: number(&self.dropped) }))
            }
            _ => None,
        }
    }
}

impl Default for Entries {
    fn default() -> Self {
        Self::new()
    }
}

/// What each entry begins with.
const RECORD: u8 = 0;
const LOSS: u8 = 1;
const STOP: u8 = 2;
const UNNUMBERED: u8 = 3;
const TORN: u8 = 4;
const OTHER: u8 = 5;

impl<'e> Entry<'e> {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Blank => {}
            Self::Other => bytes.push(OTHER),
            Self::Unnumbered => bytes.push(UNNUMBERED),
            Self::Torn(instance) => {
                bytes.push(TORN);
                put_maybe(bytes, *instance, put_text);
            }
            Self::Record { instance, seq, service, says } => {
                bytes.push(match says {
                    Says::Nothing => RECORD,
                    Says::Lost(..) => LOSS,
                    Says::Stopped(_) => STOP,
                });
                put_text(bytes, instance);
                put_number(bytes, *seq);
                put_maybe(bytes, service.as_deref(), put_text);
                says.put(bytes);
            }
        }
    }

    /// The first of these entries.
    pub(super) fn read(handed: &mut Handed<'e>) -> Result<Self, Broken> {
        Ok(match handed.byte()? {
            OTHER => Self::Other,
            UNNUMBERED => Self::Unnumbered,
            TORN => Self::Torn(handed.maybe(Handed::text)?),
            kind => Self::Record {
                instance: handed.text()?.into(),
                seq: handed.number()?,
                service: handed.maybe(Handed::text)?.map(Cow::Borrowed),
                says: match kind {
                    LOSS => Says::lost(handed)?,
                    STOP => Says::stopped(handed)?,
                    _ => Says::Nothing,
                },
            },
        })
    }
}

impl<'e> Says<'e> {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Nothing => {}
            Self::Lost(Loss { first, last, lost }, reason) => {
                for number in [first, last, lost] {
                    put_number(bytes, *number);
                }
                put_maybe(bytes, reason.as_deref(), put_text);
            }
            Self::Stopped(Stop { seq, made, written, dropped }) => {
                put_number(bytes, *seq);
                for number in [made, written, dropped] {
                    put_maybe(bytes, *number, put_number);
                }
            }
        }
    }

    fn lost(handed: &mut Handed<'e>) -> Result<Self, Broken> {
        let loss = Loss { first: handed.number()?, last: handed.number()?, lost: handed.number()? };
        let reason = handed.maybe(Handed::text)?.map(Cow::Borrowed);
        Ok(Self::Lost(loss, reason))
    }

    fn stopped(handed: &mut Handed<'e>) -> Result<Self, Broken> {
        let seq = handed.number()?;
        let mut total = || handed.maybe(Handed::number);
        Ok(Self::Stopped(Stop { seq, made: total()?, written: total()?, dropped: total()? }))
    }
}

fn number(name: &Name, row: &Row<'_>) -> Option<u64> {
    name.find(row)?.value.scalar()?.parse().ok()
}

/// What is left of a record says perhaps whose it was.
fn broken(line: &[u8]) -> Entry<'_> {
    match line.first() {
        None => Entry::Blank,
        Some(b'{') => Entry::Torn(instance_in(line)),
        Some(_) => Entry::Other,
    }
}

/// The instance that a piece of a line names whole.
fn instance_in(line: &[u8]) -> Option<&str> {
    let at = memchr::memmem::find(line, INSTANCE_KEY)? + INSTANCE_KEY.len();
    let id = line.get(at..at + INSTANCE_DIGITS)?;
    let is_whole = id.iter().all(u8::is_ascii_hexdigit) && line.get(at + INSTANCE_DIGITS) == Some(&b'"');
    str::from_utf8(id).ok().filter(|_| is_whole)
}

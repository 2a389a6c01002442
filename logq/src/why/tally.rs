//! What can be asked of requests, and how many of them it is true of.

use super::request::mix;
use super::sample::Request;

/// What a request has.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// Its value.
    pub is: Is,
}

/// A value, or a range of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    /// This text.
    Text(String),
    /// A number of a range, half open; without an end where there is none.
    Between {
        /// The least.
        from: Option<f64>,
        /// What is above.
        below: Option<f64>,
    },
}

impl Is {
    /// Whether a number is of the range.
    pub(super) fn holds(&self, number: f64) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Between { from, below } => {
                from.is_none_or(|from| from <= number) && below.is_none_or(|below| number < below)
            }
        }
    }
}

/// Requests, as far as they are counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Outside and inside.
    pub(super) counts: [u64; 2],
    pub(super) weights: [u64; 2],
    /// The sums of the squares of the weights.
    squares: [u64; 2],
    /// The same for the same requests, whatever their order.
    pub(super) who: u64,
    /// The largest id of those inside.
    pub(super) example: u64,
}

impl Tally {
    pub(super) fn add(&mut self, id: u64, request: &Request) {
        let side = usize::from(request.is_inside);
        self.counts[side] += 1;
        self.weights[side] += u64::from(request.weight);
        self.squares[side] = self.squares[side].saturating_add(u64::from(request.weight).pow(2));
        self.who = self.who.wrapping_add(mix(id));
        if request.is_inside {
            self.example = self.example.max(id);
        }
    }

    /// How many requests.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether they are a larger share of all those inside than of all those outside.
    pub(super) fn is_more(&self, all: &Self) -> bool {
        self.counts[1] * all.counts[0] > self.counts[0] * all.counts[1]
    }

    pub(super) fn append(&mut self, other: &Self) {
        for side in 0..2 {
            self.counts[side] += other.counts[side];
            self.weights[side] += other.weights[side];
            self.squares[side] = self.squares[side].saturating_add(other.squares[side]);
        }
        self.who = self.who.wrapping_add(other.who);
        self.example = self.example.max(other.example);
    }

    /// Their share of a side of others with its weights, and as counts of so many requests as tell as much without weights:
    /// Kish, Survey Sampling (1965). With equal weights these are the counts themselves.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "at most the count of requests, below 2^53"
    )]
    pub(super) fn share(&self, all: &Self, side: usize) -> (f64, (u64, u64)) {
        let (weight, whole) = (self.weights[side] as f64, all.weights[side] as f64);
        if whole == 0.0 {
            return (0.0, (0, 0));
        }
        let of = whole * whole / all.squares[side] as f64;
        (weight / whole, ((weight / whole * of).round() as u64, of.round() as u64))
    }
}

//! One of the two sets of requests: what is known of each of its routes.

use super::durations::Durations;
use crate::facts::{self, Facts};
use crate::level;
use crate::row::Row;
use access_record::notes::cut;
use std::collections::BTreeMap;

/// Routes that are told apart; a log that has more has paths instead of routes.
const ROUTES_MAX: usize = 10_000;
/// What all further ones are called.
const OTHERS: &str = "(others)";
/// Bytes of a route.
const ROUTE_BYTES_MAX: usize = 256;
/// The rank of the level `error`.
const ERROR: u8 = 5;

/// A set of requests.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// By route.
    pub routes: BTreeMap<String, Route>,
    /// Of all routes.
    pub all: Route,
    /// When the first of them ended, in microseconds since 1970.
    pub first_us: Option<i64>,
}

/// The requests of one route.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// How many.
    pub count: u64,
    /// How many they stand for.
    pub weight: u64,
    /// The sum of the squares of how many each stands for.
    pub squares: u64,
    /// How many of them failed.
    pub errors: u64,
    /// How many these stand for.
    pub error_weight: u64,
    /// How long they took.
    pub durations: Durations,
}

impl Side {
    /// Adds a request.
    pub fn add(&mut self, row: &Row<'_>, facts: &Facts) {
        let weight = facts.sample_rate.resolve(row).and_then(|rate| rate.scalar()?.parse().ok()).unwrap_or(1);
        let is_error = match facts::text(&facts.level, row).and_then(|level| level::rank(&level)) {
            Some(rank) => rank >= ERROR,
            None => facts::text(&facts.status, row)
                .is_some_and(|status| status.len() == 3 && status.starts_with('5')),
        };
        let micros = facts.duration_us(row);
        let route = facts::text(&facts.route, row).or_else(|| facts::text(&facts.path, row));
        self.all.add(weight, is_error, micros);
        let route = cut(route.as_deref().unwrap_or("-"), ROUTE_BYTES_MAX);
        self.put(route, |known| known.add(weight, is_error, micros));
        let first_us = facts.time_us(row);
        self.first_us = earlier(self.first_us, first_us);
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (route, more) in &other.routes {
            self.put(route, |known| known.merge(more));
        }
        self.first_us = earlier(self.first_us, other.first_us);
    }

    fn put(&mut self, route: &str, put: impl FnOnce(&mut Route)) {
        if let Some(known) = self.routes.get_mut(route) {
            return put(known);
        }
        let route = if self.routes.len() < ROUTES_MAX { route } else { OTHERS };
        put(self.routes.entry(route.to_owned()).or_default());
    }
}

impl Route {
    /// Of how many requests without weights one would know as much: Kish, Survey Sampling (1965). With equal weights it
    /// is their count.
    pub fn effective(&self) -> u64 {
        let square = u128::from(self.weight) * u128::from(self.weight);
        let squares = u128::from(self.squares.max(1));
        u64::try_from((square + squares / 2) / squares).unwrap_or(u64::MAX)
    }

    fn add(&mut self, weight: u64, is_error: bool, micros: Option<u64>) {
        self.count += 1;
        self.weight += weight;
        self.squares = self.squares.saturating_add(weight.saturating_mul(weight));
        self.errors += u64::from(is_error);
        self.error_weight += if is_error { weight } else { 0 };
        if let Some(micros) = micros {
            self.durations.add(micros, weight);
        }
    }

    fn merge(&mut self, more: &Self) {
        self.count += more.count;
        self.weight += more.weight;
        self.squares = self.squares.saturating_add(more.squares);
        self.errors += more.errors;
        self.error_weight += more.error_weight;
        self.durations.merge(&more.durations);
    }
}

fn earlier(left: Option<i64>, right: Option<i64>) -> Option<i64> {
    left.into_iter().chain(right).min()
}

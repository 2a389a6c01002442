//! Releases by service, and when each was seen: in runs, between which it was gone. What two workers saw can be
//! merged, as runs that are near enough to each other are one, whoever saw which of them first.

use super::Mark;
use crate::facts;
use crate::field::Name;
use crate::row::Row;
use std::collections::BTreeMap;

/// Releases of all services together that are kept; of more none is marked.
pub const RELEASES_MAX: usize = 1000;

/// A release that is seen again within this was not gone, in microseconds.
const GONE_US_MIN: i64 = 10 * 60 * 1_000_000;
/// Runs of a release that are kept; of more, those nearest to each other become one.
const RUNS_MAX: usize = 64;
/// Characters of a name that are kept.
const NAME_CHARS_MAX: usize = 100;

/// The releases that were seen so far.
#[derive(Clone, Debug)]
pub struct Deploys {
    service: Name,
    release: Name,
    gone_us: i64,
    services: BTreeMap<String, BTreeMap<String, Runs>>,
    releases: usize,
}

/// When one release was seen: the first and the last time of each run, in order.
#[derive(Clone, Debug)]
struct Runs {
    /// Runs with no more than this between them are one.
    gone_us: i64,
    runs: Vec<(i64, i64)>,
}

/// A run among those of all releases of a service.
#[derive(Clone, Copy)]
struct Run<'n> {
    last_us: i64,
    first_us: i64,
    release: &'n str,
}

impl Deploys {
    /// Nothing seen yet. The width is that of the chart's spans, in microseconds: a release that is missing in less than
    /// one of them is not gone.
    pub fn new(width_us: i64) -> Self {
        Self {
            service: Name::new("service"),
            release: Name::new("release"),
            gone_us: width_us.max(GONE_US_MIN),
            services: BTreeMap::new(),
            releases: 0,
        }
    }

    /// Takes a record of this time in, if it has a release.
    pub fn push(&mut self, row: &Row<'_>, time_us: i64) {
        let Some(release) = facts::text(&self.release, row) else { return };
        let service = facts::text(&self.service, row).unwrap_or_default();
        self.see(cut(&service), cut(&release), (time_us, time_us));
    }

    /// Takes in what another worker saw.
    pub fn merge(&mut self, other: &Self) {
        for (service, releases) in &other.services {
            for (release, runs) in releases {
                runs.runs.iter().for_each(|run| self.see(service, release, *run));
            }
        }
        // One that was full may have seen more than it has.
        self.releases = self.releases.max(other.releases);
    }

    /// Whether there were too many releases to mark any of them.
    pub fn is_full(&self) -> bool {
        self.releases > RELEASES_MAX
    }

    /// A mark for each release that is new to its service, where it was first seen, and for each that comes back in the
    /// place of another one. With what a service began there is no mark: the log merely begins there.
    pub fn marks(&self) -> Vec<Mark> {
        if self.is_full() {
            return Vec::new();
        }
        let mut marks = Vec::new();
        for (service, releases) in &self.services {
            let mut all: Vec<Run<'_>> = Vec::new();
            for (release, runs) in releases {
                all.extend(runs.runs.iter().map(|(first_us, last_us)| Run {
                    last_us: *last_us,
                    first_us: *first_us,
                    release,
                }));
            }
            all.sort_unstable_by_key(|run| (run.last_us, run.first_us));
            let begins = all.iter().min_by_key(|run| (run.first_us, run.release)).map(|run| run.release);
            for (release, runs) in releases {
                let mark = |time_us| Mark { time_us, who: service.clone(), what: release.clone() };
                if Some(release.as_str()) != begins {
                    marks.extend(runs.runs.first().map(|(first_us, _)| mark(*first_us)));
                }
                let back = runs.runs.windows(2).filter(|pair| {
                    let after = (pair[0].1, pair[1].0, pair[1].1);
                    self.takes_over(&all, release, after)
                });
                marks.extend(back.map(|pair| mark(pair[1].0)));
            }
        }
        marks.sort();
        marks
    }

    /// Whether a release that was gone comes back in another one's place: one that was there meanwhile goes, about when
    /// it comes and before it goes again. A canary that is seen now and then beside another release does not.
    fn takes_over(&self, all: &[Run<'_>], release: &str, (gone, back, last): (i64, i64, i64)) -> bool {
        let from = all.partition_point(|other| other.last_us <= gone);
        let until = back.saturating_add(self.gone_us).min(last);
        let meanwhile = all[from..].iter().take_while(|other| other.last_us <= until);
        meanwhile.into_iter().any(|other| other.release != release && other.first_us < back)
    }

    fn see(&mut self, service: &str, release: &str, run: (i64, i64)) {
        if let Some(runs) = self.services.get_mut(service).and_then(|releases| releases.get_mut(release)) {
            runs.add(run);
            return;
        }
        if self.releases >= RELEASES_MAX {
            self.releases = RELEASES_MAX + 1;
            return;
        }
        self.releases += 1;
        let runs = Runs { gone_us: self.gone_us, runs: vec![run] };
        self.services.entry(service.to_owned()).or_default().insert(release.to_owned(), runs);
    }
}

impl Runs {
    fn add(&mut self, (mut first_us, mut last_us): (i64, i64)) {
        let gone_us = self.gone_us;
        // Mostly it is one more record of the last run.
        if let Some(last) = self.runs.last_mut()
            && first_us >= last.0
            && first_us <= last.1.saturating_add(gone_us)
        {
            last.1 = last.1.max(last_us);
            return;
        }
        let from = self.runs.partition_point(|run| run.1.saturating_add(gone_us) < first_us);
        let to = self.runs.partition_point(|run| run.0 <= last_us.saturating_add(gone_us));
        for run in &self.runs[from..to] {
            (first_us, last_us) = (first_us.min(run.0), last_us.max(run.1));
        }
        self.runs.splice(from..to, [(first_us, last_us)]);
        while self.runs.len() > RUNS_MAX {
            self.gone_us = self.gone_us.saturating_mul(2);
            for run in std::mem::take(&mut self.runs) {
                self.add(run);
            }
        }
    }
}

fn cut(name: &str) -> &str {
    if name.len() <= NAME_CHARS_MAX {
        return name;
    }
    name.char_indices().nth(NAME_CHARS_MAX).map_or(name, |(at, _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::row;
    use proptest::prelude::*;

    const MINUTE_US: i64 = 60_000_000;

    /// Minutes, the release then; of one service.
    fn marks(seen: &[(i64, &str)]) -> Vec<(i64, String)> {
        let mut deploys = Deploys::new(MINUTE_US);
        for (minute, release) in seen {
            deploys.see("photos", release, (minute * MINUTE_US, minute * MINUTE_US));
        }
        deploys.marks().into_iter().map(|mark| (mark.time_us / MINUTE_US, mark.what)).collect()
    }

    /// What happens: from which minute to which one a release is seen; and where it is marked.
    type Row = (&'static str, &'static [(i64, i64, &'static str)], &'static [(i64, &'static str)]);

    #[test]
    fn a_release_is_marked_where_it_is_new() {
        let minutes = |from, to, release| (from..to).map(move |minute| (minute, release));
        let seen = |parts: &[(i64, i64, &'static str)]| {
            parts.iter().flat_map(|(from, to, release)| minutes(*from, *to, *release)).collect::<Vec<_>>()
        };
        let rows: &[Row] = &[
            ("nothing", &[], &[]),
            ("the log begins", &[(0, 100, "a")], &[]),
            ("a quiet service", &[(0, 5, "a"), (300, 400, "a")], &[]),
            ("a deploy", &[(0, 50, "a"), (50, 100, "b")], &[(50, "b")]),
            ("a rolling deploy", &[(0, 55, "a"), (50, 100, "b")], &[(50, "b")]),
            ("one after the other", &[(0, 50, "a"), (50, 90, "b"), (90, 95, "c")], &[(50, "b"), (90, "c")]),
            ("a rollback", &[(0, 50, "a"), (50, 90, "b"), (90, 120, "a")], &[(50, "b"), (90, "a")]),
            ("a rolling one", &[(0, 55, "a"), (50, 95, "b"), (90, 120, "a")], &[(50, "b"), (90, "a")]),
            ("gone for less than ten minutes", &[(0, 50, "a"), (50, 59, "b"), (59, 80, "a")], &[(50, "b")]),
            ("a canary", &[(0, 200, "a"), (50, 51, "b"), (90, 91, "b"), (150, 151, "b")], &[(50, "b")]),
            ("in no order", &[(50, 100, "b"), (0, 50, "a")], &[(50, "b")]),
        ];
        for (name, parts, expected) in rows {
            let expected: Vec<_> = expected.iter().map(|(at, what)| (*at, (*what).to_owned())).collect();
            assert_eq!(marks(&seen(parts)), expected, "{name}");
        }
    }

    #[test]
    fn services_have_releases_of_their_own() {
        let mut deploys = Deploys::new(MINUTE_US);
        for (second, service, release) in [
            (1, r#""photos""#, r#""1""#),
            (2, r#""search""#, r#""7""#),
            (3, r#""photos""#, r#""2""#),
            (4, "null", r#""2""#),
            (5, "null", "3"),
            (6, r#""photos""#, "null"),
        ] {
            let line = format!(r#"{{"service":{service},"release":{release}}}"#);
            deploys.push(&row(&line), second);
        }
        let marks = deploys.marks();
        let shown: Vec<_> = marks.iter().map(|mark| (mark.who.as_str(), mark.what.as_str())).collect();
        assert_eq!(shown, [("photos", "2"), ("", "3")]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut deploys = Deploys::new(MINUTE_US);
        for n in 0..10_000 {
            deploys.see("photos", "comes and goes", (n * 60 * MINUTE_US, n * 60 * MINUTE_US));
        }
        assert!(deploys.services["photos"]["comes and goes"].runs.len() <= RUNS_MAX);
        for n in 0..RELEASES_MAX {
            assert!(!deploys.is_full(), "{n}");
            deploys.see("photos", cut(&format!("{n}{}", "x".repeat(1000))), (0, 0));
        }
        assert!(deploys.is_full());
        assert_eq!(deploys.marks(), []);
        let mut fresh = Deploys::new(MINUTE_US);
        fresh.merge(&deploys);
        assert!(fresh.is_full());
        assert_eq!(fresh.services["photos"].len(), RELEASES_MAX);
    }

    proptest! {
        /// Whoever sees what first, and however it is cut into parts: the marks are the same.
        #[test]
        fn parts_make_the_same_marks(
            seen in prop::collection::vec((0_i64..400, 0_usize..4, 0_usize..2), 0..60),
            cuts in prop::collection::vec(0_usize..60, 0..4),
        ) {
            const NAMES: [&str; 4] = ["a", "b", "c", "d"];
            let add = |deploys: &mut Deploys, (minute, release, service): &(i64, usize, usize)| {
                deploys.see(NAMES[*service], NAMES[*release], (minute * MINUTE_US, minute * MINUTE_US));
            };
            let mut whole = Deploys::new(MINUTE_US);
            for one in &seen {
                add(&mut whole, one);
            }
            let mut merged = Deploys::new(MINUTE_US);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(seen.len())).collect();
            cuts.extend([0, seen.len()]);
            cuts.sort_unstable();
            for pair in cuts.windows(2).rev() {
                let mut part = Deploys::new(MINUTE_US);
                for one in &seen[pair[0]..pair[1]] {
                    add(&mut part, one);
                }
                merged.merge(&part);
            }
            prop_assert_eq!(whole.marks(), merged.marks());
        }
    }
}

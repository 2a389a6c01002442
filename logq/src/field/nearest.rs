//! The nearest of some names to a mistyped one.

/// The candidate that fewest edits turn into `name` (case does not count), if it is near enough to be what was
/// meant: at most one edit in three characters, two edits in names of four and five. The first of equals wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let most = match length {
        0..=2 => 0,
        3 => 1,
        4..=8 => 2,
        _ => length / 3,
    };
    let mut best = None;
    for candidate in candidates {
        if candidate == name || candidate.chars().count().abs_diff(length) > most {
            continue;
        }
        let distance = distance(name, candidate);
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
fn distance(left: &str, right: &str) -> usize {
    let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (left, right) = (chars(left), chars(right));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let replaced = row[j] + usize::from(l != r);
            let mut cost = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                cost = cost.min(before[j - 1] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found_and_far_ones_not() {
        let names = ["status", "user_id", "ts", "duration", "head"];
        for (typed, expected) in [
            ("statsu", Some("status")),
            ("Status", Some("status")),
            ("userid", Some("user_id")),
            ("duraton", Some("duration")),
            ("haed", Some("head")),
            ("album", None),
            ("xs", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed}");
        }
    }
}

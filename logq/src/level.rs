//! Levels as everybody spells them, ordered, so that `level>=warn` means the same on every line, and a
//! line to read says `ERROR` where the log says `50`.

/// How each level is spelled, from the lowest; the numbers are those of bunyan and pino.
const SPELLINGS: [&[&str]; 6] = [
    &["trace", "10"],
    &["debug", "20"],
    &["info", "information", "notice", "30"],
    &["warn", "warning", "40"],
    &["error", "err", "50"],
    &["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "60"],
];

/// How loud a level is: 1 trace, 2 debug, 3 info, 4 warn, 5 error, 6 what is worse. Case does not count.
/// `None` if it is no level.
pub fn rank(text: &str) -> Option<u8> {
    let spelled = |spellings: &&[&str]| spellings.iter().any(|known| known.eq_ignore_ascii_case(text));
    (1..).zip(&SPELLINGS).find(|(_, spellings)| spelled(spellings)).map(|(rank, _)| rank)
}

/// The one spelling of a level that stands for all of them, in small letters. `None` if it is no level.
pub fn canonical(text: &str) -> Option<&'static str> {
    rank(text).map(|rank| SPELLINGS[usize::from(rank) - 1][0])
}

/// A level as people read it: in capitals, a number by its name. Not escaped.
pub fn shown(text: &str) -> String {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let by_name = rank(text).filter(|_| is_number).map(|rank| SPELLINGS[usize::from(rank) - 1][0]);
    by_name.unwrap_or(text).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_one_however_it_is_spelled() {
        let rows = [
            ("Warning", Some(4), "WARNING"),
            ("error", Some(5), "ERROR"),
            ("50", Some(5), "ERROR"),
            ("10", Some(1), "TRACE"),
            ("60", Some(6), "FATAL"),
            ("35", None, "35"),
            ("loud", None, "LOUD"),
            ("", None, ""),
        ];
        for (text, expected, shown_as) in rows {
            assert_eq!((rank(text), shown(text).as_str()), (expected, shown_as), "{text}");
        }
    }
}

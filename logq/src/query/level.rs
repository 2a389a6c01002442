//! Levels as everybody spells them, ordered, so that `level>=warn` means the same on every line.

/// How loud a level is: 1 trace, 2 debug, 3 info, 4 warn, 5 error, 6 what is worse. Case does not count; the
/// numbers are those of bunyan and pino. `None` if it is no level.
pub(super) fn rank(text: &str) -> Option<u8> {
    const SPELLINGS: [&[&str]; 6] = [
        &["trace", "10"],
        &["debug", "20"],
        &["info", "information", "notice", "30"],
        &["warn", "warning", "40"],
        &["error", "err", "50"],
        &["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "60"],
    ];
    let spelled = |spellings: &&[&str]| spellings.iter().any(|known| known.eq_ignore_ascii_case(text));
    (1..).zip(&SPELLINGS).find(|(_, spellings)| spelled(spellings)).map(|(rank, _)| rank)
}

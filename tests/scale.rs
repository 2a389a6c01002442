//! How big the tests are: as big as their numbers say, or so many times as big as `TEST_SCALE` in the
//! environment says. `.ci/hundredfold` runs them all at a hundred.

use proptest::test_runner::Config;

/// How many times as big as usual.
///
/// # Panics
/// If the environment says something else than a number from 1 on.
pub(crate) fn scale() -> u32 {
    let Some(scale) = std::env::var_os("TEST_SCALE") else {
        return 1;
    };
    let number = scale.to_str().and_then(|scale| scale.parse().ok()).filter(|scale| *scale > 0);
    number.unwrap_or_else(|| panic!("TEST_SCALE is {}; it is a number from 1 on", scale.display()))
}

/// So many drawn cases, times the scale.
pub(crate) fn cases(count: u32) -> Config {
    Config { cases: count.saturating_mul(scale()), failure_persistence: None, ..Config::default() }
}

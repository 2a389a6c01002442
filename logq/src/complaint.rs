//! How the program speaks on standard error: `logq: ` and one sentence.

use std::fmt;
use std::io::Write;

/// Writes a complaint, all of it at once. Where even that fails there is nobody left to tell, and the exit status still does.
pub(crate) fn write(stderr: &mut dyn Write, text: fmt::Arguments<'_>) {
    let _nobody_left = stderr.write_all(format!("logq: {text}\n").as_bytes());
}

/// `complaint!(stderr, "format", …)`: one line on standard error. What is shown must be escaped.
#[macro_export]
#[doc(hidden)]
macro_rules! complaint {
    ($stderr:expr, $($arg:tt)*) => { $crate::complaint::write($stderr, format_args!($($arg)*)) };
}

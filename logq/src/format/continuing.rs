//! Lines that tell by themselves that they continue the record above them: those of a stack trace, which a program prints below
//! the record of what went wrong. They are told by how they begin, so that a text that merely stands between records is none of them.

use memchr::{memmem, memrchr};

/// How lines begin that are not indented and begin a trace: Java's, Python's, Rust's, Go's, Node's, .NET's and PHP's.
const OPENINGS: [&[u8]; 8] = [
    b"Exception in thread \"",
    b"Traceback (most recent call last):",
    b"thread '",
    b"panic: ",
    b"fatal error: ",
    b"Uncaught ",
    b"Unhandled exception",
    b"PHP Fatal error: ",
];

/// How lines begin that are not indented and stand within a trace, below which a message may go on.
const CAUSES: [&[u8]; 2] = [b"Caused by:", b"Suppressed:"];

/// How others of them begin.
const PARTS: [&[u8]; 13] = [
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
    b"stack backtrace:",
    b"note: run with ",
    b"note: Some details are omitted",
    b"panic(",
    b"[signal ",
    b"goroutine ",
    b"created by ",
    b"exit status ",
    b"Node.js v",
    b"--- End of ",
    b"Stack trace:",
];

/// How names of errors end.
const ERRORS: [&[u8]; 3] = [b"Error", b"Exception", b"Panic"];

/// Whether a line alone tells that it may continue the record above it, unless it is one itself. Cheap.
pub(super) fn may_continue(line: &[u8]) -> bool {
    match line.first() {
        Some(b' ' | b'\t') => {
            // One blank is no indentation, but before .NET's inner errors.
            let is_indented = line[0] == b'\t' || line.starts_with(b"  ") || line.starts_with(b" ---> ");
            is_indented && may_be_indented(line.trim_ascii_start())
        }
        Some(_) => is_of_trace_by_name(line) || is_call(line) || is_frame_of_php(line),
        None => false,
    }
}

/// Whether a line has words that stand in traces only, so that it may begin one below what is none.
pub(super) fn is_of_trace_by_name(line: &[u8]) -> bool {
    opens(line) || is_cause(line) || begins_as(&PARTS, line)
}

/// Whether a line begins a trace, which may be one of an error that the program printed elsewhere.
pub(super) fn opens(line: &[u8]) -> bool {
    begins_as(&OPENINGS, line) || is_error(line) || is_place_of_script(line) || is_place_of_ruby(line)
}

/// Whether lines of any kind may stand below a line before the frames begin: further lines of a message, a line of code, or
/// below the mark under it the error.
pub(super) fn says_an_error(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let is_mark = !line.is_empty() && line.iter().all(|byte| b"^~".contains(byte));
    opens(line) || is_cause(line) || is_mark
}

/// `Caused by: x`, and of PHP `Next App\Errors\GoneException: x in /app/a.php:5`.
fn is_cause(line: &[u8]) -> bool {
    let next = line.strip_prefix(b"Next ").map(|error| {
        let name = error.iter().take_while(|byte| is_of_name(**byte) || **byte == b'\\').count();
        memrchr(b'\\', &error[..name]).map_or(error, |at| &error[at + 1..])
    });
    begins_as(&CAUSES, line) || next.is_some_and(|error| is_error(error) && error.contains(&b':'))
}

fn begins_as(beginnings: &[&[u8]], line: &[u8]) -> bool {
    beginnings.iter().any(|beginning| line.starts_with(beginning))
}

/// `/app/index.js:10`, `node:internal/modules/cjs/loader:936`.
fn is_place_of_script(line: &[u8]) -> bool {
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let file = line[..line.len() - digits].strip_suffix(b":").filter(|_| digits > 0);
    file.is_some_and(|file| {
        let is_script = [&b".js"[..], b".mjs", b".cjs", b".ts"].iter().any(|ending| file.ends_with(ending));
        (is_script || file.starts_with(b"node:")) && !file.contains(&b' ')
    })
}

/// `/app/shard.rb:3:in 'Shard#ask': gone (RuntimeError)`; frames begin so too.
fn is_place_of_ruby(line: &[u8]) -> bool {
    memmem::find(line, b".rb:").is_some_and(|at| {
        let rest = &line[at + 4..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && rest[digits..].starts_with(b":in ") && !line[..at].contains(&b' ')
    })
}

/// `#0 /app/a.php(7): ask()`, `#1 [internal function]: {closure}()`, `#2 {main}`: PHP's frames, and no other lines with a number.
fn is_frame_of_php(line: &[u8]) -> bool {
    line.strip_prefix(b"#").is_some_and(|rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let frame = rest[digits..].strip_prefix(b" ").filter(|_| digits > 0);
        frame.is_some_and(|frame| {
            begins_as(&[b"{main}", b"[internal function]: "], frame) || is_call_in_file(frame)
        })
    })
}

/// `/app/a.php(7): ask()`, `C:\app\a.php(7): ask()`, `phar:///app/a.phar/a.php(7): ask()`.
fn is_call_in_file(frame: &[u8]) -> bool {
    let scheme = frame.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let is_path = frame.starts_with(b"/") || scheme > 0 && begins_as(&[b":\\", b":/"], &frame[scheme..]);
    is_path
        && memmem::find_iter(frame, b"): ").any(|end| {
            let digits = frame[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            digits > 0 && frame[..end - digits].ends_with(b"(")
        })
}

/// Whether a frame, a line of code or a mark below one may stand so: no number, and no piece of JSON.
fn may_be_indented(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let begins = match line.get(digits) {
        Some(b':') => digits > 0,
        Some(byte) => digits == 0 && (byte.is_ascii_alphabetic() || b"._<(@*^~|+-/".contains(byte)),
        None => false,
    };
    begins && memmem::find(line, b"\":").is_none()
}

/// `java.io.IOException: no such file`, `ValueError`, `Error [ERR_X]: no`.
fn is_error(line: &[u8]) -> bool {
    let (name, behind) = line.split_at(line.iter().take_while(|byte| is_of_name(**byte)).count());
    let is_end = behind.is_empty() || behind.starts_with(b":") || behind.starts_with(b" [ERR_");
    is_end && ERRORS.iter().any(|error| name.ends_with(error))
}

/// `net/http.(*conn).serve(0xc0000)`, `main.Map[...](...)`: Go's frames, each above the place of its call.
fn is_call(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| is_of_name(**byte) || b"/(*)-[]%".contains(byte)).count();
    line.ends_with(b")") && line[..name].contains(&b'(') && line[..name].contains(&b'.')
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._$".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_stack_traces_and_no_others() {
        for (line, continues) in [
            ("\tat com.example.Foo.bar(Foo.java:12)", true),
            ("java.lang.IllegalStateException: shard is gone", true),
            ("Caused by: java.io.IOException: no", true),
            ("\t... 2 more", true),
            ("Traceback (most recent call last):", true),
            ("  File \"x.py\", line 3, in <module>", true),
            ("ValueError: x", true),
            ("KeyboardError", true),
            ("thread 'main' panicked at src/main.rs:2:5:", true),
            ("   0: std::panicking::begin_panic", true),
            ("goroutine 1 [running]:", true),
            ("net/http.(*conn).serve(0xc0000)", true),
            ("main.(*Set[...]).Add[...](0xc0000)", true),
            ("gopkg.in/yaml%2ev3.Unmarshal({0xc0000, 0x1})", true),
            ("", false),
            (" \t ", false),
            (" {\"status\":500}", false),
            ("\t\"status\": 500,", false),
            ("  status\":500}", false),
            ("  ]", false),
            (" at a", false),
            (" ---> System.Exception: x", true),
            (" --- System.Exception: x", false),
            ("Exception in thread \"main\" java.lang.Error", true),
            ("exit status 2", true),
            ("/app/index.js:10", true),
            ("see /app/index.js:10", false),
            ("node:events:495", true),
            ("localhost:8080", false),
            ("\t00", false),
            ("\t:{0", false),
            ("    ^^^^^", true),
            ("app/models/shard.rb:3:in 'Shard#ask'", true),
            ("/app/a.rb:3: warning: x", false),
            ("see /app/a.rb:3:in 'x'", false),
            ("PHP Fatal error:  Uncaught Exception: x in /a.php:3", true),
            ("#0 /app/a.php(7): ask()", true),
            ("#1 {main}", true),
            ("#2 [internal function]: {closure}(7)", true),
            ("#3 C:\\app\\a b.php(7): ask()", true),
            ("#4 phar:///a.phar/a.php(3) : eval()'d code(1): ask()", true),
            ("#5 [2/3] RUN npm install", false),
            ("#6 0.345 a.c(12): warning: x", false),
            ("#7 /app/a.php", false),
            ("#8 /app/a.php(): x", false),
            ("# /app/a.php(7): ask()", false),
            ("#1 priority: the disk (7): full", false),
            ("Next RuntimeException: gone in /app/a.php:5", true),
            ("Next App\\Errors\\GoneException: gone in /app/a.php:5", true),
            ("Next RuntimeException", false),
            ("Next App: gone", false),
            ("Next step: GoneException: x", false),
            ("#Fields: a", false),
            ("#1", false),
            ("Server started.", false),
            ("Error while reading", false),
            ("a note (see below)", false),
            ("{\"status\":500", false),
            ("#Date: 2026-11-21", false),
        ] {
            assert_eq!(may_continue(line.as_bytes()), continues, "{line}");
        }
    }
}

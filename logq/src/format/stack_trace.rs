//! The lines of a stack trace, told together. Most lines tell by themselves that they belong to one; what stands among those
//! is told by them: a message, a line of code, an empty line. So a line may have to wait for one that decides of it.

use super::continuing::{is_of_trace_by_name, may_continue, opens, says_an_error};
use memchr::memmem;

/// Lines that may stand between two that tell by themselves that they belong to a trace.
const WAITING_MAX: usize = 3;

/// Bytes of them: no more than a line may have.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// What Python prints above the lines of code.
const TRACEBACK: &[u8] = b"Traceback (most recent call last):";

/// What a line is to the trace above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It belongs to it, and so do those before it that wait.
    Belongs,
    /// It belongs to it if a later one does.
    Waits,
    /// It does not belong to it, nor do those before it that wait, nor any behind it.
    Ends,
}

/// A stack trace below a record, as far as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct StackTrace {
    last: Last,
    waiting: usize,
    waiting_bytes: usize,
    /// Whether one of the lines that wait is a text, which might also be printed by somebody else.
    has_text: bool,
}

/// The last line that belongs to a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    /// There is none: only empty lines may stand above the first, which then must tell by its words what it is.
    #[default]
    None,
    /// Nothing follows from it.
    Frame,
    /// It says what went wrong, and further lines of any kind may do so.
    Error,
    /// The message of Rust's panic is below it, whatever it is.
    Panic,
    /// It is that message, or an indented line below it, such as the two sides of what should be equal. Further ones may follow.
    Message,
    /// Below it are Python's lines of code, and the name of the error.
    Traceback,
}

impl StackTrace {
    /// Goes on with a line, which is no record.
    pub(super) fn step(&mut self, line: &[u8]) -> Step {
        // Most lines below a record are records, and many of these JSON.
        if line.first() == Some(&b'{') {
            return Step::Ends;
        }
        if let Some(last) = self.behind(line) {
            // Behind the text of somebody else it is the trace of somebody else, and below empty lines any text may be indented.
            let is_below_empty = self.last == Last::None && self.waiting > 0;
            if self.has_text && opens(line) || is_below_empty && !is_of_trace_by_name(line) {
                return Step::Ends;
            }
            *self = Self { last, ..Self::default() };
            return Step::Belongs;
        }
        let is_empty = line.trim_ascii().is_empty();
        let is_text = !is_empty && !is_indented(line) && !closes(line);
        self.waiting += 1;
        self.waiting_bytes += line.len();
        self.has_text |= is_text;
        let may_wait = match self.last {
            Last::None => is_empty,
            Last::Error | Last::Message => true,
            Last::Frame | Last::Panic | Last::Traceback => !is_text,
        };
        if self.last == Last::Traceback {
            self.last = Last::Frame;
        }
        let has_room = self.waiting <= WAITING_MAX && self.waiting_bytes <= WAITING_BYTES_MAX;
        if may_wait && has_room { Step::Waits } else { Step::Ends }
    }

    /// What a line is as the last one, if it belongs to the trace by itself or by the lines above it.
    fn behind(&self, line: &[u8]) -> Option<Last> {
        if self.last == Last::Traceback && is_indented(line) || line.starts_with(TRACEBACK) {
            Some(Last::Traceback)
        } else if is_panic(line) {
            Some(Last::Panic)
        } else if self.last == Last::Panic || self.last == Last::Message && self.is_of_message(line) {
            Some(Last::Message)
        } else if self.last == Last::Traceback && is_name(line) {
            Some(Last::Error)
        } else if may_continue(line) {
            Some(if says_an_error(line) { Last::Error } else { Last::Frame })
        } else {
            (self.last != Last::None && !self.has_text && closes(line)).then_some(Last::Frame)
        }
    }

    /// Whether a line goes on with a panic's message by being indented, be it by one blank only.
    fn is_of_message(&self, line: &[u8]) -> bool {
        is_indented(line) && (self.waiting == 0 || may_continue(line))
    }
}

fn is_indented(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii().is_empty()
}

/// `thread 'main' panicked at src/main.rs:2:5:`; older ones have the message in this line.
fn is_panic(line: &[u8]) -> bool {
    line.starts_with(b"thread '") && line.ends_with(b":") && memmem::find(line, b" panicked at ").is_some()
}

/// `KeyboardInterrupt`, `requests.exceptions.Timeout: no answer`, `ask.<locals>.Gone`. Not any line: of a trace that was torn
/// off the error never comes, but perhaps `INFO:     Started server process [1]`.
fn is_name(line: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._<>".contains(byte) || !byte.is_ascii();
    let (name, behind) = line.split_at(line.iter().take_while(|byte| is_of_name(byte)).count());
    let is_level = name.iter().all(u8::is_ascii_uppercase);
    let message = behind.strip_prefix(b":").unwrap_or(behind);
    let has_message = behind.starts_with(b": ") && !message.starts_with(b"  ");
    name.first().is_some_and(|first| !first.is_ascii_digit())
        && !is_level
        && (message.is_empty() || has_message)
}

/// The end of what Node shows of an error: `}`, `  ]`, `},`.
fn closes(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    matches!(line.first(), Some(b'}' | b']' | b')')) && line.iter().all(|byte| b"}]),;".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GO: &str = "panic: boom [recovered]
\tpanic: boom

goroutine 1 [running]:
panic({0x45e2c0?, 0x4886b8?})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
main.(*Shard).ask(...)
\t/app/main.go:12
main.main()
\t/app/main.go:4 +0x1f

goroutine 18 [select]:
net/http.(*conn).serve(0xc0000, {0x7f, 0xc0001})
\t/usr/local/go/src/net/http/server.go:2009 +0x5f4
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3086 +0x5cb
exit status 2";

    const RUST: &str = "
thread 'main' (4711) panicked at src/main.rs:2:5:
the shard is gone
stack backtrace:
   0: rust_begin_unwind
             at /rustc/0a1b/library/std/src/panicking.rs:652:5
   1: core::panicking::panic_fmt
   2: <photos::Shard as core::ops::Drop>::drop
             at ./src/main.rs:2:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";

    const JAVA: &str = "Exception in thread \"main\" java.lang.IllegalStateException: shard is gone
\tat org.example.Search.ask(Search.java:42)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tSuppressed: java.io.IOException: close
\t\tat org.example.Search.close(Search.java:50)
Caused by: java.io.IOException: reset
\tat org.example.Socket.read(Socket.java:7)
\t... 12 more";

    const PYTHON: &str = "Traceback (most recent call last):
  File \"/app/a.py\", line 3, in <module>
    ask({\"shard\": 7})
    ~~~^^^^^^^^^^^^^^
  [Previous line repeated 2 more times]
requests.exceptions.Timeout: no answer

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File \"/app/a.py\", line 5, in <module>
KeyError: 'shard'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"/app/a.py\", line 7, in <module>
KeyboardInterrupt";

    const NODE: &str = "/app/index.js:10
throw new Error('x');
    ^

Error: ENOENT: no such file or directory, open 'x'
    at Object.openSync (node:fs:601:3)
    at Object.<anonymous> (/app/index.js:10:9) {
  errno: -2,
  details: { \"a\": 1 },
  [cause]: Error: x
      at foo (/app/index.js:1:2) {
    code: 'E'
  }
}

Node.js v20.11.0";

    const DOTNET: &str = "Unhandled exception. System.InvalidOperationException: shard is gone
 ---> System.IO.IOException: reset
   at Photos.Socket.Read() in /src/Socket.cs:line 7
   --- End of inner exception stack trace ---
   at Photos.Search.Ask() in /src/Search.cs:line 42
--- End of stack trace from previous location ---
   at Photos.Program.Main()";

    const PHP: &str = "PHP Fatal error:  Uncaught RuntimeException: shard is gone in /app/a.php:3
Stack trace:
#0 /app/a.php(7): ask()
#1 {main}
  thrown in /app/a.php on line 3";

    const RUST_ASSERTION: &str = "thread 'main' panicked at src/main.rs:2:5:
assertion `left == right` failed: the shards
are not the same
  left: [1, 2]
 right: [1]";

    const PHP_CHAIN: &str = "PHP Fatal error:  Uncaught RuntimeException: reset in /app/a.php:3
Stack trace:
#0 /app/a.php(7): read()
#1 {main}

Next App\\Gone\\ShardException: shard is gone in /app/a.php:5
Stack trace:
#0 /app/a.php(9): ask()
#1 {main}
  thrown in /app/a.php on line 5";

    const RUBY: &str = "/app/shard.rb:3:in 'Shard#ask': shard is gone (RuntimeError)
\tfrom /app/shard.rb:7:in '<main>'
/app/socket.rb:9:in 'Socket#read': reset (IOError)
\tfrom /app/shard.rb:2:in 'Shard#ask'";

    /// How many lines belong to a trace below a record, before it ends.
    fn belonging<'l>(lines: impl IntoIterator<Item = &'l str>) -> usize {
        let mut trace = StackTrace::default();
        let mut belonging = 0;
        for (line, number) in lines.into_iter().zip(1..) {
            match trace.step(line.as_bytes()) {
                Step::Belongs => belonging = number,
                Step::Waits => {}
                Step::Ends => break,
            }
        }
        belonging
    }

    #[test]
    fn usual_traces_are_whole_and_nothing_behind_them_is_theirs() {
        for text in [GO, RUST, RUST_ASSERTION, JAVA, PYTHON, NODE, DOTNET, PHP, PHP_CHAIN, RUBY] {
            for behind in ["Server started.", "\nServer started.", "", "\n", "note that: x", "{\"a\":1}"] {
                let lines = text.lines().chain(behind.split('\n'));
                assert_eq!(belonging(lines), text.lines().count(), "{text}\n{behind}");
            }
        }
    }

    /// Each time how many of the lines belong to a trace.
    fn belong(rows: &[(&[&str], usize)]) {
        for (lines, expected) in rows {
            assert_eq!(belonging(lines.iter().copied()), *expected, "{lines:?}");
        }
    }

    #[test]
    fn what_belongs_to_a_trace_and_what_does_not() {
        belong(&[
            // Empty and indented lines wait anywhere, but only empty ones above the first.
            (&[], 0),
            (&["a text", "\tat a"], 0),
            (&["", "", "", "AError: x"], 4),
            (&["", "", "", "", "AError: x"], 0),
            // Below those its words must tell it.
            (&["", "\tat a"], 0),
            (&["", "  VITE v5.4.0  ready in 312 ms", "", "  Local:   http://localhost:5173/"], 0),
            (
                &[
                    "",
                    "  .   ____          _",
                    " /\\\\ / ___'_ __ _ _(_)_ __",
                    "  :: Spring Boot ::  (v3.3.0)",
                ],
                0,
            ),
            (&["", "main.main()"], 0),
            (&["", "goroutine 1 [running]:", "main.main()"], 3),
            (&["", "Caused by: x", "\tat a"], 3),
            (&["", "a text", "\tat a"], 0),
            (&["", " \"a\": 1", "\tat a"], 0),
            (&["\tat a", "  [a]", "", " {", "\tat b", " \t", "Caused by: x"], 7),
            (&["\tat a", "", "", "", "", "\tat b"], 1),
            (&["\tat a", "  [a]", "{", "\tat b"], 1),
            // A text waits only where a message may go on.
            (&["\tat a", "one", "\tat b"], 1),
            (&["AError: x", "one", "two", "three", "\tat b"], 5),
            (&["AError: x", "one", "", "three", "four", "\tat b"], 1),
            (&["Caused by: x", "one", "\tat a"], 3),
            (&["\tSuppressed: x", "one", "\tat a"], 3),
            (&["/app/index.js:10", "throw x", "    ^", "", "[x] {", "  code: 1", "}", "", "Node.js v1"], 9),
            (&["exit status 2", "one", "\tat a"], 1),
            // A trace below a text is another one.
            (&["AError: x", "one", "BError: x", "\tat b"], 1),
            (&["AError: x", "one", "Traceback (most recent call last):"], 1),
            (&["AError: x", "", "BError: x", "\tat b"], 4),
            (&["\tat a", "", "Next AError: x", "\tat a"], 4),
            // Brackets.
            (&["\tat a", "  }", "}", "],", "});"], 5),
            (&["\tat a", "  [b]", "}", "\tat a"], 4),
            (&["\tat a", "} while", "}"], 1),
            (&["\tat a {", "  \"b\": 1", "}"], 3),
            (&["\tat a", "", "}"], 3),
            (&["AError: x", "one", "}"], 1),
            (&["}", "\tat a"], 0),
            (&["", "}"], 0),
            (&["\tat a", ",", ""], 1),
        ]);
    }

    #[test]
    fn what_belongs_to_what_rust_and_python_say_and_what_does_not() {
        let panic = "thread 'main' panicked at a.rs:1:1:";
        let python = "Traceback (most recent call last):";
        belong(&[
            // The message of a panic.
            (&[panic, "one", "two"], 2),
            (&[panic, "", "two"], 2),
            (&[panic, panic, "two"], 3),
            (&[panic, "one", "two", "three", "four", "note: run with x"], 6),
            (&[panic, "{\"a\":1}"], 1),
            (&["thread 'main' panicked at 'one', a.rs:1:1", "two"], 1),
            (&[panic, "one", " two", "  \"a\": 1", " three", "four"], 5),
            (&[panic, "one", "two", " three", "  four", " five"], 6),
            (&[panic, "one", "", " two"], 2),
            (&["AError: x", " one"], 1),
            // The error at the end of a traceback.
            (&[python, "  a", "Timeout", "Timeout"], 3),
            (&[python, "  \"a\": 1,", "  ]", " {", "\t7", "  (", "é.<locals>.Gone: x", "Gone"], 7),
            (&[python, "  a", "Gone: x", "two", "", python], 3),
            (&[python, "  a", "Gone: x", "two", "  three"], 5),
            (&[python, "  a", "", "Timeout"], 2),
            (&[python, "  a", " \t", "Timeout"], 2),
            (&[python, "  a", "Server started."], 2),
            (&[python, "  a", "7"], 2),
            (&[python, "  a", "INFO:     Started server process [1]"], 2),
            (&[python, "  a", "WARNING: x"], 2),
            (&[python, "  a", "Gone:  x"], 2),
            (&[python, "  a", "localhost:8080"], 2),
            (&[python, "  a", "Gone:"], 3),
            (&[python, "  a", ": x"], 2),
        ]);
    }

    #[test]
    fn what_waits_is_no_longer_than_a_line_may_be() {
        for (bytes, expected) in [(WAITING_BYTES_MAX - 1, 4), (WAITING_BYTES_MAX, 1)] {
            let code = "x".repeat(bytes);
            assert_eq!(belonging(["/app/index.js:10", &code, "y", "    ^"]), expected, "{bytes}");
        }
    }
}

//! Chromium without windows, asked over the DevTools protocol through two named pipes. Every answer is
//! waited for with a deadline.

use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a slow machine may take for one answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a page may be asked whether it is there yet.
const ASKED_MAX: usize = 100_000;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// One page in a browser, which goes with this.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    asked: u64,
    session: Option<String>,
    /// What the page's script threw, or the policy refused.
    pub(crate) errors: Vec<String>,
}

impl Browser {
    /// Opens a file and waits until it has something that is selected so. `None`, and a loud word, where no browser is.
    pub(crate) fn open(dir: &Path, page: &Path, selected: &str) -> Option<Self> {
        let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
        let Some(name) = NAMES.into_iter().find(is_there) else {
            let skipped = format!("skipped: none of {NAMES:?} is installed, so no page is looked at\n");
            std::io::stderr().write_all(skipped.as_bytes()).expect("stderr can be written");
            return None;
        };
        let [to, from] = ["to", "from"].map(|name| dir.join(name));
        let made = Command::new("mkfifo").args([&to, &from]).status().expect("mkfifo runs");
        assert!(made.success(), "named pipes can be made");
        let script = format!(
            "exec {name} --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
             --remote-debugging-pipe --user-data-dir=\"$0/profile\" about:blank 3<\"$0/to\" 4>\"$0/from\""
        );
        let mut command = Command::new("sh");
        command
            .args(["-c", &script])
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().expect("a shell runs");
        let to = OpenOptions::new().write(true).open(to).expect("a pipe can be opened");
        let answers = BufReader::new(File::open(from).expect("a pipe can be opened"));
        let (sender, from) = channel();
        std::thread::spawn(move || {
            for message in answers.split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self { child, to, from, asked: 0, session: None, errors: Vec::new() };
        let target = browser.ask("Target.createTarget", &json!({"url": "about:blank"}));
        let attached =
            browser.ask("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.ask("Runtime.enable", &json!({}));
        browser.ask("Log.enable", &json!({}));
        browser.ask("Page.navigate", &json!({"url": format!("file://{}", page.display())}));
        let asked = format!("document.querySelectorAll({}).length > 0", json!(selected));
        let is_drawn = (0..ASKED_MAX).any(|_| browser.value(&asked) == true);
        assert!(is_drawn, "the page draws nothing: {:?}", browser.errors);
        Some(browser)
    }

    /// The answer to a command of the protocol.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let message = self.from.recv_timeout(PATIENCE).expect("the browser answers");
            if message["id"] == self.asked {
                return message["result"].clone();
            }
            match message["method"].as_str() {
                Some("Runtime.exceptionThrown") => self.errors.push(message["params"].to_string()),
                Some("Log.entryAdded") if message["params"]["entry"]["level"] == "error" => {
                    self.errors.push(message["params"]["entry"]["text"].to_string());
                }
                _ => {}
            }
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let answer = self.ask("Runtime.evaluate", &json!({"expression": expression, "returnByValue": true}));
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Ends the browser and removes its directory, in which what it started may write on for a moment.
    pub(crate) fn close(self, dir: &Path) {
        drop(self);
        let is_gone = (0..ASKED_MAX).any(|_| std::fs::remove_dir_all(dir).is_ok());
        assert!(is_gone, "{} can be removed", dir.display());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

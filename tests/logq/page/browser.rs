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
/// Screens that are less wide than this are phones'.
const PHONE_WIDE_MAX: u32 = 640;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// One page in a browser, which goes with this.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    asked: u64,
    session: Option<String>,
    /// What the page's script threw or complained of, or the policy refused.
    errors: Vec<String>,
    /// The addresses of everything that was asked for, and of the pages that were opened.
    requests: Vec<String>,
    opened: Vec<String>,
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
        let mut browser = Self {
            child,
            to,
            from,
            asked: 0,
            session: None,
            errors: Vec::new(),
            requests: Vec::new(),
            opened: Vec::new(),
        };
        let target = browser.ask("Target.createTarget", &json!({"url": "about:blank"}));
        let attached =
            browser.ask("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.ask("Runtime.enable", &json!({}));
        browser.ask("Log.enable", &json!({}));
        browser.ask("Network.enable", &json!({}));
        // As if somebody looked at it: keys and the clipboard want that.
        browser.ask("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        browser.go(page, selected);
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
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.hear(&message);
        }
    }

    /// Keeps what the browser tells without being asked.
    fn hear(&mut self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.errors.push(params.to_string()),
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => {
                self.errors.push(params["args"].to_string());
            }
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => {
                self.errors.push(params["entry"]["text"].to_string());
            }
            Some("Network.requestWillBeSent") => {
                self.requests.extend(params["request"]["url"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }

    /// Nothing was complained of, and nothing was asked for but the pages that were opened.
    pub(crate) fn assert_quiet(&mut self) {
        // Whatever it has to tell so far comes before the next answer.
        self.value("0");
        assert_eq!(self.errors, Vec::<String>::new());
        assert_eq!(self.requests, self.opened);
    }

    /// Opens a further file, and waits until it has something that is selected so.
    pub(crate) fn go(&mut self, page: &Path, selected: &str) {
        let url = format!("file://{}", page.display());
        self.opened.push(url.clone());
        self.ask("Page.navigate", &json!({"url": url}));
        self.until(&format!(
            "document.readyState === 'complete' && document.URL === {} && document.querySelectorAll({}).length > 0",
            json!(url),
            json!(selected)
        ));
    }

    /// Waits until an expression is true in the page.
    pub(crate) fn until(&mut self, expression: &str) {
        let is_so = (0..ASKED_MAX).any(|_| self.value(expression) == true);
        assert!(is_so, "never so: {expression}: {:?}", self.errors);
    }

    /// Makes the screen so large; one that is narrow is a phone's.
    pub(crate) fn resize(&mut self, wide: u32, high: u32) {
        let params =
            json!({"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": wide < PHONE_WIDE_MAX});
        self.ask("Emulation.setDeviceMetricsOverride", &params);
    }

    /// Has the page drawn for `screen` or `print`, and for a reader who likes `light` or `dark` and nothing that moves.
    pub(crate) fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}
        ]);
        self.ask("Emulation.setEmulatedMedia", &json!({"media": media, "features": features}));
    }

    /// Clicks in the middle of the first element that is selected so, as a mouse does. It must be what is met there.
    pub(crate) fn click(&mut self, selected: &str) {
        self.drawn();
        let middle = self.value(&format!(
            "(() => {{
                const element = document.querySelector({});
                element.scrollIntoViewIfNeeded();
                const box = element.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
                return element.contains(document.elementFromPoint(x, y)) ? [x, y] : [];
            }})()",
            json!(selected)
        ));
        let (Some(x), Some(y)) = (middle[0].as_f64(), middle[1].as_f64()) else {
            panic!("{selected} stands behind something")
        };
        self.click_at(x, y);
    }

    /// Waits until the page is drawn again: then it has heard of its new size, and nothing moves under a mouse.
    pub(crate) fn drawn(&mut self) {
        self.value(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
        );
    }

    /// Clicks at this place of the screen.
    pub(crate) fn click_at(&mut self, x: f64, y: f64) {
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", &params);
        }
    }

    /// Presses a key and lets it go; the page knows no difference to a keyboard.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "End" => (35, ""),
            "Home" => (36, ""),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            letter => (0, letter),
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [kind, "keyUp"] {
            let text = if kind == "keyUp" { "" } else { text };
            let params = json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
            self.ask("Input.dispatchKeyEvent", &params);
        }
    }

    /// Puts in what was copied last, by the keys for it.
    pub(crate) fn paste(&mut self) {
        const CTRL: u8 = 2;
        let params = json!({"type": "rawKeyDown", "key": "v", "windowsVirtualKeyCode": 86, "modifiers": CTRL, "commands": ["paste"]});
        self.ask("Input.dispatchKeyEvent", &params);
    }

    /// The value of an expression in the page, or what it comes to if it is a promise.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", &params);
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

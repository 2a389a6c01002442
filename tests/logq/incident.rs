//! The logs of the `incident` example, run as the program it is: three real services that call each other.
//! Every test that wants them gets those of one run, in a directory that goes with the last of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A run of the example.
pub(crate) struct Incident {
    /// Where it ran: the logs are in [`LOGS`] below.
    pub(crate) directory: PathBuf,
    /// What it printed.
    pub(crate) printed: String,
}

/// Where the example puts its logs.
pub(crate) const LOGS: &str = "target/incident";
/// Where it puts the page of the request that timed out.
pub(crate) const PAGE: &str = "target/incident.html";
/// Where it puts that of what sets those that failed apart.
pub(crate) const WHY_PAGE: &str = "target/incident-why.html";

static LAST: Mutex<Weak<Incident>> = Mutex::new(Weak::new());

/// The run that another test has right now, or one of its own.
pub(crate) fn incident() -> Arc<Incident> {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    last.upgrade().unwrap_or_else(|| {
        let incident = Arc::new(Incident::run());
        *last = Arc::downgrade(&incident);
        incident
    })
}

impl Incident {
    fn run() -> Self {
        let program = example("incident");
        let directory = crate::fresh_dir("incident");
        let output = Command::new(program).current_dir(&directory).output().expect("the example runs");
        let printed = String::from_utf8(output.stdout).expect("what it prints is text");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}{complaints}");
        for log in std::fs::read_dir(directory.join(LOGS)).expect("the logs are there") {
            let log = log.expect("a directory can be read").path();
            crate::schema::assert_lines(&std::fs::read_to_string(log).expect("a log is text"));
        }
        Self { directory, printed }
    }
}

impl Drop for Incident {
    fn drop(&mut self) {
        let _in_use_or_gone = std::fs::remove_dir_all(&self.directory);
    }
}

/// Builds an example, in the profile of this test, and says where it is.
fn example(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a test has a file");
    let profile_dir = here.parent().and_then(Path::parent).expect("it stands in a profile's directory");
    let target_dir = profile_dir.parent().expect("that stands in the build's");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", "logq", "--example", name]);
    build.arg("--target-dir").arg(target_dir);
    if profile_dir.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo runs").success(), "building {name}");
    profile_dir.join("examples").join(name)
}

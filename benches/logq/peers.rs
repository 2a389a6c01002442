//! Other programs that can answer some of the questions, if they are installed. Each is asked as its manual says,
//! with what makes it fast.

use crate::data::Data;
use std::process::{Command, Stdio};

/// A question for another program.
pub(crate) struct Peer {
    /// The program.
    pub(crate) name: &'static str,
    /// The case whose question it is.
    pub(crate) title: &'static str,
    args: Vec<String>,
}

impl Peer {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.args[0]);
        command.args(&self.args[1..]).stdin(Stdio::null());
        command
    }
}

/// Those that answer when they are asked for their version.
pub(crate) fn installed(data: &Data) -> Vec<Peer> {
    let asked = |name, title, args: &[&str]| Peer {
        name,
        title,
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
    };
    let (json, id) = (data.json.to_string_lossy(), data.request_id.as_str());
    let mut peers = Vec::new();
    if is_there(&["hl", "--version"]) {
        let by_id = format!("request_id = \"{id}\"");
        let hl = |title, query: &str| asked("hl", title, &["hl", "-P", "--raw", "-q", query, &*json]);
        peers.extend([
            hl("one request", &by_id),
            hl("errors of a user", "status >= 500 and user_id = 5555"),
            hl("slow requests", "duration_us > 250000"),
        ]);
    }
    if is_there(&["python3", "-c", "import duckdb"]) {
        let duckdb = |title, what: &str, rest: &str| {
            let program = format!(
                "import duckdb; print(duckdb.sql(\"\"\"select {what} from read_ndjson('{json}', \
                 columns={{request_id:'VARCHAR',user_id:'VARCHAR',status:'INT',duration_us:'BIGINT',route:'VARCHAR',\
                 api_key:'VARCHAR'}}) {rest}\"\"\").fetchall()[:1])"
            );
            asked("DuckDB", title, &["python3", "-c", &program])
        };
        let times = "route, count(*), quantile_cont(duration_us, [0.5, 0.99])";
        peers.extend([
            duckdb("one request", "count(*)", &format!("where request_id = '{id}'")),
            duckdb("errors of a user", "count(*)", "where status >= 500 and user_id = '5555'"),
            duckdb("slow requests", "count(*)", "where duration_us > 250000"),
            duckdb("times by route", times, "group by route"),
            duckdb("top api keys", "api_key, count(*) as n", "group by api_key order by n desc limit 10"),
        ]);
    }
    if is_there(&["jq", "--version"]) {
        let by_id = format!("select(.request_id == \"{id}\")");
        let jq = |title, filter: &str| asked("jq", title, &["jq", "-c", filter, &*json]);
        peers.extend([
            jq("one request", &by_id),
            jq("errors of a user", "select(.status >= 500 and .user_id == \"5555\")"),
            jq("slow requests", "select(.duration_us > 250000)"),
        ]);
    }
    if is_there(&["rg", "--version"]) {
        let piped = |name, title, unpack: &str, file: &std::path::Path| {
            let line = format!("{unpack} '{}' | rg -c -F -e {id}", file.to_string_lossy());
            asked(name, title, &["sh", "-c", &line])
        };
        peers.push(asked("rg", "one request", &["rg", "--no-config", "-c", "-F", "-e", id, &*json]));
        if is_there(&["gzip", "--version"]) {
            peers.push(piped("gzip -dc \\| rg", "gz, one request", "gzip -dc", &data.gz));
        }
        if is_there(&["zstd", "--version"]) {
            peers.push(piped("zstd -dc \\| rg", "zst, one request", "zstd -dc", &data.zst));
            peers.push(piped("zstd -dc \\| rg", "zst in frames, one request", "zstd -dc", &data.zst_frames));
        }
    }
    peers
}

fn is_there(command: &[&str]) -> bool {
    Command::new(command[0]).args(&command[1..]).output().is_ok_and(|output| output.status.success())
}

//! Load on the server: `wrk` where it is installed, else hyper clients in a process of their own that ask
//! again as soon as they are answered. Both keep their connections.

use axum::body::Body;
use http::Request;
use http::header::HOST;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::net::TcpStream;

const CONNECTIONS: usize = 32;

/// Whether there is a `wrk`. It ends with a failure when it is asked for its version.
static HAS_WRK: LazyLock<bool> = LazyLock::new(|| {
    Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
});

/// Whose load it is.
pub(crate) fn by() -> &'static str {
    if *HAS_WRK { "wrk, 1 thread, 32 connections" } else { "hyper clients, 1 thread, 32 connections" }
}

/// Puts load on a server for so many seconds; returns how many requests were answered.
pub(crate) fn run(addr: &str, seconds: u32) -> io::Result<u64> {
    let mut command;
    if *HAS_WRK {
        command = Command::new("wrk");
        command.args(["--threads", "1", "--connections", &CONNECTIONS.to_string()]);
        command.args(["--duration", &format!("{seconds}s"), &format!("http://{addr}/")]);
    } else {
        command = Command::new(std::env::current_exe()?);
        command.args(["--load", addr, &seconds.to_string()]);
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Both say `123456 requests in 2.00s, …`, among other things.
    let count = text.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok());
    let failed = text.contains("Non-2xx") || text.contains("Socket errors");
    count.filter(|_| !failed).ok_or_else(|| io::Error::other(format!("the load failed: {text}")))
}

/// The load of this program, in this process.
pub(crate) fn load(addr: &str, seconds: &str) -> io::Result<()> {
    let seconds = seconds.parse().map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answered = runtime.block_on(async {
        let clients: Vec<_> =
            (0..CONNECTIONS).map(|_| tokio::spawn(client(addr.to_owned(), seconds))).collect();
        let mut answered = 0;
        for client in clients {
            answered += client.await.map_err(io::Error::other)??;
        }
        Ok::<u64, io::Error>(answered)
    })?;
    writeln!(io::stdout(), "{answered} requests in {seconds}.00s")
}

/// One connection, as long as it may; how many requests were answered on it.
async fn client(addr: String, seconds: u64) -> io::Result<u64> {
    let io = TokioIo::new(TcpStream::connect(&addr).await?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(io).await.map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let mut answered = 0;
    let ask = async {
        loop {
            let request = Request::builder().uri("/").header(HOST, &addr).body(Body::empty());
            let response = sender.send_request(request.map_err(io::Error::other)?);
            let response = response.await.map_err(io::Error::other)?;
            response.into_body().collect().await.map_err(io::Error::other)?;
            answered += 1;
        }
    };
    let ended: Result<io::Result<()>, _> = tokio::time::timeout(Duration::from_secs(seconds), ask).await;
    connection.abort();
    match ended {
        Ok(Err(error)) => Err(error),
        _ => Ok(answered),
    }
}

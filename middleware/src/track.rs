//! Counting what goes over a connection that has left HTTP.
//!
//! By tokio's traits and not hyper's: what speaks on upgraded connections (`WebSocket` libraries, `copy_bidirectional`)
//! takes tokio's, behind `TokioIo`, and how much a hyper `ReadBufCursor` was filled cannot be seen from outside.

use crate::notes::Notes;
use crate::upgrade::UpgradeGuard;
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

impl Notes {
    /// Counts what is read from an upgraded connection into `bytes_in`, and what is written to it into
    /// `bytes_out`, of a record that somebody else holds open: the bytes count until the
    /// [`upgrade_guard`](Self::upgrade_guard) is dropped. Where nothing else needs the guard let the
    /// connection hold it: [`UpgradeGuard::track`].
    pub fn track<IO>(&self, io: IO) -> Tracked<IO> {
        self.begin_connection_bytes();
        Tracked { io, notes: self.clone(), _guard: None }
    }

    /// From now on the bytes count: none are a zero and not unknown.
    fn begin_connection_bytes(&self) {
        self.count_connection(0, 0);
    }

    fn count_connection(&self, bytes_in: usize, bytes_out: usize) {
        let Some(request) = self.request() else { return };
        let mut facts = request.facts();
        let so_far = facts.bytes_in.unwrap_or(0);
        facts.bytes_in = Some(so_far.saturating_add(bytes_in as u64));
        facts.bytes_out = facts.bytes_out.saturating_add(bytes_out as u64);
    }
}

impl UpgradeGuard {
    /// Counts what is read from the upgraded connection into `bytes_in`, and what is written to it into
    /// `bytes_out`, and moves the guard into it: the record is written when the connection is dropped.
    ///
    /// The bytes are those of the protocol that is spoken, `WebSocket` frames with their headers for one,
    /// as they are taken and accepted; below TLS there are more. Where the layer is not there, or the
    /// guard does nothing, this passes bytes through.
    ///
    /// axum's `WebSocket` keeps its connection to itself: hold the guard beside it, and note what you count.
    ///
    /// ```
    /// use axum::{extract::Request, response::IntoResponse};
    /// use http::{StatusCode, header::{CONNECTION, UPGRADE}};
    /// use hyper_util::rt::TokioIo;
    /// use tower_access_log::Notes;
    ///
    /// async fn handler(notes: Notes, mut request: Request) -> impl IntoResponse {
    ///     let guard = notes.upgrade_guard();
    ///     let upgraded = hyper::upgrade::on(&mut request);
    ///     tokio::spawn(async move {
    ///         let io = guard.track(TokioIo::new(upgraded.await?));
    ///         let (mut from, mut to) = tokio::io::split(io);
    ///         tokio::io::copy(&mut from, &mut to).await?;
    ///         Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    ///     });
    ///     (StatusCode::SWITCHING_PROTOCOLS, [(CONNECTION, "upgrade"), (UPGRADE, "echo")])
    /// }
    /// # let _router: axum::Router = axum::Router::new().route("/echo", axum::routing::any(handler));
    /// ```
    pub fn track<IO>(self, io: IO) -> Tracked<IO> {
        let notes = self.notes().clone();
        notes.begin_connection_bytes();
        Tracked { io, notes, _guard: Some(self) }
    }
}

pin_project! {
    /// A connection whose bytes are counted; made by [`UpgradeGuard::track`] or [`Notes::track`].
    pub struct Tracked<IO> {
        // First, so that it is dropped first: what it writes on its way out still counts.
        #[pin]
        io: IO,
        notes: Notes,
        _guard: Option<UpgradeGuard>,
    }
}

impl<IO> Tracked<IO> {
    /// The connection. What is read from it or written to it through this does not count.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }
}

impl<IO: AsyncRead> AsyncRead for Tracked<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = out.filled().len();
        let polled = this.io.poll_read(cx, out);
        let bytes = out.filled().len().saturating_sub(before);
        if bytes > 0 {
            this.notes.count_connection(bytes, 0);
        }
        polled
    }
}

impl<IO: AsyncWrite> AsyncWrite for Tracked<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        accepted(this.notes, this.io.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        accepted(this.notes, this.io.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_shutdown(cx)
    }
}

/// Counts what was accepted, which may be less than what was offered.
fn accepted(notes: &Notes, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
    if let Poll::Ready(Ok(bytes)) = written {
        notes.count_connection(0, bytes);
    }
    written
}

impl<IO> fmt::Debug for Tracked<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").field("notes", &self.notes).finish_non_exhaustive()
    }
}

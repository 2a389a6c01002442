//! What the head of a request says, read before the request goes on.

use crate::facts::Facts;
use crate::known_headers::KnownHeaders;
use crate::redact::{AllowedParams, without_user_info};
use crate::shared::Shared;
use crate::texts::Text;
use http::header::HeaderValue;
use http::{Extensions, Request, Uri, Version};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// The socket address of the other end, put into a request's extensions by servers that have no
/// other way to say it. axum's `ConnectInfo<SocketAddr>` is understood as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// Reads the head of an incoming request.
pub(crate) fn incoming<B>(
    request: &Request<B>,
    headers: &KnownHeaders<'_>,
    peer_ip: Option<IpAddr>,
    log: &Shared,
    facts: &mut Facts,
) {
    let extensions = request.extensions();
    target(facts, original_uri(extensions).unwrap_or(request.uri()), headers, &log.params);
    if let Some(route) = matched_route(extensions) {
        facts.texts.set(Text::Route, route);
    }
    if let Some(referer) = headers.referer {
        let referer = text(referer);
        facts.texts.set_with(Text::Referer, |out| log.params.push_text(out, &referer));
    }
    log.headers.read(request.headers(), &log.params, |name, value| facts.note(name, value, &log.limits));
    grpc_method(facts, request.uri(), headers, log);
    let client = log.proxies.client(peer_ip, request.headers());
    (facts.peer_ip, facts.client_ip) = (peer_ip, client.ip);
    line(facts, request, client.scheme);
}

/// Reads the head of an outbound call.
pub(crate) fn outbound<B>(request: &Request<B>, log: &Shared, facts: &mut Facts) {
    let headers = KnownHeaders::read(request.headers());
    target(facts, request.uri(), &headers, &log.params);
    grpc_method(facts, request.uri(), &headers, log);
    line(facts, request, None);
}

/// What gRPC calls the operation: `/package.Service/Method`, without the slash, unless it might be a path
/// with a secret in it. A handler may know better.
fn grpc_method(facts: &mut Facts, uri: &Uri, headers: &KnownHeaders<'_>, log: &Shared) {
    if headers.content_type.is_some_and(is_grpc) && log.paths.keeps(facts.texts.get(Text::Route)) {
        facts.texts.set(Text::ApiMethod, uri.path().trim_start_matches('/'));
    }
}

/// The rest of the request line; the scheme is what a proxy says, or what the target has.
fn line<B>(facts: &mut Facts, request: &Request<B>, said: Option<&'static str>) {
    facts.method = request.method().clone();
    facts.scheme = said.or_else(|| scheme(request.uri()));
    facts.version = request.version();
}

/// The address of the other end of the socket.
pub(crate) fn peer_ip(extensions: &Extensions) -> Option<IpAddr> {
    peer_addr(extensions).map(|peer| peer.ip().to_canonical())
}

fn target(facts: &mut Facts, uri: &Uri, headers: &KnownHeaders<'_>, params: &AllowedParams) {
    let texts = &mut facts.texts;
    texts.set(Text::Path, uri.path());
    if let Some(query) = uri.query() {
        texts.set_with(Text::Query, |out| params.push_query(out, query));
    }
    match (uri.authority(), headers.host) {
        (Some(authority), _) => texts.set(Text::Authority, without_user_info(authority.as_str())),
        (None, Some(host)) => {
            let host = text(host);
            texts.set(Text::Authority, without_user_info(&host));
        }
        (None, None) => {}
    }
    if let Some(agent) = headers.user_agent {
        texts.set(Text::UserAgent, &text(agent));
    }
}

/// A header as text; bytes that are none are replaced, as JSON cannot carry them.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    // Nearly always this is enough, and it is fast.
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(value.as_bytes()),
    }
}

/// Whether a request is gRPC, by the prefix that its content type must have.
fn is_grpc(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"application/grpc")
}

/// The scheme, where the request line has it: HTTP/2, and absolute targets in HTTP/1.
fn scheme(uri: &Uri) -> Option<&'static str> {
    match uri.scheme_str() {
        Some("http") => Some("http"),
        Some("https") => Some("https"),
        _ => None,
    }
}

/// The version as RFC 9110 §2.5 names it, without the protocol's name.
pub(crate) fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

#[cfg(feature = "axum")]
fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|original| &original.0)
}

#[cfg(feature = "axum")]
fn matched_route(extensions: &Extensions) -> Option<&str> {
    extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str)
}

#[cfg(feature = "axum")]
fn peer_addr(extensions: &Extensions) -> Option<SocketAddr> {
    use axum::extract::ConnectInfo;
    let connected = || extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    extensions.get::<PeerAddr>().map(|peer| peer.0).or_else(connected)
}

#[cfg(not(feature = "axum"))]
fn original_uri(_extensions: &Extensions) -> Option<&Uri> {
    None
}

#[cfg(not(feature = "axum"))]
fn matched_route(_extensions: &Extensions) -> Option<&str> {
    None
}

#[cfg(not(feature = "axum"))]
fn peer_addr(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<PeerAddr>().map(|peer| peer.0)
}

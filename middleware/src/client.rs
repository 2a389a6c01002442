//! Who asked, and by which scheme: the other end of the socket, or whoever our own proxies name in
//! the header they write. What a stranger says of itself is never believed.

mod forwarded;
#[cfg(test)]
mod tests;

use access_record::net::Network;
use forwarded::Element;
use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The header in which trusted proxies name their clients. Only the one that they really write is
/// read: a proxy passes the other on as its client sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, and for the scheme `X-Forwarded-Proto`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, RFC 7239, with its `for` and `proto`.
    Forwarded,
}

/// The proxies that are believed, and the header they write.
#[derive(Debug)]
pub(crate) struct Proxies {
    trusted: Vec<Network>,
    header: ForwardedHeader,
}

/// What is known of a request's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) ip: Option<IpAddr>,
    /// The scheme it used, if a trusted proxy says so.
    pub(crate) scheme: Option<&'static str>,
}

impl Proxies {
    /// From addresses and blocks of them; the first text that is neither comes back.
    pub(crate) fn parse(trusted: Vec<String>, header: ForwardedHeader) -> Result<Self, String> {
        let parse = |text: &str| Network::parse(text).or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        let trusted = trusted.into_iter().map(|text| parse(&text).ok_or(text)).collect::<Result<_, _>>()?;
        Ok(Self { trusted, header })
    }

    /// Whether ids from this end of the socket are believed: anybody's, until there is a list.
    pub(crate) fn believe_ids_of(&self, peer: Option<IpAddr>) -> bool {
        self.trusted.is_empty() || peer.is_some_and(|peer| self.trust(peer))
    }

    /// The client behind the socket.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Client {
        match (peer.filter(|peer| self.trust(*peer)), self.header) {
            (None, _) => Client { ip: peer, scheme: None },
            (Some(peer), ForwardedHeader::XForwardedFor) => self.by_x_forwarded(peer, headers),
            (Some(peer), ForwardedHeader::Forwarded) => self.by_forwarded(peer, headers),
        }
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    fn by_x_forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let node = |item| node_address(std::str::from_utf8(item).ok()?);
        let (ip, hop) = self.walk(peer, items(headers, &X_FORWARDED_FOR).map(node));
        // A proxy appends to both lists, or replaces the scheme by what it knows.
        let said = items(headers, &X_FORWARDED_PROTO).count();
        let is_parallel = said == items(headers, &X_FORWARDED_FOR).count();
        let proto = items(headers, &X_FORWARDED_PROTO).nth(if is_parallel { hop } else { 0 });
        Client { ip, scheme: proto.and_then(scheme) }
    }

    fn by_forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let line = |value: &'_ http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let lines: Vec<String> = headers.get_all(FORWARDED).iter().map(line).collect();
        let elements = lines.iter().flat_map(|line| forwarded::parse(line));
        let elements: Vec<_> = elements.filter(|element| !element.is_empty()).collect();
        let node = |element: &Element<'_>| node_address(element.get("for")?);
        let (ip, hop) = self.walk(peer, elements.iter().rev().map(node));
        let proto = elements.iter().rev().nth(hop).and_then(|element| element.get("proto"));
        Client { ip, scheme: proto.and_then(|proto| scheme(proto.as_bytes())) }
    }

    /// From the socket's end on to the left, as long as each is trusted, as then is what it says of the
    /// next. Returns where that ends, unknown if it is no address, and how many steps further left than
    /// the rightmost node that is.
    fn walk(&self, peer: IpAddr, nodes: impl Iterator<Item = Option<IpAddr>>) -> (Option<IpAddr>, usize) {
        let mut end = (Some(peer), 0);
        for (hop, node) in nodes.enumerate() {
            end = (node, hop);
            if !node.is_some_and(|node| self.trust(node)) {
                break;
            }
        }
        end
    }
}

/// The items of a header that is a list, over all of its lines, from right to left; empty ones are none.
fn items<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
    let lines = headers.get_all(name).iter().rev();
    let items = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    items.map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}

/// The address of a node, RFC 7239 §6: bare, or in brackets, or with a port, which may be obfuscated.
/// An obfuscated or unknown node has none.
fn node_address(node: &str) -> Option<IpAddr> {
    if let Ok(address) = node.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        (IpAddr::V6(address.parse::<Ipv6Addr>().ok()?), port)
    } else {
        let (address, port) = node.split_at(node.find(':')?);
        (IpAddr::V4(address.parse::<Ipv4Addr>().ok()?), port)
    };
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then(|| address.to_canonical())
}

fn is_port(port: &str) -> bool {
    match port.strip_prefix('_') {
        Some(name) => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            !name.is_empty() && name.bytes().all(allowed)
        }
        None => (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn scheme(proto: &[u8]) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| proto.eq_ignore_ascii_case(scheme.as_bytes()))
}

//! IP addresses and blocks of them, as queries ask for them and as proxies are trusted by them. An
//! IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.

use std::net::{IpAddr, SocketAddr};

/// A block of addresses, `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `ADDRESS/PREFIX`. Bits after the prefix do not count.
    ///
    /// ```
    /// use access_record::net::Network;
    /// let block = Network::parse("10.0.0.0/8").unwrap();
    /// assert!(block.contains("10.1.2.3".parse().unwrap()));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let address: IpAddr = address.parse().ok()?;
        let prefix: u32 = prefix.parse().ok()?;
        let (address, prefix) = match (address.to_canonical(), address) {
            (IpAddr::V4(mapped), IpAddr::V6(_)) if prefix >= 96 => (IpAddr::V4(mapped), prefix - 96),
            _ => (address, prefix),
        };
        (prefix <= width(address)).then_some(Self { address, prefix })
    }

    /// Whether the address is in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = width(self.address) - self.prefix;
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(block), IpAddr::V4(address)) => {
                (block.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(block), IpAddr::V6(address)) => {
                (block.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The block of one address.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, prefix: width(address) }
    }
}

/// The address in a text, perhaps with a port behind it: `10.0.0.1`, `10.0.0.1:80`, `::1`, `[::1]:80`.
pub fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_addresses() {
        for (block, text, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("1.2.3.4/32", "1.2.3.4", true),
            ("1.2.3.4/32", "1.2.3.5", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("10.0.0.0/8", "10.0.0.1:8080", true),
            ("::ffff:10.0.0.0/104", "10.0.0.1", true),
            ("2001:db8::/32", "2001:DB8:1::1", true),
            ("2001:db8::/32", "[2001:db8::1]:80", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "10.0.0.1", false),
            ("::/0", "::1", true),
        ] {
            let contained = Network::parse(block).unwrap().contains(address(text).unwrap());
            assert_eq!(contained, expected, "{block} {text}");
        }
    }

    #[test]
    fn an_address_inside_ipv6_is_in_its_block() {
        let block = Network::parse("10.0.0.0/8").unwrap();
        assert!(block.contains("::ffff:10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_block_of_one_address() {
        for (text, other) in [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")] {
            let block = Network::from(address(text).unwrap());
            assert!(block.contains(address(text).unwrap()));
            assert!(!block.contains(address(other).unwrap()));
        }
        assert_eq!(
            Network::from("::ffff:10.0.0.1".parse::<IpAddr>().unwrap()),
            Network::parse("10.0.0.1/32").unwrap()
        );
    }

    #[test]
    fn what_is_no_block() {
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/+8", "::/129", "a/8", "/8"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}

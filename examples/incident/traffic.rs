//! A few hundred requests of some users with some API keys, drawn from a fixed seed.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::net::SocketAddr;

/// How many requests are sent.
const REQUESTS: u64 = 300;
/// The one that meets the shard that hangs.
pub(crate) const TIMED_OUT: &str = "req-0217";
/// A session that gets the new search, and that shard.
const HANGS: usize = 30;

const USERS: [(&str, &str); 5] =
    [("5555", "allspaw"), ("1024", "ana"), ("2048", "bo"), ("1735", "chen"), ("4711", "dora")];
const API_KEYS: [&str; 3] = ["key-of-the-app", "key-of-the-website", "key-of-a-partner"];

/// Sends them one after the other and says how many were answered.
pub(crate) async fn send(gateway: SocketAddr) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let mut seed = 0x2009_1214_0408_2100;
    let mut answered = 0;
    for number in 1..=REQUESTS {
        let (user_id, user) = USERS[draw(&mut seed, 5)];
        let api_key = API_KEYS[draw(&mut seed, 3)];
        let album = draw(&mut seed, 10);
        let session = draw(&mut seed, 1000);
        let id = format!("req-{number:04}");
        let (user_id, user, session) = match session {
            _ if id == TIMED_OUT => ("5555", "allspaw", HANGS),
            // Nobody else waits for it.
            _ if session / 5 % 8 == 6 => (user_id, user, session + 5),
            _ => (user_id, user, session),
        };
        let trace = u128::from(mix(&mut seed)) << 64 | u128::from(mix(&mut seed));
        let request = Request::get(format!("http://{gateway}/photos/{user}"))
            .header("x-request-id", &id)
            .header("traceparent", format!("00-{trace:032x}-{:016x}-01", mix(&mut seed)))
            .header("x-user-id", user_id)
            .header("x-api-key", api_key)
            .header("x-album", album.to_string())
            .header("x-session", session.to_string())
            .body(Body::empty())?;
        client.request(request).await?.into_body().collect().await?;
        answered += 1;
    }
    Ok(answered)
}

fn draw(seed: &mut u64, below: u64) -> usize {
    usize::try_from(mix(seed) % below).unwrap_or(0)
}

/// A generator that is small, and the same everywhere: `splitmix64` of Steele, Lea and Flood, Fast
/// Splittable Pseudorandom Number Generators, 2014.
fn mix(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

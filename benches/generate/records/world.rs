//! The world the records tell of: services, routes, clients and what they say of themselves.

use access_record::HashKey;
use std::rc::Rc;

/// Which services there are, the edge first. Those asked for are taken from the front.
pub(crate) const SERVICES: [&str; 12] = [
    "gateway", "photos", "search", "users", "comments", "albums", "tags", "uploads", "billing", "mail",
    "flags", "geo",
];

/// The host and the release of each.
pub(super) const HOSTS: [(&str, &str); 12] = [
    ("www394", "2026.11.21-1"),
    ("ph101", "2026.11.21-1"),
    ("se021", "2026.11.20-4"),
    ("us007", "1.42.0"),
    ("co012", "2026.11.18-2"),
    ("al003", "2026.11.20-4"),
    ("ta044", "0.9.17"),
    ("up230", "2026.11.21-1"),
    ("bi002", "7.3.1"),
    ("ma019", "1.42.0"),
    ("fl001", "2026.11.19-1"),
    ("ge005", "0.4.0"),
];

/// A route of a service.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// The template; what stands in braces is filled in.
    pub(super) template: &'static str,
    pub(super) api_method: &'static str,
    pub(super) weight: u32,
    /// Time of its own, without what it calls.
    pub(super) median_us: u64,
    pub(super) median_bytes: u64,
    /// The query string as the log has it: values replaced but for those that are allowed.
    pub(super) query: &'static str,
    /// How many services it calls, at most.
    pub(super) calls: u32,
}

#[rustfmt::skip]
#[expect(clippy::too_many_arguments, reason = "a row of a table, read as one")]
const fn route(
    method: &'static str, template: &'static str, api_method: &'static str,
    weight: u32, median_us: u64, median_bytes: u64, query: &'static str, calls: u32,
) -> Route {
    Route { method, template, api_method, weight, median_us, median_bytes, query, calls }
}

/// Public routes, at the edge.
#[rustfmt::skip]
pub(super) static EDGE: [Route; 18] = [
    route("GET", "/healthz", "", 60, 90, 2, "", 0),
    route("GET", "/", "", 90, 2_000, 14_000, "", 1),
    route("GET", "/photos/{user}", "flickr.people.getPhotos", 220, 3_500, 18_000, "page={n}&per_page=***", 2),
    route("GET", "/photos/{user}/{id}", "flickr.photos.getInfo", 260, 2_800, 9_000, "", 2),
    route("GET", "/photos/{user}/albums/{id}", "flickr.photosets.getPhotos", 80, 4_100, 16_000, "page={n}", 2),
    route("POST", "/photos/{user}/{id}/comments", "flickr.photos.comments.addComment", 25, 6_000, 400, "", 2),
    route("POST", "/photos/{user}/{id}/favorite", "flickr.favorites.add", 40, 3_000, 120, "", 1),
    route("DELETE", "/photos/{user}/{id}", "flickr.photos.delete", 6, 7_000, 0, "", 2),
    route("POST", "/upload", "flickr.upload", 18, 90_000, 300, "async=***", 2),
    route("GET", "/search", "flickr.photos.search", 150, 8_000, 22_000, "text=***&sort=***&page={n}", 2),
    route("GET", "/explore/{day}", "flickr.interestingness.getList", 60, 3_000, 25_000, "page={n}", 1),
    route("GET", "/people/{user}", "flickr.people.getInfo", 70, 2_200, 6_000, "", 1),
    route("GET", "/tags/{tag}", "flickr.tags.getClusterPhotos", 45, 5_000, 17_000, "page={n}", 2),
    route("GET", "/feeds/{user}.rss", "", 50, 2_500, 30_000, "", 1),
    route("GET", "/api/v1/photos/{id}/sizes", "flickr.photos.getSizes", 130, 1_500, 1_800, "format=***", 1),
    route("GET", "/api/v1/groups/{id}/pool", "flickr.groups.pools.getPhotos", 30, 4_500, 15_000, "page={n}", 2),
    route("PUT", "/api/v1/photos/{id}/meta", "flickr.photos.setMeta", 12, 5_500, 90, "", 1),
    route("POST", "/oauth/token", "", 14, 4_000, 700, "", 1),
];

/// Routes that services call of each other.
#[rustfmt::skip]
pub(super) static INNER: [Route; 17] = [
    route("GET", "/photos/{user}", "photos.List", 160, 6_000, 12_000, "page={n}", 2),
    route("GET", "/photos/{user}/{id}", "photos.Get", 180, 3_000, 4_000, "", 2),
    route("GET", "/photos/{id}/exif", "photos.Exif", 40, 1_100, 2_500, "", 0),
    route("GET", "/photos/{id}/context", "photos.Context", 50, 1_900, 900, "", 1),
    route("PUT", "/photos/{id}/thumbnails", "photos.Resize", 8, 120_000, 200, "", 1),
    route("GET", "/suggest", "search.Suggest", 90, 1_300, 700, "text=***", 0),
    route("GET", "/related/{tag}", "search.Related", 35, 5_000, 3_000, "page={n}", 0),
    route("DELETE", "/index/{id}", "search.Forget", 5, 2_000, 0, "", 0),
    route("POST", "/query", "search.Query", 140, 14_000, 9_000, "", 1),
    route("POST", "/index", "search.Index", 25, 9_000, 60, "", 0),
    route("GET", "/users/{user}", "users.Get", 150, 900, 1_200, "", 0),
    route("POST", "/sessions/verify", "users.VerifySession", 120, 600, 200, "", 0),
    route("GET", "/albums/{id}", "albums.Get", 70, 2_500, 7_000, "", 1),
    route("GET", "/comments/{id}", "comments.List", 60, 2_000, 5_000, "page={n}", 0),
    route("PUT", "/counters/{id}", "photos.Count", 50, 400, 30, "", 0),
    route("POST", "/charge", "billing.Charge", 6, 60_000, 500, "", 1),
    route("GET", "/geo/{id}", "geo.Locate", 30, 1_500, 300, "", 0),
];

pub(super) static AGENTS: [&str; 14] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "PhotoUploadr/3.2 (macOS 15.7)",
    "okhttp/5.1.0",
    "python-requests/2.32.5",
    "curl/8.17.0",
    "Go-http-client/2.0",
    "Odd \"quoted\" agent\\1.0 (caf\u{e9})",
];

pub(super) static REFERERS: [&str; 5] = [
    "https://photos.example/",
    "https://photos.example/explore",
    "https://www.google.com/",
    "https://forum.example/thread?id=***",
    "https://news.example/2026/11/the-year-in-pictures",
];

pub(super) static TAGS: [&str; 8] = ["cats", "sunset", "zürich", "street", "film", "birds", "35mm", "snow"];

/// What is said when a request goes wrong: target, message.
pub(super) static FAULTS: [(&str, &str); 5] = [
    ("photos::store", "connection pool timed out"),
    ("search::index", "shard did not answer in time"),
    ("gateway::upstream", "upstream closed the connection before the response"),
    ("users::session", "token could not be verified"),
    ("hyper::client", "error trying to connect: Connection refused (os error 111)"),
];

/// What is said along the way.
pub(super) static REMARKS: [(&str, &str); 4] = [
    ("photos::cache", "cache miss"),
    ("search::plan", "query rewritten"),
    ("photos::store", "slow query"),
    ("users::session", "session refreshed"),
];

/// API keys that clients have.
const API_KEYS: u32 = 400;

/// Their fingerprints, by the hashing key `k1` of 32 bytes 07: key number 17 is `demo-api-key-17`.
pub(super) fn fingerprints() -> Vec<Rc<str>> {
    HashKey::new("k1", [7; 32])
        .map(|key| {
            (0..API_KEYS)
                .map(|number| key.fingerprint(format!("demo-api-key-{number}").as_bytes()).as_str().into())
                .collect()
        })
        .unwrap_or_default()
}

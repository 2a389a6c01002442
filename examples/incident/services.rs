//! Gateway, photos and search: what each of them notes, calls, and does wrong.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_access_log::{AccessLog, CallService, Notes, note};

/// How long photos waits for search, in milliseconds.
const PATIENCE_MS: u64 = 250;

/// Which of the three.
#[derive(Clone, Copy)]
pub(crate) enum Service {
    Gateway,
    Photos,
    Search,
}

/// The next service, called through the log's own layer, so that ids travel on.
#[derive(Clone)]
struct Next {
    client: CallService<Client<HttpConnector, Body>>,
    at: Option<SocketAddr>,
}

/// Starts a service on a free port. It runs until the program ends.
pub(crate) async fn serve(
    service: Service,
    log: &AccessLog,
    next: Option<SocketAddr>,
) -> Result<SocketAddr, std::io::Error> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let next = Next { client: ServiceBuilder::new().layer(log.calls()).service(client), at: next };
    let router = match service {
        Service::Gateway => Router::new().route("/photos/{user}", get(gateway)),
        Service::Photos => Router::new().route("/photos/{user}", get(photos)),
        Service::Search => Router::new().route("/query", post(query)).route("/v2/query", post(query_v2)),
    };
    let app = router.with_state(next).layer(log.layer());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).into_future(),
    );
    Ok(address)
}

/// Who asks, as the gateway has found out and passes on.
const USER: &str = "x-user-id";
const API_KEY: &str = "x-api-key";
const ALBUM: &str = "x-album";
/// By which a feature is rolled out. Nobody logs it.
const SESSION: &str = "x-session";
/// Shards of the new index.
const SHARDS: u32 = 8;

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn gateway(
    State(next): State<Next>,
    notes: Notes,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Response {
    notes.user_id(header(&headers, USER));
    notes.api_key(header(&headers, API_KEY));
    notes.api_method("flickr.photos.search");
    match next.call(&Method::GET, &format!("/photos/{user}"), &headers).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error).into_response(),
    }
}

async fn photos(State(next): State<Next>, notes: Notes, headers: HeaderMap) -> Response {
    let user = header(&headers, USER);
    let album = header(&headers, ALBUM);
    notes.user_id(user);
    notes.set("album", album);
    sleep(Duration::from_millis(2)).await;
    tracing::warn!(key = %format_args!("album:{album}"), "cache miss");

    // One session in five gets the new search.
    let new_search = session(&headers).is_multiple_of(5);
    notes.flag("new_search", if new_search { "on" } else { "off" });
    let path = if new_search { "/v2/query" } else { "/query" };
    note::add("searches", 1);
    match timeout(Duration::from_millis(PATIENCE_MS), next.call(&Method::POST, path, &headers)).await {
        Ok(Ok(response)) if response.status().is_success() => response,
        Ok(Ok(response)) => {
            notes.error(format!("search answered {}", response.status()));
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Ok(Err(error)) => {
            notes.error(error);
            StatusCode::BAD_GATEWAY.into_response()
        }
        Err(_elapsed) => {
            tracing::error!(patience_ms = PATIENCE_MS, "search did not answer");
            notes.error("search did not answer in time");
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

async fn query(headers: HeaderMap) -> Json<Vec<u32>> {
    sleep(Duration::from_millis(2)).await;
    Json(vec![header(&headers, ALBUM).parse().unwrap_or(0)])
}

fn session(headers: &HeaderMap) -> u32 {
    header(headers, SESSION).parse().unwrap_or(1)
}

/// The new index was built with half of its shards, and one of these hangs. Which one a request needs hangs on its
/// session, so that nothing in the logs but the flag goes with the failures.
async fn query_v2(notes: Notes, headers: HeaderMap) -> Response {
    let shard = session(&headers) / 5 % SHARDS;
    match shard {
        1 | 3 | 4 | 7 => {
            tracing::error!(shard, "no such shard in index photos_v2");
            notes.error(format!("index photos_v2 has no shard {shard}"));
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        6 => {
            tracing::warn!(shard, "shard is being moved, waiting");
            sleep(Duration::from_secs(5)).await;
            query(headers).await.into_response()
        }
        _ => query(headers).await.into_response(),
    }
}

impl Next {
    /// Calls the next service on behalf of the same user.
    async fn call(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<Response, String> {
        let at = self.at.ok_or("there is no next service")?;
        let mut request = Request::builder().method(method).uri(format!("http://{at}{path}"));
        for name in [USER, ALBUM, SESSION] {
            request = request.header(name, header(headers, name));
        }
        let request = request.body(Body::empty()).map_err(|error| error.to_string())?;
        let response = self.client.clone().oneshot(request).await.map_err(|error| error.to_string())?;
        Ok(response.map(Body::new))
    }
}

//! [`Notes`] as an axum extractor.

use crate::notes::Notes;
use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;
use std::convert::Infallible;

impl<S: Send + Sync> FromRequestParts<S> for Notes {
    /// Never a rejection: without the layer the notes are inert.
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let notes = parts.extensions.get::<Self>().cloned().unwrap_or_default();
        // A layer outside of the router ran before the route was matched; now it is.
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            notes.route_if_unknown(route.as_str());
        }
        Ok(notes)
    }
}

//! The matched route for a layer that stands outside of the router, where no route is known yet.

use crate::notes::Notes;
use crate::wrap::wrap;
use axum::extract::MatchedPath;
use http::Request;
use std::task::{Context, Poll};
use tower_service::Service;

wrap! {
    /// Tells an outer layer of the same log which route was matched; made by
    /// [`AccessLog::route`](crate::AccessLog::route), for axum's `Router::route_layer`.
    pub struct RouteLayer;

    /// A route within the layer.
    pub struct RouteService;
}

impl<S, B> Service<Request<B>> for RouteService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let extensions = request.extensions();
        if let (Some(notes), Some(route)) = (extensions.get::<Notes>(), extensions.get::<MatchedPath>())
            && let Some(notes) = notes.of_log(&self.log)
        {
            notes.route_if_unknown(route.as_str());
        }
        self.inner.call(request)
    }
}

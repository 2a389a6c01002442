//! The layer: what a router or a `ServiceBuilder` takes.

use crate::service::AccessLogService;
use crate::shared::Shared;
use std::fmt;
use std::sync::Arc;
use tower_layer::Layer;

/// Writes one record per request; made by [`AccessLog::layer`](crate::AccessLog::layer).
#[derive(Clone)]
pub struct AccessLogLayer {
    pub(crate) log: Arc<Shared>,
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLogService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLogService { inner, log: self.log.clone() }
    }
}

impl fmt::Debug for AccessLogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLogLayer").field("service", &self.log.origin.service).finish_non_exhaustive()
    }
}

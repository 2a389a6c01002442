//! The layer: what a router or a `ServiceBuilder` takes.

use crate::service::AccessLogService;
use crate::shared::Shared;
use crate::wrap::wrap;
use std::sync::Arc;

/// Writes one record per request; made by [`AccessLog::layer`](crate::AccessLog::layer).
#[derive(Clone)]
pub struct AccessLogLayer {
    pub(crate) log: Arc<Shared>,
}

wrap!(AccessLogLayer makes AccessLogService);

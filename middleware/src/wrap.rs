//! What the layers that wrap services have in common: they hold the log, and put it beside the service.

/// Makes a type with a `log` a layer of another one with an `inner` service and the `log`, and lets both be
/// shown without what is inside the log. Makes the two types as well where these are all of their fields.
macro_rules! wrap {
    (
        $(#[$layer_doc:meta])*
        pub struct $layer:ident;
        $(#[$service_doc:meta])*
        pub struct $service:ident;
    ) => {
        $(#[$layer_doc])*
        #[derive(Clone)]
        pub struct $layer {
            pub(crate) log: std::sync::Arc<crate::shared::Shared>,
        }

        $(#[$service_doc])*
        #[derive(Clone)]
        pub struct $service<S> {
            inner: S,
            log: std::sync::Arc<crate::shared::Shared>,
        }

        $crate::wrap::wrap!($layer makes $service);
    };
    ($layer:ident makes $service:ident) => {
        impl<S> tower_layer::Layer<S> for $layer {
            type Service = $service<S>;

            fn layer(&self, inner: S) -> Self::Service {
                $service { inner, log: self.log.clone() }
            }
        }

        impl std::fmt::Debug for $layer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let service = &self.log.origin.service;
                f.debug_struct(stringify!($layer)).field("service", service).finish_non_exhaustive()
            }
        }

        impl<S: std::fmt::Debug> std::fmt::Debug for $service<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($service)).field("inner", &self.inner).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use wrap;

//! The service, without the compiler of protobuf: its messages are written by hand in `src/lib.rs`.
use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let should_rate_limit = Method::builder()
        .name("should_rate_limit")
        .route_name("ShouldRateLimit")
        .input_type("crate::RateLimitRequest")
        .output_type("crate::RateLimitResponse")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let service = Service::builder()
        .name("RateLimitService")
        .package("envoy.service.ratelimit.v3")
        .method(should_rate_limit)
        .build();
    Builder::new().compile(&[service]);
}

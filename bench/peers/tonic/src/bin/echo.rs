//! What a call costs a server of tonic at least: reads Envoy's message, and answers each descriptor with OK. One worker.
use headgate_bench_tonic::rate_limit_service_server::{RateLimitService, RateLimitServiceServer};
use headgate_bench_tonic::{DescriptorStatus, OK, RateLimitRequest, RateLimitResponse};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, async_trait};

struct Echo;

#[async_trait]
impl RateLimitService for Echo {
    async fn should_rate_limit(
        &self,
        request: Request<RateLimitRequest>,
    ) -> Result<Response<RateLimitResponse>, Status> {
        let asked = request.into_inner();
        Ok(Response::new(RateLimitResponse {
            overall_code: OK,
            statuses: vec![DescriptorStatus { code: OK }; asked.descriptors.len()],
        }))
    }
}

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("which port?")?;
    let address = format!("127.0.0.1:{port}").parse()?;
    let incoming = TcpIncoming::bind(address)?.with_nodelay(Some(true));
    Server::builder()
        .add_service(RateLimitServiceServer::new(Echo))
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

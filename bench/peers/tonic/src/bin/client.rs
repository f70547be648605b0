//! A client of tonic: asks a service over one connection, and prints what came of it.
use headgate_bench_tonic::rate_limit_service_client::RateLimitServiceClient;
use headgate_bench_tonic::{Entry, RateLimitDescriptor, RateLimitRequest};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

type Client = RateLimitServiceClient<Channel>;

const AT_ONCE: u64 = 2000;
/// No more than a connection may have streams: others would begin only to be reset at once, which servers take for an attack.
const GIVEN_UP: u64 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = std::env::args().nth(1).ok_or("usage: client host:port")?;
    let channel = Endpoint::from_shared(format!("http://{target}"))?
        .connect()
        .await?;
    let client = RateLimitServiceClient::new(channel);
    println!("one: {}", ask(&client, asking("edge", "ada")).await);
    println!("many at once: {}", many_at_once(&client).await);
    let long = "long".repeat(50_000);
    println!("long: {}", ask(&client, asking("edge", &long)).await);
    println!("wrong: {}", ask(&client, asking("", "ada")).await);
    give_up(&client).await;
    println!("afterwards: {}", ask(&client, asking("edge", "ada")).await);
    Ok(())
}

fn asking(domain: &str, user: &str) -> Request<RateLimitRequest> {
    let entry = Entry {
        key: "user".to_owned(),
        value: user.to_owned(),
    };
    Request::new(RateLimitRequest {
        domain: domain.to_owned(),
        descriptors: vec![RateLimitDescriptor {
            entries: vec![entry],
        }],
        hits_addend: 0,
    })
}

/// `Ok`, or the code of the error with its message.
async fn ask(client: &Client, request: Request<RateLimitRequest>) -> String {
    match client.clone().should_rate_limit(request).await {
        Ok(_) => "Ok".to_owned(),
        Err(status) => format!("{:?}: {}", status.code(), status.message()),
    }
}

/// Starts calls together, each with a deadline of its own that is far away.
fn start(client: &Client, count: u64) -> JoinSet<String> {
    let mut calls = JoinSet::new();
    for call in 0..count {
        let client = client.clone();
        calls.spawn(async move {
            let mut request = asking("edge", "many");
            request.set_timeout(Duration::from_millis(60_000 + call));
            ask(&client, request).await
        });
    }
    calls
}

/// How many calls ended in which way.
async fn many_at_once(client: &Client) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for said in start(client, AT_ONCE).join_all().await {
        *counts.entry(said).or_default() += 1;
    }
    let parts: Vec<_> = counts
        .iter()
        .map(|(said, count)| format!("{count} {said}"))
        .collect();
    parts.join(", ")
}

/// Resets calls that are under way, once the first of them has its answer.
async fn give_up(client: &Client) {
    let mut calls = start(client, GIVEN_UP);
    calls.join_next().await;
    calls.shutdown().await;
}

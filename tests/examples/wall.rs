//! Serves the operations page with made-up figures, for those who work on it: `cargo run -p tests --example wall`.

use std::time::Duration;

use tests::wall::{OPERATOR, PASSWORD, Wall};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), String> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("{address} cannot be bound: {error}"))?;
    let mut wall = Wall::serve(listener)?;
    wall.long_story();
    wall.leak();
    println!("http://{}/ ({OPERATOR}, {PASSWORD})", wall.address);
    let mut beat = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            _ = beat.tick() => wall.tick(),
            Some(action) = wall.actions.recv() => println!("{action:?}"),
        }
    }
}

//! HTTP without a browser: one plain question, one answer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// Body of a plain answer; ends with the connection or with the length that was announced.
pub async fn get(address: &str, path: &str) -> Result<String, String> {
    let asked = async {
        let mut socket = TcpStream::connect(address).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let mut bytes = [0; 8192];
        loop {
            let count = socket.read(&mut bytes).await?;
            answer.extend(&bytes[..count]);
            let text = String::from_utf8_lossy(&answer).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let len = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                if count == 0 || len.is_some_and(|len: usize| body.len() >= len) {
                    return Ok(body.to_owned());
                }
            } else if count == 0 {
                return Ok(String::new());
            }
        }
    };
    let answered: Result<std::io::Result<String>, _> = timeout(PATIENCE, asked).await;
    answered
        .map_err(|_| format!("no answer from {address}{path}"))?
        .map_err(|error| format!("{address}{path}: {error}"))
}

//! The connection to the browser: one WebSocket, messages of JSON in both directions.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// One page's end of the DevTools protocol.
pub(super) struct Socket(TcpStream);

impl Socket {
    /// Connects to the page that is served at `path` of the browser's DevTools address.
    pub(super) async fn connect(address: &str, path: &str) -> Result<Socket, String> {
        let mut socket = TcpStream::connect(address)
            .await
            .map_err(|error| error.to_string())?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        );
        let sent = socket.write_all(request.as_bytes()).await;
        sent.map_err(|error| error.to_string())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = timeout(PATIENCE, socket.read_u8()).await;
            let byte = byte.map_err(|_| "no answer to the upgrade")?;
            head.push(byte.map_err(|error| error.to_string())?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        if head.starts_with("HTTP/1.1 101") {
            Ok(Socket(socket))
        } else {
            Err(format!("not upgraded: {head}"))
        }
    }

    /// One masked text frame, as a client must send it; a mask of zeros is a mask.
    pub(super) async fn send(&mut self, message: &Value) -> Result<(), String> {
        let text = message.to_string();
        let mut frame = vec![0x81];
        match text.len() {
            len @ 0..126 => frame.push(0x80 | len as u8),
            len @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(0x80 | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        let sent = self.0.write_all(&frame).await;
        sent.map_err(|error| format!("the browser does not listen: {error}"))
    }

    /// One message; the browser sends small and large ones unmasked, in one or several frames.
    pub(super) async fn receive(&mut self) -> Result<Value, String> {
        let mut message = Vec::new();
        loop {
            let [first, second] = self.read::<2>().await?;
            let len = match second & 0x7f {
                126 => u64::from(u16::from_be_bytes(self.read().await?)),
                127 => u64::from_be_bytes(self.read().await?),
                len => u64::from(len),
            };
            let mut part = vec![0; usize::try_from(len).map_err(|error| error.to_string())?];
            self.fill(&mut part).await?;
            message.extend(part);
            if first & 0x80 != 0 {
                return serde_json::from_slice(&message)
                    .map_err(|error| format!("no JSON: {error}"));
            }
        }
    }

    async fn read<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.fill(&mut bytes).await?;
        Ok(bytes)
    }

    async fn fill(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        let read = timeout(PATIENCE, self.0.read_exact(bytes)).await;
        read.map_err(|_| "the browser fell silent")?
            .map_err(|error| format!("the browser is gone: {error}"))?;
        Ok(())
    }
}

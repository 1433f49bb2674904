//! One question to an HTTP server, plain or over TLS, within bounds: the answer is data, whatever it is.

use std::sync::Arc;
use std::time::Duration;

use pipeline::calendar::Millis;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Longest time for one question, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Most that is read of an answer: the metrics or nodes of a great city.
const ANSWER_LEN_MAX: u64 = 64 * 1024 * 1024;

/// Where a server is, from its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub url: String,
    pub is_tls: bool,
    pub host: String,
    pub port: u16,
    /// In front of every path, without a slash at its end.
    base: String,
}

impl Server {
    pub fn parse(url: &str) -> Result<Server, String> {
        let expected =
            || format!("an address such as http://127.0.0.1:8080 is expected, not `{url}`");
        let uri: axum::http::Uri = url.parse().map_err(|_| expected())?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(expected()),
        };
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(expected)?.trim_matches(['[', ']']);
        Ok(Server {
            url: url.trim_end_matches('/').to_owned(),
            is_tls,
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            base: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

/// How a server is asked.
#[derive(Clone)]
pub struct Asking {
    pub server: Server,
    /// For `https://`.
    pub tls: Option<Arc<ClientConfig>>,
    /// What is shown as `Authorization`.
    pub authorization: Option<String>,
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// By the server's clock, to the second.
    pub date: Option<Millis>,
    pub body: String,
}

impl Asking {
    /// Asks for `path`; why there is no answer otherwise.
    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        let answer = timeout(ANSWER_MAX, self.exchange(path)).await;
        let said = answer.map_err(|_| format!("no answer within {} s", ANSWER_MAX.as_secs()))??;
        parse(&said).ok_or_else(|| "what answers there does not speak HTTP".to_owned())
    }

    async fn exchange(&self, path: &str) -> Result<Vec<u8>, String> {
        let Server {
            host, port, base, ..
        } = &self.server;
        let plain = TcpStream::connect((host.as_str(), *port)).await;
        let plain = plain.map_err(|error| error.to_string())?;
        let shown = self.authorization.as_ref();
        let shown = shown.map_or(String::new(), |shown| format!("Authorization: {shown}\r\n"));
        // HTTP/1.0 is answered in one piece and the connection closed.
        let question = format!(
            "GET {base}{path} HTTP/1.0\r\nHost: {host}:{port}\r\nUser-Agent: citysense-doctor\r\n{shown}\r\n"
        );
        let Some(tls) = &self.tls else {
            return speak(plain, &question).await;
        };
        let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
        let secured = TlsConnector::from(tls.clone()).connect(name, plain).await;
        speak(secured.map_err(|error| error.to_string())?, &question).await
    }
}

async fn speak(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    question: &str,
) -> Result<Vec<u8>, String> {
    let asked = stream.write_all(question.as_bytes()).await;
    asked.map_err(|error| error.to_string())?;
    let mut said = Vec::new();
    match stream.take(ANSWER_LEN_MAX).read_to_end(&mut said).await {
        Ok(_) => Ok(said),
        // A server that hangs up without TLS's farewell has still answered.
        Err(_) if !said.is_empty() => Ok(said),
        Err(error) => Err(error.to_string()),
    }
}

fn parse(said: &[u8]) -> Option<Answer> {
    let said = String::from_utf8_lossy(said);
    let (head, body) = said.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?;
    let status = status.split(' ').nth(1)?.parse().ok()?;
    let date = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date")
            .then(|| moment(value.trim()))?
    });
    Some(Answer {
        status,
        date,
        body: body.to_owned(),
    })
}

fn moment(text: &str) -> Option<Millis> {
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp().as_millisecond())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let server = |url| Server::parse(url).map(|s| (s.is_tls, s.host, s.port, s.base));
        let expected =
            |tls, host: &str, port, base: &str| Ok((tls, host.to_owned(), port, base.to_owned()));
        assert_eq!(
            server("http://127.0.0.1:8080"),
            expected(false, "127.0.0.1", 8080, "")
        );
        assert_eq!(
            server("https://wall.example/city/"),
            expected(true, "wall.example", 443, "/city")
        );
        assert_eq!(server("http://[::1]:80/"), expected(false, "::1", 80, ""));
        for bad in ["", "127.0.0.1:8080", "ftp://a", "http://", "nonsense"] {
            assert!(server(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn answers_are_read_and_other_talk_is_none() {
        let answer = parse(
            b"HTTP/1.1 503 Service Unavailable\r\nDATE: Fri, 27 Nov 2026 12:00:01 GMT\r\n\r\nnot yet\n",
        );
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (503, "not yet\n"));
        assert_eq!(answer.date, Some(1_795_780_801_000));
        for other in [
            &b""[..],
            b"SSH-2.0-OpenSSH\r\n\r\n",
            b"\xff\xfe\r\n\r\n",
            b"HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(parse(other), None);
        }
    }
}

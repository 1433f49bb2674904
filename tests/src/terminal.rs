//! A terminal under test: what a command prints, as it prints it.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// Hands everything on as soon as it is printed.
pub struct Terminal(pub Sender<String>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // When the test has stopped listening, the command goes on as on a terminal that nobody watches.
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads until `find` finds in everything that was printed what it looks for.
pub fn read_until<T>(
    printed: &Receiver<String>,
    patience: Duration,
    find: impl Fn(&str) -> Option<T>,
) -> (String, T) {
    let deadline = Instant::now() + patience;
    let mut said = String::new();
    loop {
        match printed.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(part) => said.push_str(&part),
            Err(RecvTimeoutError::Timeout) => panic!("it said only: {said}"),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended and said only: {said}"),
        }
        if let Some(found) = find(&said) {
            return (said, found);
        }
    }
}

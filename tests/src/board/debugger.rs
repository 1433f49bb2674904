//! The emulator's debugger, in the remote protocol of gdb.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// One packet of the debugger's protocol, and its acknowledgement.
#[allow(clippy::unwrap_used)]
pub(super) fn say(debugger: &mut UnixStream, word: &str) {
    let sum = word.bytes().fold(0_u8, u8::wrapping_add);
    write!(debugger, "${word}#{sum:02x}").unwrap();
    let mut byte = [0];
    while byte != *b"+" {
        debugger.read_exact(&mut byte).unwrap();
    }
}

/// What the debugger answers to `word`.
#[allow(clippy::unwrap_used)]
pub(super) fn ask(debugger: &mut UnixStream, word: &str) -> String {
    say(debugger, word);
    let mut answer = Vec::new();
    let mut byte = [0];
    while byte != *b"#" {
        debugger.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let mut sum = [0; 2];
    debugger.read_exact(&mut sum).unwrap();
    debugger.write_all(b"+").unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.trim_matches(['$', '#']).to_owned()
}

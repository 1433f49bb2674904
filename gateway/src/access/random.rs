//! What nobody can guess: tokens of programs, ids of sessions, passwords that are printed once.

use rand::RngCore;

/// Every token begins with this, so that one that went astray is recognised.
pub const TOKEN_PREFIX: &str = "citysense_";

/// 256 random bits as 64 hexadecimal digits.
pub fn id() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn token() -> String {
    format!("{TOKEN_PREFIX}{}", id())
}

/// Sixteen letters in fours, 75 bits, none of them easily taken for another.
pub fn password() -> String {
    const LETTERS: &[u8; 26] = b"abcdefghjkmnpqrstuvwxyz345";
    let mut password = String::new();
    for place in 0..16 {
        if place > 0 && place % 4 == 0 {
            password.push('-');
        }
        let letter = rand::random_range(0..LETTERS.len());
        password.push(char::from(LETTERS[letter]));
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_random_has_its_length_and_is_new_each_time() {
        assert_eq!((id().len(), token().len(), password().len()), (64, 74, 19));
        assert_ne!(id(), id());
        assert_ne!(password(), password());
    }
}

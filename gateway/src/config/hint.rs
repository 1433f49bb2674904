//! «did you mean»: the nearest name that would have been right.

use crate::language::Language;

/// ` (did you mean `x`?)` for the known name nearest to `text`, or nothing when none is near.
pub(crate) fn nearest<'n>(text: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest_in(Language::English, text, known)
}

/// The same in the language of whoever reads it.
pub(crate) fn nearest_in<'n>(
    l: Language,
    text: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> String {
    let near = known
        .into_iter()
        .map(|name| (distance(text, name), name))
        .min();
    match near {
        Some((steps, name)) if steps <= 1 + text.len() / 4 => l.say(
            format!(" (did you mean `{name}`?)"),
            format!("（是否为“{name}”？）"),
        ),
        _ => String::new(),
    }
}

/// Levenshtein distance in bytes: insertions, deletions and replacements.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["raise_at", "clear_at", "severity"];
        assert_eq!(nearest("raise", known), "");
        assert_eq!(nearest("rise_at", known), " (did you mean `raise_at`?)");
        assert_eq!(nearest("colour", known), "");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

//! Writing XML 1.0: elements in the order in which they are said, every text escaped and clipped.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Longest text of an element in characters: names are free text, and a message must fit into a packet.
const TEXT_LEN_MAX: usize = 1_000;

/// A document in the making. Writing into memory cannot fail, so the writer's results are not looked at.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document whose root is `name` with the namespace `namespace`.
    pub fn document(name: &str, namespace: &str, inside: impl FnOnce(&mut Xml)) -> Vec<u8> {
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 1));
        let _ = xml
            .0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml.within(name, &[("xmlns", namespace)], inside);
        xml.0.into_inner()
    }

    /// An element with others inside.
    pub fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Xml),
    ) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        let _ = self.0.write_event(Event::Start(start));
        inside(self);
        let _ = self.0.write_event(Event::End(BytesEnd::new(name)));
    }

    /// An element with text inside.
    pub fn text(&mut self, name: &str, text: &str) {
        let text = sayable(text, TEXT_LEN_MAX);
        let element = self.0.create_element(name);
        let _ = element.write_text_content(BytesText::new(&text));
    }

    /// An element whose text was made here and may be long: places and references.
    pub fn list(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        let element = self.0.create_element(name);
        let _ = element.write_text_content(BytesText::new(&items.join(" ")));
    }

    /// An element with nothing inside.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let element = self.0.create_element(name);
        let _ = element
            .with_attributes(attributes.iter().copied())
            .write_empty();
    }
}

/// `text` without what XML 1.0 cannot say even when escaped, its runs of white space single spaces, and at most
/// `len_max` characters long.
pub fn sayable(text: &str, len_max: usize) -> String {
    let is_sayable = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(is_sayable).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    let text = words.join(" ");
    match text.char_indices().nth(len_max) {
        None => text,
        Some(_) => {
            text.chars()
                .take(len_max.saturating_sub(1))
                .collect::<String>()
                + "…"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_clipped_and_free_of_what_xml_cannot_say() {
        let xml = Xml::document("a", "urn:x", |xml| {
            xml.text("b", "Tom & \u{0}\u{b}\u{1f}<Jerry>\r\n  \"😀\"\u{ffff}");
            xml.empty("c", &[("d", "\"<&")]);
        });
        let text = String::from_utf8_lossy(&xml);
        assert!(
            text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns=\"urn:x\">")
        );
        assert!(
            text.contains("<b>Tom &amp; &lt;Jerry&gt; &quot;😀&quot;</b>"),
            "{text}"
        );
        assert!(text.contains("<c d=\"&quot;&lt;&amp;\"/>"), "{text}");
        assert_eq!(sayable("dünn", 4), "dünn");
        assert_eq!(sayable("dünner", 4), "dün…");
    }
}

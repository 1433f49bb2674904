//! The languages that people are spoken to in, and what has a name in each: [`terms`] and [`kinds`] are the names that page,
//! messages and drawings share.

pub mod kinds;
mod said;
pub mod terms;

pub use said::{Said, said};

/// A language of page and messages; its code is that of CAP's `language` and of HTML's `lang`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    pub fn code(self) -> &'static str {
        self.say("en-US", "zh-CN")
    }

    /// What the language calls itself.
    pub fn name(self) -> &'static str {
        self.say("English", "中文")
    }

    /// The language of a code such as `en`, `en-US` or `zh-CN`; regions are no matter.
    pub fn from_code(code: &str) -> Option<Language> {
        let code = code.trim().to_ascii_lowercase();
        let main = code.split('-').next().unwrap_or_default();
        Language::ALL.into_iter().find(|l| l.code()[..2] == *main)
    }

    /// The one of two wordings that is in this language.
    pub fn say<T>(self, english: T, chinese: T) -> T {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// The same in English and in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both(pub &'static str, pub &'static str);

impl Both {
    pub fn to(self, language: Language) -> &'static str {
        language.say(self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_regions_are_their_language() {
        let codes = ["zh-TW", "ZH", " en-gb ", "en", "fr", "", "e"];
        let found = codes.map(Language::from_code);
        let (english, chinese) = (Some(Language::English), Some(Language::Chinese));
        assert_eq!(
            found,
            [chinese, chinese, english, english, None, None, None]
        );
    }
}

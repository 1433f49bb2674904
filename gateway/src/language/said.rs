//! A sentence for whoever asked, person or program.

use super::Language;

/// Said in both languages; what people never see on a page, in English alone. Programs and logs get the English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    english: String,
    chinese: Option<String>,
}

impl Said {
    pub fn to(&self, language: Language) -> &str {
        let chinese = self.chinese.as_deref().unwrap_or(&self.english);
        language.say(&self.english, chinese)
    }

    pub fn english(&self) -> &str {
        &self.english
    }
}

impl<T: Into<String>> From<T> for Said {
    fn from(english: T) -> Said {
        Said {
            english: english.into(),
            chinese: None,
        }
    }
}

/// Both wordings of a sentence, in the order of [`Language::say`].
pub fn said(english: impl Into<String>, chinese: impl Into<String>) -> Said {
    Said {
        english: english.into(),
        chinese: Some(chinese.into()),
    }
}

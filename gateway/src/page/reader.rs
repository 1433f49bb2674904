//! For whom a page is drawn: the language and colours of the reader, and what the reader may do.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::access::{Asker, Role};
use crate::board::Picture;
use crate::language::Language;

/// Whoever looks at a page.
#[derive(Clone, Debug)]
pub struct Reader {
    pub language: Language,
    pub theme: Theme,
    pub asker: Asker,
}

impl Reader {
    /// Another one for whoever has another name or role: a page that was drawn for somebody sees that it is read by
    /// somebody else.
    pub fn mark(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.asker.name, self.asker.role.name()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// Colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub fn from_name(name: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// Why what is shown may not be what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The journal takes nothing, with the error.
    Journal(String),
    /// The link to the broker is down.
    Link,
    /// The figures are so many real seconds behind.
    Behind(u64),
}

impl Trouble {
    pub fn words(&self, l: Language) -> String {
        match self {
            Trouble::Journal(error) => l.say(
                format!("the journal takes nothing: {error}"),
                format!("日志无法写入：{error}"),
            ),
            Trouble::Link => l
                .say("the link to the broker is down", "与消息代理的连接已中断")
                .to_owned(),
            Trouble::Behind(s) => l.say(
                format!("the figures are {s} s behind"),
                format!("数值滞后{s}秒"),
            ),
        }
    }
}

/// What every page shows, whatever else it does.
pub struct View {
    /// Of the part of the city that the reader may see.
    pub picture: Picture,
    pub reader: Reader,
    /// Why what is shown may not be what is.
    pub trouble: Option<Trouble>,
    /// What the reader just did, by a form that led back here.
    pub said: Option<String>,
}

impl View {
    pub fn language(&self) -> Language {
        self.reader.language
    }

    /// Whether to show what only an operator can do.
    pub fn may_act(&self) -> bool {
        self.reader.asker.may(Role::Operator)
    }
}

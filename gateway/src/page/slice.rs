//! A page of a long list, and the links to the others.

use std::ops::Range;

use maud::{Markup, html};

use crate::language::Language;

/// Entries `start..end` of a list, on page `page` of `pages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    start: usize,
    end: usize,
    page: usize,
    pages: usize,
}

impl Slice {
    /// Page `asked` of `len` entries, or the last one.
    pub(super) fn of(len: usize, page_len: usize, asked: usize) -> Slice {
        let pages = len.div_ceil(page_len).max(1);
        let page = asked.clamp(1, pages);
        let start = (page - 1) * page_len;
        Slice {
            start,
            end: (start + page_len).min(len),
            page,
            pages,
        }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// `query` is what the address says beside the page.
    pub(super) fn links(self, l: Language, path: &str, query: &str) -> Markup {
        let to = |page: usize| match query {
            "" => format!("{path}?page={page}"),
            query => format!("{path}?{query}&page={page}"),
        };
        let Slice { page, pages, .. } = self;
        html! {
            @if pages > 1 {
                nav.pages aria-label=(l.say("Pages of the list", "列表分页")) {
                    @if page > 1 { a href=(to(page - 1)) rel="prev" { (l.say("← Back", "← 上一页")) } }
                    span { (l.say(format!("Page {page} of {pages}"), format!("第{page}页，共{pages}页"))) }
                    @if page < pages { a href=(to(page + 1)) rel="next" { (l.say("Next →", "下一页 →")) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_on_one_page_and_no_page_is_missing() {
        for (len, asked, range) in [
            (0, 1, 0..0),
            (50, 1, 0..50),
            (51, 2, 50..51),
            (51, 9, 50..51),
            (120, 0, 0..50),
        ] {
            assert_eq!(Slice::of(len, 50, asked).range(), range, "{len} {asked}");
        }
    }
}

//! The marks at the ends of a queue's pages, mended where they contradict each other.
//!
//! `sequential-storage` marks a page's first word when it is begun and its last word when it is full, and finds the
//! oldest and the newest page by these marks alone: full pages, then the one that is begun, then blank ones, round and
//! round. A torn erasure or a damaged mark breaks that order, and whole pages would be passed over. Every mending here
//! keeps all records that can be kept: at worst a page's free end is not used. Only in a full queue a damaged mark costs a
//! page of records.

use embedded_storage::nor_flash::NorFlash;
use embedded_storage_async::nor_flash::NorFlash as _;

use crate::flash::{Blocking, HEADER_LEN};

/// What the marks of a page say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Blank,
    /// Without a mark at its start, and with a record: the mark is damaged.
    Unmarked,
    Begun,
    Full,
    /// Nothing but the mark of its end: an erasure that was not finished.
    Torn,
}

/// Mends the marks of `count` pages from the start of `flash`; `is_empty` says whether a page that is begun has no record.
pub(crate) fn mend<F: NorFlash>(
    blocking: &mut Blocking<F>,
    count: usize,
    is_empty: impl Fn(&mut Blocking<F>, usize) -> bool,
) -> Result<(), F::Error> {
    let flash = &mut blocking.0;
    let mut begun = 0;
    for page in 0..count {
        match read(flash, page)? {
            Page::Torn => erase(flash, page)?,
            Page::Unmarked => {
                put_mark(flash, page * F::ERASE_SIZE)?;
                begun += usize::from(read(flash, page)? == Page::Begun);
            }
            Page::Begun => begun += 1,
            Page::Blank | Page::Full => {}
        }
    }
    if begun > 1 {
        // All but one are damaged, or were being erased; those had no record any more.
        for page in 0..count {
            if read(&mut blocking.0, page)? == Page::Begun {
                match is_empty(blocking, page) {
                    true => erase(&mut blocking.0, page)?,
                    false => mark(&mut blocking.0, page)?,
                }
            }
        }
    }
    let flash = &mut blocking.0;
    let Some(first_blank) = first_blank(flash, count)? else {
        return Ok(());
    };
    // From there on blank pages, then full ones; a blank one among them is passed over when it is full.
    let mut is_used = false;
    for page in (first_blank..count).chain(0..first_blank) {
        match read(flash, page)? {
            Page::Blank if is_used => mark(flash, page)?,
            state => is_used |= state != Page::Blank,
        }
    }
    Ok(())
}

/// The first page of those that are to be written next; `None` when there is nothing to mend.
fn first_blank<F: NorFlash>(flash: &mut F, count: usize) -> Result<Option<usize>, F::Error> {
    let mut blank_after_full = None;
    let mut blanks = 0;
    for page in 0..count {
        match read(flash, page)? {
            Page::Begun => return Ok(Some((page + 1) % count)),
            Page::Blank => {
                blanks += 1;
                if read(flash, (page + count - 1) % count)? == Page::Full {
                    blank_after_full = blank_after_full.or(Some(page));
                }
            }
            Page::Full | Page::Torn | Page::Unmarked => {}
        }
    }
    if blanks == 0 {
        // There must be one; no mark says which is the oldest.
        erase(flash, 0)?;
    }
    Ok(blank_after_full)
}

fn read<F: NorFlash>(flash: &mut F, page: usize) -> Result<Page, F::Error> {
    let start = page * F::ERASE_SIZE;
    let first = is_marked(flash, start)?;
    let last = is_marked(flash, start + F::ERASE_SIZE - F::READ_SIZE)?;
    Ok(match (first, last) {
        (true, false) => Page::Begun,
        (true, true) => Page::Full,
        (false, _) if has_record(flash, start)? => Page::Unmarked,
        (false, false) => Page::Blank,
        (false, true) => Page::Torn,
    })
}

/// As `sequential-storage` reads a mark: half of a byte's bits are enough.
fn is_marked<F: NorFlash>(flash: &mut F, at: usize) -> Result<bool, F::Error> {
    let mut word = [0; WORD_LEN_MAX];
    let word = &mut word[..F::READ_SIZE];
    flash.read(at as u32, word)?;
    Ok(word.iter().map(|byte| byte.count_zeros()).sum::<u32>() >= u8::BITS / 2)
}

/// Whether something stands where a page's first record begins.
fn has_record<F: NorFlash>(flash: &mut F, start: usize) -> Result<bool, F::Error> {
    let mut words = [0xff; 2 * WORD_LEN_MAX];
    let len = word_len::<F>();
    let words = &mut words[..len + HEADER_LEN.next_multiple_of(len)];
    flash.read(start as u32, words)?;
    Ok(words[len..].iter().any(|&byte| byte != 0xff))
}

/// Marks both ends, so that the page is full.
fn mark<F: NorFlash>(flash: &mut F, page: usize) -> Result<(), F::Error> {
    let start = page * F::ERASE_SIZE;
    put_mark(flash, start)?;
    put_mark(flash, start + F::ERASE_SIZE - word_len::<F>())
}

fn put_mark<F: NorFlash>(flash: &mut F, at: usize) -> Result<(), F::Error> {
    flash.write(at as u32, &[0; WORD_LEN_MAX][..word_len::<F>()])
}

fn erase<F: NorFlash>(flash: &mut F, page: usize) -> Result<(), F::Error> {
    let start = page * F::ERASE_SIZE;
    flash.erase(start as u32, (start + F::ERASE_SIZE) as u32)
}

/// Longest word of a flash that `sequential-storage` takes.
const WORD_LEN_MAX: usize = 32;

/// Words as `sequential-storage` counts them.
const fn word_len<F: NorFlash>() -> usize {
    let (write, read) = (Blocking::<F>::WRITE_SIZE, F::READ_SIZE);
    if write > read { write } else { read }
}

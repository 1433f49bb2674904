//! The store in NOR flash, or in an EEPROM that is driven as one: three partitions, each a queue of records of the
//! crate `sequential-storage`.
//!
//! Records are appended, and a page is erased only when the queue comes round to it again, so every byte wears alike;
//! each record has checksums of its length and its bytes, so what a loss of power has torn is passed over. What is
//! written is read again before it is said to be kept.
//!
//! # Room
//!
//! A record takes 8 bytes more than its frame, in whole words of at least 8 bytes, and a page's two marks a word each;
//! one page is always being emptied. A frame of 16 readings is some 110 bytes, so 16 of them are in a page of 2 KiB:
//!
//! | EEPROM | of it for the normal lane | frames | at a frame a minute |
//! | --- | --- | --- | --- |
//! | 24C512, 64 KiB | 48 KiB | 368 | 6.1 h |
//! | 24C256, 32 KiB | 16 KiB | 112 | 1.9 h |
//!
//! # Wear
//!
//! While the queue goes once round, a byte is written by the erasure, by its record, and in a record's first 8 bytes
//! when that is settled: three times. 48 KiB at a frame a minute are gone round in 6.4 h, so 4,100 times a year: an
//! EEPROM of a million cycles lasts 240 years, and 80 at a frame in 20 s. NOR flash of 100,000 erasures is erased once
//! a round: 73 years, and 24.
//!
//! # Time
//!
//! At 100 kbit/s on I2C and 5 ms a write, a frame takes some 45 ms, a page's erasure a third of a second, and the start
//! reads a full 48 KiB in less than 5 s. The node does nothing else meanwhile.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::Error;
use sequential_storage::cache::page_pointers::ArrayPagePointers;
use sequential_storage::cache::page_states::ArrayPageStates;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};
use wire::Lane;
use wire::limits::FRAME_LEN_MAX;

use crate::flash::{Blocking, FlashError, HEADER_LEN, at_once};
use crate::limits::{STORE_PAGE_LEN_MAX, STORE_PAGES_MAX};
use crate::marks;
use crate::store::{SETTINGS_RECORD_LEN_MAX, SettingsRecord, Step, Store, StoreError};

/// A store over one partition for each lane and one for settings.
pub struct FlashStore<F> {
    normal: Queue<F>,
    alarm: Queue<F>,
    settings: Queue<F>,
}

/// The partitions of a [`FlashStore`]: each of at least two pages, of which the first [`STORE_PAGES_MAX`] are used.
pub struct Partitions<F> {
    pub normal: F,
    pub alarm: F,
    pub settings: F,
}

impl<F: MultiwriteNorFlash> FlashStore<F> {
    /// `None` when a partition is too small.
    pub fn new(partitions: Partitions<F>) -> Option<FlashStore<F>> {
        Some(FlashStore {
            normal: Queue::new(partitions.normal)?,
            alarm: Queue::new(partitions.alarm)?,
            settings: Queue::new(partitions.settings)?,
        })
    }

    fn queue(&mut self, lane: Lane) -> &mut Queue<F> {
        match lane {
            Lane::Normal => &mut self.normal,
            Lane::Alarm => &mut self.alarm,
        }
    }
}

impl<F: MultiwriteNorFlash> Store for FlashStore<F> {
    const IS_THERE: bool = true;

    fn walk(&mut self, lane: Lane, mut visit: impl FnMut(&[u8]) -> Step) -> Result<(), StoreError> {
        self.queue(lane).walk(&mut visit)
    }

    fn has_room(&mut self, lane: Lane, len: usize) -> Result<bool, StoreError> {
        self.queue(lane).has_room(len)
    }

    fn push(&mut self, lane: Lane, frame: &[u8]) -> Result<(), StoreError> {
        self.queue(lane).push(frame)
    }

    fn erase(&mut self, lane: Lane) -> Result<(), StoreError> {
        self.queue(lane).erase()
    }

    fn settings(&mut self) -> Result<Option<SettingsRecord>, StoreError> {
        let mut last = None;
        self.settings.walk(&mut |record| {
            last = SettingsRecord::from_slice(record).ok();
            Step::Keep
        })?;
        Ok(last)
    }

    /// The new record is there before the old one goes.
    fn keep_settings(&mut self, record: &SettingsRecord) -> Result<(), StoreError> {
        if self.settings.keep_only(record) == Err(StoreError::Unreadable) {
            self.settings.erase()?;
            return self.settings.keep_only(record);
        }
        Ok(())
    }
}

/// What the crate remembers of the pages, so that it does not read them all each time.
type Memory = Cache<ArrayPageStates<STORE_PAGES_MAX>, ArrayPagePointers<STORE_PAGES_MAX>, Uncached>;

/// Records in the order in which they came, in one partition.
struct Queue<F> {
    flash: Blocking<F>,
    len: u32,
    memory: Memory,
}

impl<F: MultiwriteNorFlash> Queue<F> {
    fn new(flash: F) -> Option<Queue<F>> {
        const {
            assert!(F::ERASE_SIZE <= STORE_PAGE_LEN_MAX && F::ERASE_SIZE >= PAGE_LEN_MIN);
        }
        let pages = (flash.capacity() / F::ERASE_SIZE).min(STORE_PAGES_MAX);
        // While one page is written, the oldest is emptied.
        if pages < 2 {
            return None;
        }
        let mut flash = Blocking(flash);
        // A memory that does not answer says so again when it is used.
        let _ = marks::mend(&mut flash, pages, is_empty);
        Some(Queue {
            flash,
            len: (pages * F::ERASE_SIZE) as u32,
            memory: blank_memory(),
        })
    }

    /// Does `work`. After an error nothing that was remembered is relied on.
    fn with<T>(
        &mut self,
        work: impl AsyncFnOnce(
            &mut QueueStorage<&mut Blocking<F>, Memory>,
        ) -> Result<T, Error<FlashError<F::Error>>>,
    ) -> Result<T, StoreError> {
        let config = QueueConfig::try_new(0..self.len).map_err(|_| StoreError::Device)?;
        let memory = core::mem::replace(&mut self.memory, blank_memory());
        let mut storage = QueueStorage::new(&mut self.flash, config, memory);
        let done = at_once(work(&mut storage)).map_err(reason)?;
        (_, self.memory) = storage.destroy();
        Ok(done)
    }

    /// With a buffer as long as any record can be, whatever the flash says.
    /// One piece of code for all visitors: it is large.
    fn walk(&mut self, visit: &mut dyn FnMut(&[u8]) -> Step) -> Result<(), StoreError> {
        let mut buffer = [0; STORE_PAGE_LEN_MAX];
        self.with(async |storage| {
            let mut records = storage.iter().await?;
            while let Some(record) = records.next(&mut buffer).await? {
                match visit(&record) {
                    Step::Keep => {}
                    Step::Forget => {
                        record.pop().await?;
                    }
                    Step::Stop => break,
                }
            }
            Ok(())
        })
    }

    fn has_room(&mut self, len: usize) -> Result<bool, StoreError> {
        let room = self.with(async |storage| storage.find_max_fit().await)?;
        // For a page that is empty, it leaves out what stands in front of a record.
        Ok(room.is_some_and(|room| room as usize >= len + HEADER_LEN))
    }

    fn push(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.with(async |storage| storage.push(record, false).await)
    }

    fn keep_only(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.push(record)?;
        let mut records = 0;
        self.walk(&mut |_| {
            records += 1;
            Step::Keep
        })?;
        self.walk(&mut |_| {
            records -= 1;
            match records {
                0 => Step::Stop,
                _ => Step::Forget,
            }
        })
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.with(async |storage| storage.erase_all().await)?;
        self.memory = blank_memory();
        Ok(())
    }
}

/// The longest record fits a page, between the marks at its ends, in words of up to 8 bytes.
const PAGE_LEN_MIN: usize = FRAME_LEN_MAX + HEADER_LEN + 3 * 8;
const _: () =
    assert!(SETTINGS_RECORD_LEN_MAX <= FRAME_LEN_MAX && PAGE_LEN_MIN <= STORE_PAGE_LEN_MAX);

/// Whether a page that is begun has no record; it is a queue by itself.
fn is_empty<F: MultiwriteNorFlash>(flash: &mut Blocking<F>, page: usize) -> bool {
    let start = (page * F::ERASE_SIZE) as u32;
    let Ok(config) = QueueConfig::try_new(start..start + F::ERASE_SIZE as u32) else {
        return false;
    };
    let mut storage = QueueStorage::new(flash, config, blank_memory());
    let mut buffer = [0; STORE_PAGE_LEN_MAX];
    matches!(at_once(storage.peek(&mut buffer)), Ok(None))
}

fn blank_memory() -> Memory {
    Cache::new(ArrayPageStates::new(), ArrayPagePointers::new(), Uncached)
}

fn reason<E>(error: Error<FlashError<E>>) -> StoreError {
    match error {
        Error::Storage {
            value: FlashError::Worn,
            ..
        } => StoreError::Worn,
        Error::Storage { .. } => StoreError::Device,
        _ => StoreError::Unreadable,
    }
}

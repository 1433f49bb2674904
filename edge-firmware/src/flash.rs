//! From blocking flash drivers to the futures that `sequential-storage` is written in.
//!
//! A [`Blocking`] flash answers before it returns, so a future over it never waits: [`at_once`] asks it once. Only
//! [`crate::flash_store`] uses the two, always together, so that the node's core stays a plain synchronous machine.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage::nor_flash::{self, ErrorType, NorFlashError, NorFlashErrorKind};
use embedded_storage_async::nor_flash::{MultiwriteNorFlash, NorFlash, ReadNorFlash};

/// A blocking driver in the guise of an asynchronous one, which reads again what it has written.
///
/// Its word is never shorter than a record's header. `sequential-storage` looks for the next header one word after a
/// torn one, so in shorter words the next record would begin inside the torn header, and could complete it by chance:
/// then it would be taken for the bytes of the torn record, and lost after it was said to be kept.
#[derive(Debug)]
pub(crate) struct Blocking<F>(pub(crate) F);

/// Why a flash did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlashError<E> {
    Driver(E),
    /// What was written does not stand there: worn out, or not blank before.
    Worn,
}

impl<E: NorFlashError> NorFlashError for FlashError<E> {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            FlashError::Driver(error) => error.kind(),
            FlashError::Worn => NorFlashErrorKind::Other,
        }
    }
}

impl<F: ErrorType> ErrorType for Blocking<F> {
    type Error = FlashError<F::Error>;
}

impl<F: nor_flash::ReadNorFlash> ReadNorFlash for Blocking<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.read(offset, bytes).map_err(FlashError::Driver)
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: nor_flash::NorFlash> NorFlash for Blocking<F> {
    const WRITE_SIZE: usize = if F::WRITE_SIZE < HEADER_LEN {
        HEADER_LEN
    } else {
        F::WRITE_SIZE
    };
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.erase(from, to).map_err(FlashError::Driver)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.write(offset, bytes).map_err(FlashError::Driver)?;
        let mut found = [0; READ_BACK_LEN];
        let parts = (offset..).step_by(READ_BACK_LEN);
        for (at, part) in parts.zip(bytes.chunks(READ_BACK_LEN)) {
            let found = &mut found[..part.len()];
            self.read(at, found).await?;
            if found != part {
                return Err(FlashError::Worn);
            }
        }
        Ok(())
    }
}

impl<F: nor_flash::MultiwriteNorFlash> MultiwriteNorFlash for Blocking<F> {}

/// Length and checksums in front of a record.
pub(crate) const HEADER_LEN: usize = 8;

/// Read again at once; a multiple of every flash's word.
const READ_BACK_LEN: usize = 32;

/// What `future` comes to. It must be one over [`Blocking`] flash alone: such a one is ready when first asked.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

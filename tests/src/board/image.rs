//! The firmware's images: built, and measured.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::RAM_AT;

const TARGET: &str = "thumbv7em-none-eabihf";
const PACKAGE: &str = "board-mps2-an386";

/// Which image of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// As it is written to a flash.
    Plain,
    /// It tells the emulator how it ended, and plays scripts.
    ForTests,
}

/// Builds an image, if it is not there yet; `tmp_dir` is the calling test's `CARGO_TARGET_TMPDIR`, beside which it goes.
/// Panics with the compiler's own words.
#[allow(clippy::unwrap_used)]
pub fn image(tmp_dir: &str, which: Image) -> PathBuf {
    // Both come from one place, and tests run at once.
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let target_dir = Path::new(tmp_dir).parent().unwrap();
    let (features, name): (&[&str], _) = match which {
        Image::Plain => (&[], "board-plain"),
        Image::ForTests => (&["--features", "semihosting"], "board-for-tests"),
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--locked", "--quiet", "--profile", "firmware"])
        .args(["--package", PACKAGE])
        .args(features)
        .args(["--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "the image does not build:\n{said}");
    let image = Path::new(tmp_dir).join(name);
    let built = target_dir.join(TARGET).join("firmware").join(PACKAGE);
    // Another test may be running it: a new file takes its name.
    let new = image.with_extension(std::process::id().to_string());
    std::fs::copy(built, &new).unwrap();
    std::fs::rename(new, &image).unwrap();
    image
}

/// What an image takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Code, constants, and the first values of variables.
    pub flash: usize,
    /// Variables; not the stack.
    pub ram: usize,
}

/// Reads the sections of an image: a 32-bit little-endian ELF file.
#[allow(clippy::unwrap_used)]
pub fn sizes(image: &Path) -> Sizes {
    let elf = std::fs::read(image).unwrap();
    let half = |at: usize| usize::from(u16::from_le_bytes(elf[at..at + 2].try_into().unwrap()));
    let word = |at: usize| u32::from_le_bytes(elf[at..at + 4].try_into().unwrap()) as usize;
    let (table, entry_len, entries) = (word(0x20), half(0x2e), half(0x30));
    const ALLOCATED: usize = 2;
    const NO_BYTES: usize = 8;
    let mut sizes = Sizes { flash: 0, ram: 0 };
    for section in (0..entries).map(|place| table + place * entry_len) {
        let (kind, flags) = (word(section + 4), word(section + 8));
        let (address, len) = (word(section + 12), word(section + 20));
        if flags & ALLOCATED == 0 {
            continue;
        }
        if kind != NO_BYTES {
            sizes.flash += len;
        }
        if address >= RAM_AT {
            sizes.ram = sizes.ram.max(address + len - RAM_AT);
        }
    }
    sizes
}

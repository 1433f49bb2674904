//! The firmware on an emulated board: its image, its flash page, and the emulator that runs it.

mod debugger;
mod image;

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use edge_firmware::page::{self, Broker, Page};
use gateway::provision::keys;
use wire::limits::VERSION;
use wire::rule::{Danger, Threshold};
use wire::settings::Alarm;
use wire::{CityId, Lane, Milli, NodeId, Quantity, Settings};

use crate::gateway::{PATIENCE, secret};
use debugger::{ask, say};
pub use image::{Image, Sizes, image, sizes};

/// The host's loopback, as the emulator's network shows it.
const HOST: [u8; 4] = [10, 0, 2, 2];
const EEPROM_LEN: usize = 64 * 1024;

const SAMPLE_PERIOD_MS: u32 = 200;
const REPORT_PERIOD_MS: u32 = 400;

/// What provisioning would write for `node`: a thermometer that speaks up past `alarm`.
#[allow(clippy::unwrap_used)]
pub fn page(node: &str, broker: SocketAddr, alarm: Option<(i64, i64)>) -> Page {
    let node = NodeId::new(node).unwrap();
    let keys = keys(&secret(), &node, 1);
    let alarm = alarm.map(|(raise_at, clear_at)| Alarm {
        quantity: Quantity::Temperature,
        threshold: Threshold {
            danger: Danger::Above,
            raise_at: Milli(raise_at),
            clear_at: Milli(clear_at),
            raise_after_ms: 0,
            clear_after_ms: 0,
        },
    });
    Page {
        city: CityId::new("harbour").unwrap(),
        node,
        broker: as_the_guest_sees(broker),
        generation: keys.generation,
        up: *keys.up.as_bytes(),
        down: *keys.down.as_bytes(),
        boots_from: 1,
        quantities: [Quantity::Temperature].into_iter().collect(),
        settings: Settings {
            sample_period_ms: SAMPLE_PERIOD_MS,
            report_period_ms: REPORT_PERIOD_MS,
            alarms: alarm.into_iter().collect(),
        },
    }
}

/// Where a board finds a broker that listens on the host's loopback.
pub fn as_the_guest_sees(broker: SocketAddr) -> Broker {
    Broker {
        address: HOST,
        port: broker.port(),
    }
}

/// What became of a node's frames.
#[derive(Clone, Copy, Debug)]
pub struct Outbox {
    /// Of this life, in the store.
    pub closed: u64,
    /// Forgotten because the gateway has them.
    pub settled: u64,
    /// Waiting for the gateway.
    pub kept: u64,
    /// Lost because newer ones needed their room.
    pub overwritten: u64,
}

/// A board with its memory, on or off.
pub struct Board {
    image: PathBuf,
    /// Its flash page, its EEPROM, and what its UART said.
    dir: tempfile::TempDir,
    running: Option<Child>,
    lives: usize,
    has_network: bool,
    has_thermometer: bool,
    /// Held, because without it the emulator would stand still again.
    debugger: Option<UnixStream>,
}

impl Board {
    /// A board that was just made: its EEPROM is erased, and its flash has `page` or nothing.
    #[allow(clippy::unwrap_used)]
    pub fn new(image: &Path, page: Option<&Page>) -> Board {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(EEPROM), [0xff; EEPROM_LEN]).unwrap();
        if let Some(page) = page {
            std::fs::write(dir.path().join(PAGE), page::encode(page)).unwrap();
        }
        Board {
            image: image.to_owned(),
            dir,
            running: None,
            lives: 0,
            has_network: true,
            has_thermometer: true,
            debugger: None,
        }
    }

    /// The board on a network that gives out no addresses.
    pub fn without_network(mut self) -> Board {
        self.has_network = false;
        self
    }

    /// The board with nothing at the thermometer's place on the bus.
    pub fn without_thermometer(mut self) -> Board {
        self.has_thermometer = false;
        self
    }

    /// The board with a script in its memory, which it plays instead of anything else, one virtual nanosecond an instruction.
    #[allow(clippy::unwrap_used)]
    pub fn with_script(self, script: &[u8]) -> Board {
        let len = u32::try_from(script.len()).unwrap().to_le_bytes();
        let bytes = [&b"REHEARSE"[..], &len, script].concat();
        std::fs::write(self.file(SCRIPT), bytes).unwrap();
        self
    }

    /// The board without its EEPROM.
    #[allow(clippy::unwrap_used)]
    pub fn without_memory(self) -> Board {
        std::fs::remove_file(self.file(EEPROM)).unwrap();
        self
    }

    /// Power on, at a temperature in thousandths of a degree.
    pub fn start(&mut self, temperature: i64) {
        self.stop();
        self.lives += 1;
        let mut emulator = Command::new("qemu-system-arm");
        emulator
            .args([
                "-S",
                "-M",
                "mps2-an386",
                "-display",
                "none",
                "-monitor",
                "none",
            ])
            .args(["-semihosting-config", "enable=on,target=native"])
            .args(match self.has_network {
                true => ["-nic", "user,model=lan9118"],
                false => ["-nic", "none"],
            })
            .arg("-serial")
            .arg(format!("file:{}", self.file(&self.log_name())))
            .arg("-qmp")
            .arg(format!("unix:{},server=on,wait=off", self.file(CONTROL)))
            .arg("-gdb")
            .arg(format!("unix:{},server=on,wait=off", self.file(DEBUGGER)))
            .arg("-kernel")
            .arg(&self.image);
        if self.has_thermometer {
            emulator.args(["-device", "tmp105,address=0x48,id=t0"]);
        }
        if self.dir.path().join(SCRIPT).exists() {
            let loader = format!(
                "loader,file={},addr=0x21000000,force-raw=on",
                self.file(SCRIPT)
            );
            emulator.args(["-device", &loader, "-icount", "shift=0"]);
        }
        if self.dir.path().join(EEPROM).exists() {
            let drive = format!("file={},format=raw,if=none,id=eeprom", self.file(EEPROM));
            let device = format!("at24c-eeprom,address=0x50,rom-size={EEPROM_LEN},drive=eeprom");
            emulator.args(["-drive", &drive, "-device", &device]);
        }
        if self.dir.path().join(PAGE).exists() {
            let loader = format!("loader,file={},addr=0x7f000,force-raw=on", self.file(PAGE));
            emulator.args(["-device", &loader]);
        }
        let child = emulator
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("this test needs the emulator: apt-get install qemu-system-arm");
        self.running = Some(child);
        if self.has_thermometer {
            // It forgets at power on, so it is set while the processor still stands still.
            self.set_temperature(temperature);
        }
        self.control(r#"{"execute":"cont"}"#);
    }

    /// Power off, without a word.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            // It may have ended by itself; there is nothing else to do about it.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// The code with which the firmware has ended, once it has.
    #[allow(clippy::unwrap_used)]
    pub fn exit_code(&mut self) -> Option<i32> {
        self.running.as_mut()?.try_wait().unwrap()?.code()
    }

    /// What the UART said in this life.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.file(&self.log_name())).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Frames of earlier lives that the store had at the start of this one, once the UART has said so.
    pub fn restored(&self) -> Option<u64> {
        self.figure("restored")
    }

    /// What became of this life's frames, as far as the UART has said.
    pub fn outbox(&self) -> Outbox {
        let figure = |name| self.figure(name).unwrap_or_default();
        Outbox {
            closed: figure("closed"),
            settled: figure("settled"),
            kept: figure("kept"),
            overwritten: figure("overwritten"),
        }
    }

    /// The figure behind `name` that the UART said last.
    pub fn figure(&self, name: &str) -> Option<u64> {
        let log = self.log();
        let (_, rest) = log.rsplit_once(&format!(" {name} "))?;
        // The last line may be only half written.
        let (figure, _) = rest.split_once([' ', '\n'])?;
        figure.parse().ok()
    }

    /// Turns a bit of the frame with this sequence of the first life over, in the EEPROM.
    #[allow(clippy::unwrap_used)]
    pub fn damage(&self, sequence: u8) {
        let header = [
            VERSION,
            1,
            Lane::Normal.code(),
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            sequence,
        ];
        let mut bytes = std::fs::read(self.file(EEPROM)).unwrap();
        let at = bytes
            .windows(header.len())
            .position(|bytes| bytes == header);
        bytes[at.unwrap() + header.len() + 5] ^= 0x10;
        std::fs::write(self.file(EEPROM), bytes).unwrap();
    }

    /// Makes it warmer or colder.
    pub fn set_temperature(&self, temperature: i64) {
        self.control(&format!(
            r#"{{"execute":"qom-set","arguments":{{"path":"/machine/peripheral/t0","property":"temperature","value":{temperature}}}}}"#
        ));
    }

    /// Makes its processor go round in one place for ever; interrupts are still served.
    #[allow(clippy::unwrap_used)]
    pub fn hang(&mut self) {
        // The emulator stands still while its debugger connects.
        let mut debugger = UnixStream::connect(self.file(DEBUGGER)).unwrap();
        debugger.set_read_timeout(Some(PATIENCE)).unwrap();
        // Registers can be written only by who has asked what there are.
        ask(&mut debugger, "qXfer:features:read:target.xml:0,ff");
        // «Branch to itself», in memory that the image does not use, and the processor sent there.
        for command in ["M21100000,2:fee7", "Pf=00001021"] {
            assert_eq!(ask(&mut debugger, command), "OK", "{command}");
        }
        say(&mut debugger, "c");
        self.debugger = Some(debugger);
    }

    /// The most of the stack that was ever used, in bytes: the emulator's memory starts as zeros, and the stack comes down
    /// from its end. `statics` is what the image has below it.
    #[allow(clippy::unwrap_used)]
    pub fn peak_stack(&self, statics: usize) -> usize {
        let dump = self.file(DUMP);
        self.control(&format!(
            r#"{{"execute":"pmemsave","arguments":{{"val":{RAM_AT},"size":{RAM_LEN},"filename":"{dump}"}}}}"#
        ));
        let ram = std::fs::read(dump).unwrap();
        let untouched = ram[statics..].iter().take_while(|&&byte| byte == 0);
        RAM_LEN - statics - untouched.count()
    }

    /// Has the emulator do something.
    #[allow(clippy::unwrap_used)]
    fn control(&self, command: &str) {
        let start = Instant::now();
        let mut control = loop {
            match UnixStream::connect(self.file(CONTROL)) {
                Ok(control) => break control,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no emulator: {error}"),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut answers = BufReader::new(control.try_clone().unwrap()).lines();
        for command in [r#"{"execute":"qmp_capabilities"}"#, command] {
            writeln!(control, "{command}").unwrap();
            // A firmware that ends at once takes the emulator with it, and the answer.
            let answer = answers
                .by_ref()
                .map_while(Result::ok)
                .find(|line| line.contains("\"return\"") || line.contains("\"error\""));
            assert!(
                answer.as_ref().is_none_or(|line| line.contains("return")),
                "{command}: {answer:?}"
            );
        }
    }

    fn file(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn log_name(&self) -> String {
        format!("uart-{}.log", self.lives)
    }
}

const PAGE: &str = "page.bin";
const SCRIPT: &str = "script.bin";
const DEBUGGER: &str = "debugger.sock";
const DUMP: &str = "ram.bin";
/// As the image's memory.x has it.
const RAM_AT: usize = 0x2000_0000;
const RAM_LEN: usize = 128 * 1024;
const EEPROM: &str = "eeprom.bin";
const CONTROL: &str = "control.sock";

impl Drop for Board {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            eprintln!("the board said:\n{}", self.log());
        }
    }
}

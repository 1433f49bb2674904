//! The start: clocks, interrupts, who the node is, the tasks.

use core::cell::RefCell;

use cortex_m_rt::entry;
use edge_firmware::page::Page;
use edge_firmware::{FlashStore, Node, Sensor};
use embassy_executor::Spawner;
use embassy_net::{Config, Runner, StackResources};
use embedded_hal_bus::i2c::RefCellDevice;
use node_shell::{Buffers, Shell};
use static_cell::{ConstStaticCell, StaticCell};

use crate::exit::{self, Code};
use crate::i2c::Bus;
use crate::lan9118::{self, Lan9118};
use crate::link::{self, Link};
use crate::memory::Memory;
use crate::sensors::Mps2;
use crate::uart::{self, log};
use crate::{executor, memory, sensors, time, watchdog};

/// In RAM are the frames that are on their way at once; all others are in the EEPROM.
const FRAMES: usize = 16;
const BYTES: usize = 1536;

type BoardNode = Node<FRAMES, BYTES, FlashStore<Memory>>;
type BoardShell = Shell<'static, Mps2, FRAMES, BYTES, FlashStore<Memory>>;

/// DHCP and the broker.
const SOCKETS: usize = 2;

static BUS: StaticCell<RefCell<Bus>> = StaticCell::new();
static NODE: StaticCell<BoardNode> = StaticCell::new();
static STACK: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
static STREAM: ConstStaticCell<link::Buffers> = ConstStaticCell::new(link::Buffers::new());
static SESSION: ConstStaticCell<Buffers> = ConstStaticCell::new(Buffers::new());

#[entry]
fn main() -> ! {
    let (runner, shell, link) = set_up();
    watchdog::start();
    allow_interrupts();
    executor::run(|spawner| spawn(spawner, runner, shell, link))
}

/// Not a part of `main`, whose stack is never given back; as are the two parts of it that need the most.
#[inline(never)]
fn set_up() -> (Runner<'static, Lan9118>, BoardShell, Link) {
    time::init();
    uart::init();
    #[cfg(feature = "semihosting")]
    crate::rehearse::if_asked();
    let page = read_page();
    let bus: &'static RefCell<Bus> = BUS.init(RefCell::new(Bus::new()));
    let Some(boot) = memory::boot(bus, page.boots_from) else {
        log!("no boot number can be had: this node does not speak");
        exit::end(Code::NoBoot);
    };
    log!("node {} of {}, boot {boot}", page.node, page.city);
    log!("reset {} times by the watchdog", watchdog::resets());

    let fitted = page.sensors(sensors::scale);
    let store = memory::store(bus).expect("the parts of the EEPROM have room for a store");
    let node = make_node(&page, boot, &fitted, store);
    let bus = RefCellDevice::new(bus);
    let shell = Shell::new(node, &fitted, Mps2 { bus });

    let controller = Lan9118::start().expect("the board has a network controller");
    let config = Config::dhcpv4(Default::default());
    let resources = STACK.init_with(StackResources::new);
    let (stack, runner) = embassy_net::new(controller, config, resources, page.seed(boot));
    let link = Link {
        stack,
        broker: page.broker,
        buffers: STREAM.take(),
    };
    (runner, shell, link)
}

#[inline(never)]
fn read_page() -> Page {
    memory::page().unwrap_or_else(|error| {
        log!("{error}: this node does not speak");
        exit::end(Code::NoPage)
    })
}

#[inline(never)]
fn make_node(
    page: &Page,
    boot: u32,
    fitted: &[Sensor],
    store: FlashStore<Memory>,
) -> &'static mut BoardNode {
    NODE.init_with(|| Node::with_store(page.config(boot), fitted, page.settings.clone(), store))
}

fn spawn(spawner: Spawner, runner: Runner<'static, Lan9118>, shell: BoardShell, link: Link) {
    // Each is spawned once, so there is room for it.
    spawner.spawn(network(runner).expect("a task"));
    spawner.spawn(drive(shell, link).expect("a task"));
}

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Lan9118>) {
    runner.run().await;
}

#[embassy_executor::task]
async fn drive(shell: BoardShell, mut link: Link) {
    shell.run(&mut link, SESSION.take()).await;
}

const TIMER0_LINE: u8 = 8;
const TIMER1_LINE: u8 = 9;
const NETWORK_LINE: u8 = 13;

fn allow_interrupts() {
    for line in [TIMER0_LINE, TIMER1_LINE, NETWORK_LINE] {
        // SAFETY: what these handlers share with other code is behind critical sections or atomic.
        unsafe { cortex_m::peripheral::NVIC::unmask(Line(line)) };
    }
}

#[derive(Clone, Copy)]
struct Line(u8);

// SAFETY: the numbers are below the vector table's length and never change.
unsafe impl cortex_m::interrupt::InterruptNumber for Line {
    fn number(self) -> u16 {
        u16::from(self.0)
    }
}

type Handler = unsafe extern "C" fn();
const LINES: usize = 32;

extern "C" fn on_timer0() {
    time::on_round();
}

extern "C" fn on_timer1() {
    time::on_alarm();
}

extern "C" fn on_network() {
    lan9118::on_interrupt();
}

extern "C" fn on_other() {
    panic!("an interrupt that nobody allowed");
}

// SAFETY: the name and the section are those that `cortex-m-rt` links the board's vector table by.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [Handler; LINES] = {
    let mut table: [Handler; LINES] = [on_other; LINES];
    table[TIMER0_LINE as usize] = on_timer0;
    table[TIMER1_LINE as usize] = on_timer1;
    table[NETWORK_LINE as usize] = on_network;
    table
};

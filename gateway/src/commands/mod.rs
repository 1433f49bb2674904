//! One file a command: its arguments (`Args`) and what it does (`run`).

pub mod check;
pub mod compare;
pub mod demo;
pub mod explain;
pub mod history;
pub mod import;
pub mod index;
pub mod performance;
pub mod plot;
pub mod provision;
pub mod replay;
pub mod rules;
pub mod run;
pub mod simulate;

mod stop;

/// Exit code for a wrong command line or a city directory with errors; 0 is success, 1 any other failure.
pub const EXIT_BAD_CONFIGURATION: u8 = 2;

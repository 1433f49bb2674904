//! One file a command: its arguments (`Args`) and what it does (`run`).

pub mod check;
pub mod demo;
pub mod index;
pub mod replay;
pub mod run;
pub mod simulate;

mod stop;

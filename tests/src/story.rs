//! Stories as text: a tiny city, what happens in it, and the lines that people must be told.
//!
//! One statement a line, `#` begins a comment, times are `mm:ss` or `h:mm:ss` since the story's beginning.
//!
//! ```text
//! horizon 10m                                     how long panes may be corrected; grace is 2 s
//! silence 1m                                      when a node counts as silent
//! zone square area=40                             area in m²; also: lanes=2 effective_length=6.5 noise_class=4a danger_density=4
//! node cam square person_count                    quantities may be left out
//! gate door square from=street                    the node counts from `street` (or nowhere) into `square`
//! rule crowd crowd_density mean above 4 clear=3.5 for=30s clear_for=0s gap=1m zones=square
//!                                                 also kind=fire severity=extreme
//!                                                 and escalate=5m:duty,15m:mayor+press
//! rule tried crowd_density mean above 3 shadow    judged like the others, told to nobody
//! air us-epa-2024                                 the standards of its air indices and forecasts
//! section north south                             the road goes on from `north`: incidents are looked for between
//! neighbours square street                        zones that touch
//! quality ch4 stuck=3m spike=50 spikes=3 within=5m range=0..100 neighbours=20 for=2m recover=1m
//! quality lane_occupancy detector                 failures of loop detectors on a main road
//! show person_count                               print zone figures of this value too; also: show incidents
//! show withdrawals                                print whose readings do not count
//!
//! 0:05 cam person_count 120                       arrives and was sampled then
//! 0:50 cam person_count 90 sampled=0:05           arrives late
//! 0:50 cam person_count 90 saturated              at the end of its range
//! 1:00 to 5:00 every 10s cam person_count 200     a series
//! 6:00 quarantine cam from=1:00                   also: release NODE, anchor ZONE COUNT, link up|down
//! 6:00 quarantine cam noise from=1:00 by=ada      of one quantity; also: release NODE QUANTITY
//! 6:00 quality ch4 …                              a new version of the quality rule; without more it is gone
//! 6:00 acknowledge 1 by=ada                       the first alert of the story
//! 6:00 comment 1 by=ada on my way                 also: assign 1 to=bo by=ada, settle 1 ended|stands by=bo
//! 6:00 silence 10m by=ada zone=square             also kind= and rule=
//! 6:00 move cam street                            a new version of the registry
//! 6:00 rule crowd …                               a new version of the rule; `drop crowd` removes it
//! 9:00 end                                        the last promise; then the input ends
//! ====
//! expected lines
//! ```

mod act;
mod check;
mod ground;
mod parse;
mod play;
mod quality;
mod words;

pub use act::Act;
pub use check::check;
pub use parse::{Deed, Plot, parse};
pub use play::{outputs, play, revisions};

/// What separates the story from the lines expected of it.
pub const RULER: &str = "====";

//! Stories of a day in the city, as text: what happens, and beside it every line that people are told.
//!
//! Each story in `scenarios/` is played on one worker and on two. Below its ruler stand the expected lines;
//! with `UPDATE_EXPECT=1` they are written anew, to be read before they are committed.

use tests::story::check;

#[test]
fn crowd_fills() {
    check("crowd_fills");
}

#[test]
fn gate_reset() {
    check("gate_reset");
}

#[test]
fn gate_anchored() {
    check("gate_anchored");
}

#[test]
fn crowd_level() {
    check("crowd_level");
}

#[test]
fn acknowledged() {
    check("acknowledged");
}

#[test]
fn alarm_and_silence() {
    check("alarm_and_silence");
}

#[test]
fn alarm_confirmed() {
    check("alarm_confirmed");
}

#[test]
fn alarm_late() {
    check("alarm_late");
}

#[test]
fn alarm_quarantined() {
    check("alarm_quarantined");
}

#[test]
fn alarm_refuted() {
    check("alarm_refuted");
}

#[test]
fn duration() {
    check("duration");
}

#[test]
fn end_of_input() {
    check("end_of_input");
}

#[test]
fn gate_leaves() {
    check("gate_leaves");
}

#[test]
fn gates() {
    check("gates");
}

#[test]
fn hysteresis() {
    check("hysteresis");
}

#[test]
fn late_reading_cancels() {
    check("late_reading_cancels");
}

#[test]
fn link_down() {
    check("link_down");
}

#[test]
fn merge() {
    check("merge");
}

#[test]
fn moved_boundary() {
    check("moved_boundary");
}

#[test]
fn no_data() {
    check("no_data");
}

#[test]
fn no_data_filled_in() {
    check("no_data_filled_in");
}

#[test]
fn early_warning() {
    check("early_warning");
}

#[test]
fn early_warning_wrong() {
    check("early_warning_wrong");
}

#[test]
fn node_silence() {
    check("node_silence");
}

#[test]
fn open_pane() {
    check("open_pane");
}

#[test]
fn quality_stuck() {
    check("quality_stuck");
}

#[test]
fn quality_spike() {
    check("quality_spike");
}

#[test]
fn quality_neighbour() {
    check("quality_neighbour");
}

#[test]
fn quality_range() {
    check("quality_range");
}

#[test]
fn quality_released() {
    check("quality_released");
}

#[test]
fn quality_rule_dropped() {
    check("quality_rule_dropped");
}

#[test]
fn quality_leak() {
    check("quality_leak");
}

#[test]
fn quality_cut_short() {
    check("quality_cut_short");
}

#[test]
fn quarantine_one_quantity() {
    check("quarantine_one_quantity");
}

#[test]
fn quarantine_gate() {
    check("quarantine_gate");
}

#[test]
fn quarantine() {
    check("quarantine");
}

#[test]
fn rule_changed_and_dropped() {
    check("rule_changed_and_dropped");
}

#[test]
fn safety_moved() {
    check("safety_moved");
}

#[test]
fn safety_quarantine() {
    check("safety_quarantine");
}

#[test]
fn safety_saturated() {
    check("safety_saturated");
}

#[test]
fn safety_silence() {
    check("safety_silence");
}

#[test]
fn shadow_rule() {
    check("shadow_rule");
}

#[test]
fn split() {
    check("split");
}

#[test]
fn three_day_flood() {
    check("three_day_flood");
}

#[test]
fn too_late() {
    check("too_late");
}

#[test]
fn flapping_held() {
    check("flapping_held");
}

#[test]
fn peak_step() {
    check("peak_step");
}

#[test]
fn rule_changed_severity() {
    check("rule_changed_severity");
}

#[test]
fn slow_node() {
    check("slow_node");
}

#[test]
fn commented() {
    check("commented");
}

#[test]
fn assigned() {
    check("assigned");
}

#[test]
fn assigned_cancel() {
    check("assigned_cancel");
}

#[test]
fn settled_stands() {
    check("settled_stands");
}

#[test]
fn settled_unconfirmed() {
    check("settled_unconfirmed");
}

#[test]
fn silenced() {
    check("silenced");
}

#[test]
fn escalated() {
    check("escalated");
}

#[test]
fn escalation_waits() {
    check("escalation_waits");
}

#[test]
fn one_revision_a_tick() {
    check("one_revision_a_tick");
}

#[test]
fn people_and_the_unknown() {
    check("people_and_the_unknown");
}

#[test]
fn escalation_changed() {
    check("escalation_changed");
}

#[test]
fn shadow_promoted() {
    check("shadow_promoted");
}

#[test]
fn incident() {
    check("incident");
}

#[test]
fn incident_oldest_ends() {
    check("incident_oldest_ends");
}

#[test]
fn incident_city_changes() {
    check("incident_city_changes");
}

#[test]
fn incident_of_work() {
    check("incident_of_work");
}

#[test]
fn incident_shadow() {
    check("incident_shadow");
}

#[test]
fn traffic_figures() {
    check("traffic_figures");
}

#[test]
fn traffic_incident() {
    check("traffic_incident");
}

#[test]
fn traffic_late() {
    check("traffic_late");
}

#[test]
fn traffic_locked_on() {
    check("traffic_locked_on");
}

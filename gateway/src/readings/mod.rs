//! Recorded readings (CSV), read fast.

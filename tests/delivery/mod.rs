//! Delivery by SCIM 2.0.

mod conformance;
mod dialogue;
mod faults;
mod sending;
mod servers;
mod stand_in;

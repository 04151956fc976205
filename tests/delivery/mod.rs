//! Delivery by SCIM 2.0.

mod conformance;
mod dialogue;
mod servers;
mod stand_in;

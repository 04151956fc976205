//! Delivery by SCIM 2.0.

mod client_credentials;
mod comparing;
mod conformance;
mod crowd;
mod dialogue;
mod faults;
mod sending;
mod servers;
mod service_test;
mod stand_in;
mod volume;

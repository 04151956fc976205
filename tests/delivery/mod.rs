//! Delivery by SCIM 2.0.

mod client_credentials;
mod conformance;
mod dialogue;
mod faults;
mod sending;
mod servers;
mod service_test;
mod stand_in;

//! One request to a directory: on a connection of the service account or as a person, at the first server
//! that serves it.

mod send;
mod service;

pub(crate) use send::{Operation, Requests, policy_request};
pub(crate) use service::{ServiceAccount, ServiceFault};

//! One request to a directory: on a connection of the service account or as a person, at the first server
//! that serves it.

mod operation;
mod round;
mod send;
mod service;

pub(crate) use operation::{Operation, policy_request};
pub(crate) use send::Requests;
pub(crate) use service::{ServiceAccount, ServiceFault};

//! The real binary as a process: output, exit status, HTTP, and what survives a kill.

mod accounts;
mod audit;
mod chain;
mod clients;
mod commands;
mod doctor;
mod factors;
mod http;
mod init;
mod keys;
mod killed;
mod link;
mod lists;
mod output;
pub mod process;
mod proxy;
mod purge;
mod refusals;
mod sealing;
mod secrets;
mod serving;
mod sessions;
mod settings;
mod shares;
mod support;
mod tls;
mod tls_stores;

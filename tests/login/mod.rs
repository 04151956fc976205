//! Signing in, end to end, on a real domain.

mod people;
mod strangers;

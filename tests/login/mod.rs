//! Signing in, end to end, on a real domain.

mod hostile;
mod people;

//! Signing in, end to end, on a real domain.

mod attacks;
mod people;

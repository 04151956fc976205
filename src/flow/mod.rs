//! The stories, one use case a file. Handlers and commands call them; they call the adapters and ask the domain.

pub mod settings;

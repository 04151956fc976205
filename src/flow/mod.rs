//! The stories: one use case a file. A story takes parts, decides by `domain`, and never speaks HTTP or SQL.

pub mod accounts;
pub mod authorize;
pub mod background;
pub mod causes;
pub mod context;
pub mod device;
pub mod estate;
pub mod exchange;
pub mod explain;
pub mod fault;
pub mod issue;
pub mod judge;
pub mod mint;
pub mod pending;
pub mod person;
pub mod refresh;
pub mod rotation;
pub mod settings;
pub mod sign_in;
pub mod sign_out;
pub mod sync;
pub mod throttle;
pub mod userinfo;

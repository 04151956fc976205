//! What clients ask with codes and tokens: exchange, refresh, userinfo.

pub mod exchange;
pub mod refresh;
pub mod userinfo;

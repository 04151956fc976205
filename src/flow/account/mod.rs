//! What people do for themselves: change their password, manage second factors and sessions, sign out.

pub mod change_password;
pub mod factors;
pub mod own_password;
pub mod security;
pub mod sign_out;

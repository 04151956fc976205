//! What administrators and the help desk ask: the doctor, explain, set-up, the support bundle.

pub mod bundle;
pub mod doctor;
pub mod explain;
pub mod sealing;
pub mod setup;

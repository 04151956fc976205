//! The changes of one domain controller, by DirSync or by uSNChanged.

mod ad_feed;
mod dirsync;
mod usn;

pub use ad_feed::AdFeed;
pub(crate) use ad_feed::Way;
pub(crate) use dirsync::{DirSyncFeed, DirSyncTrial};
pub(crate) use usn::UsnChanged;

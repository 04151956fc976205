//! The changes of one domain controller, by DirSync or by uSNChanged.

mod ad_feed;
mod dirsync;
mod usn;

pub(super) use ad_feed::{AdFeed, Way};
pub(super) use dirsync::{DirSyncFeed, DirSyncTrial};
pub(super) use usn::UsnChanged;

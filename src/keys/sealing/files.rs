//! The files in `keys_dir`. Each is written completely or not at all, and after each step of a rotation the
//! directory still opens everything:
//!
//! | step | `sealing.key` | `sealing.next.key` | `sealing.old.key` | `digest.keys` |
//! | --- | --- | --- | --- | --- |
//! | before | A | | | |
//! | begin | A | B | | of A |
//! | complete: link | A | B | A | of A |
//! | complete: rename | B | | A | of A |
//! | forget the old key | B | | | of A |

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::KeyError;
use super::super::random::{random, random_id};
use super::digests::DigestSecrets;
use super::key::{KEY_LEN, SealingKey, Secret};

pub(super) const KEY: &str = "sealing.key";
pub(super) const NEXT: &str = "sealing.next.key";
pub(super) const OLD: &str = "sealing.old.key";
pub(super) const DIGESTS: &str = "digest.keys";
/// Says that the chain of the audit log has begun. Empty.
const CHAINED: &str = "audit-chain.begun";

/// Marks a key that a rotation made: such a key needs [`DIGESTS`].
const ROTATED: u8 = 2;
const LARGEST: u64 = 64 * 1024;

/// The content of the directory.
pub(super) struct KeyDirectory {
    pub current: Secret,
    pub next: Option<Secret>,
    pub old: Option<Secret>,
    pub digests: DigestSecrets,
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path, source }
}

/// Creates the directory and its first key if there is nothing yet.
pub(super) fn make(dir: &Path) -> Result<(), KeyError> {
    let path = dir.join(KEY);
    if fs::exists(&path).map_err(at(&path))? {
        return Ok(());
    }
    for name in [NEXT, OLD, DIGESTS] {
        let other = dir.join(name);
        if fs::exists(&other).map_err(at(&other))? {
            return Err(KeyError::Missing { path, other });
        }
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))?;
    create(dir, KEY, Zeroizing::new(random::<KEY_LEN>()).as_ref())
}

/// Reads all of it. The next key comes first: after a completed rotation it is found under its new name.
pub(super) fn read(dir: &Path) -> Result<KeyDirectory, KeyError> {
    let next = read_key(dir, NEXT)?;
    let Some(current) = read_key(dir, KEY)? else {
        let (path, source) = (dir.join(KEY), ErrorKind::NotFound.into());
        return Err(KeyError::File { path, source });
    };
    let old = read_key(dir, OLD)?.map(|(key, _)| key).filter(|old| *old != current.0);
    let kept = read_digests(dir)?;
    let is_rotated = current.1 || next.is_some();
    let digests = match kept {
        Some(digests) => digests,
        None if is_rotated => return Err(KeyError::DigestsMissing { path: dir.join(DIGESTS) }),
        None => DigestSecrets::derived(&current.0)?,
    };
    let next = next.map(|(key, _)| key).filter(|next| *next != current.0);
    Ok(KeyDirectory { current: current.0, next, old, digests })
}

/// Creates the next key, unless there is one. The digest keys come first: no new key works without them.
pub(super) fn begin(dir: &Path) -> Result<(), KeyError> {
    let found = read(dir)?;
    if found.next.is_some() {
        return Ok(());
    }
    if found.old.is_some() {
        return Err(KeyError::Unfinished { path: dir.join(OLD) });
    }
    create(dir, DIGESTS, found.digests.to_text().as_bytes())?;
    let known = SealingKey::new(&found.current)?.id;
    let mut key = Zeroizing::new(random::<KEY_LEN>());
    while SealingKey::new(&key)?.id == known {
        key = Zeroizing::new(random::<KEY_LEN>());
    }
    create(dir, NEXT, &Zeroizing::new([&[ROTATED], key.as_ref()].concat()))
}

/// Puts the next key in the place of the current one, which stays as the old one.
pub(super) fn complete(dir: &Path) -> Result<(), KeyError> {
    let (key, next, old) = (dir.join(KEY), dir.join(NEXT), dir.join(OLD));
    let found = read(dir)?;
    if found.next.is_none() {
        return Ok(());
    }
    if found.old.is_some() {
        return Err(KeyError::Unfinished { path: old });
    }
    match fs::hard_link(&key, &old) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(at(&old)(error)),
        _ => sync(dir)?,
    }
    fs::rename(&next, &key).map_err(at(&next))?;
    sync(dir)
}

/// Removes the old key for good.
pub(super) fn forget_old(dir: &Path) -> Result<(), KeyError> {
    let old = dir.join(OLD);
    match fs::remove_file(&old) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(&old)(error)),
        _ => sync(dir),
    }
}

/// Whether the chain of the audit log has begun.
pub(super) fn is_chained(dir: &Path) -> Result<bool, KeyError> {
    let path = dir.join(CHAINED);
    fs::exists(&path).map_err(at(&path))
}

/// Notes that it has.
pub(super) fn note_chained(dir: &Path) -> Result<(), KeyError> {
    if is_chained(dir)? { Ok(()) } else { create(dir, CHAINED, &[]) }
}

/// A key, and whether a rotation made it.
fn read_key(dir: &Path, name: &str) -> Result<Option<(Secret, bool)>, KeyError> {
    let Some((path, bytes)) = read_private(dir, name)? else { return Ok(None) };
    let (key, is_rotated) = match bytes.as_slice() {
        [ROTATED, key @ ..] if key.len() == KEY_LEN => (key, true),
        key => (key, false),
    };
    match <[u8; KEY_LEN]>::try_from(key) {
        Ok(key) => Ok(Some((Zeroizing::new(key), is_rotated))),
        Err(_) => Err(KeyError::NotAKey { path, found: bytes.len() }),
    }
}

fn read_digests(dir: &Path) -> Result<Option<DigestSecrets>, KeyError> {
    let Some((path, bytes)) = read_private(dir, DIGESTS)? else { return Ok(None) };
    let digests = std::str::from_utf8(&bytes).ok().and_then(DigestSecrets::parse);
    digests.map(Some).ok_or(KeyError::DigestsDamaged { path })
}

type Contents = (PathBuf, Zeroizing<Vec<u8>>);

/// The content of a file that only its owner can read; `None` if there is no file.
fn read_private(dir: &Path, name: &str) -> Result<Option<Contents>, KeyError> {
    let path = dir.join(name);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path)(error)),
    };
    // The mode of the opened file, not of the name: the file can't be exchanged in between.
    let mode = file.metadata().map_err(at(&path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path, mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(at(&path))?;
    Ok(Some((path, bytes)))
}

/// Creates the file completely or not at all: it is written under another name and then linked, and a link
/// fails if the name exists. So two processes that do it at once both read the same file.
fn create(dir: &Path, name: &str, content: &[u8]) -> Result<(), KeyError> {
    let (path, temporary) = (dir.join(name), dir.join(format!(".{name}.{}", random_id())));
    let options = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary);
    let mut file = options.map_err(at(&temporary))?;
    let written = owned_like(&file, dir)
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&temporary, &path));
    fs::remove_file(&temporary).map_err(at(&temporary))?;
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(at(&path)(error)),
        // The name must last as long as what is sealed under the key.
        _ => sync(dir),
    }
}

/// A command that root runs gives the file to the owner of the directory: the service must be able to read
/// it.
fn owned_like(file: &File, dir: &Path) -> std::io::Result<()> {
    let (own, wanted) = (file.metadata()?, fs::metadata(dir)?);
    if own.uid() == wanted.uid() {
        return Ok(());
    }
    fchown(file, Some(wanted.uid()), Some(wanted.gid()))
}

fn sync(dir: &Path) -> Result<(), KeyError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir))
}

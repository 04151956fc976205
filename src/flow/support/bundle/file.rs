//! Write a file that only its owner can read, and that replaces no other.

use std::fs::OpenOptions;
use std::io::{Result, Write};
use std::path::Path;

/// Writes a new file; an error if there is one, or a link to one.
pub fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // A partial file helps nobody; if it can't be removed it stays.
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_readable_by_its_owner_only_and_replaces_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("bundle"), folder.path().join("link"));
        write_new(&path, "one").expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(write_new(&path, "two").is_err());
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).expect("a link");
        assert!(write_new(&link, "three").is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "one");
    }
}

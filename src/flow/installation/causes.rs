//! Show an error with all its causes, for one line of the log.

use std::error::Error;
use std::fmt;

/// Shows an error and its sources, the outermost first: `store: the database is unavailable: no such table:
/// audit`. Text that an error has already quoted from its source is not repeated.
pub struct Causes<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut error = self.0;
        while let Some(source) = error.source() {
            let text = source.to_string();
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            error = source;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::installation::fault::Fault;
    use crate::store::StoreError;

    #[test]
    fn every_cause_is_named_once() {
        let cause = std::io::Error::other("connection refused (os error 111)");
        let fault = Fault::from(StoreError::Unavailable(Box::new(cause)));
        let shown = Causes(&fault).to_string();
        assert_eq!(shown, "store: the database is unavailable: connection refused (os error 111)");
        assert_eq!(Causes(&Fault::LoginEnded).to_string(), "the login has ended");
    }
}

//! Files that an admin downloads, and lines of CSV that people open in a spreadsheet.

/// The form of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    Csv,
    JsonLines,
}

impl ExportForm {
    /// The form that a field names; CSV if it names none.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "json" => Self::JsonLines,
            _ => Self::Csv,
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// The value of `Content-Disposition` for a file of this name, which is one of ours.
    #[must_use]
    pub fn disposition(self, name: &'static str) -> String {
        let ending = match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        };
        format!("attachment; filename=\"{name}.{ending}\"")
    }
}

/// A line of a CSV file (RFC 4180).
#[must_use]
pub fn csv_line<const N: usize>(cells: [String; N]) -> String {
    cells.map(|cell| format!("\"{}\"", harmless(&cell).replace('"', "\"\""))).join(",") + "\r\n"
}

/// A spreadsheet takes a cell that begins with one of these for a formula, unless a quote comes first.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_ends_early() {
        for (cell, written) in [
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\"\r\n"),
            ("+1", "\"'+1\"\r\n"),
            ("-1", "\"'-1\"\r\n"),
            ("@SUM(1)", "\"'@SUM(1)\"\r\n"),
            ("\t=1", "\"'\t=1\"\r\n"),
            ("say \"=1\",2", "\"say \"\"=1\"\",2\"\r\n"),
            ("two\nlines", "\"two\nlines\"\r\n"),
            ("192.0.2.1", "\"192.0.2.1\"\r\n"),
        ] {
            assert_eq!(csv_line([cell.to_owned()]), written);
        }
        assert_eq!(csv_line(["a".to_owned(), String::new()]), "\"a\",\"\"\r\n");
    }
}

//! Print lists. On a terminal: a table that fits its width. To a pipe or a file: one line per row, fields
//! separated by tabs, no header, nothing cut.

use comfy_table::{ContentArrangement, Table as Columns, presets};

use super::{output, printable, terminal};

/// How many rows are laid out together on a terminal.
const CHUNK: usize = 500;

/// A list that is being written.
pub(super) struct Table {
    headers: &'static [&'static str],
    width: Option<u16>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A list with these columns.
    pub(super) fn new(headers: &'static [&'static str]) -> Self {
        Self { headers, width: terminal::width(), rows: Vec::new() }
    }

    /// Adds a row. Control characters in the cells are escaped.
    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(printable).into());
        if self.width.is_none() || self.rows.len() >= CHUNK {
            self.write();
        }
    }

    /// Writes the remaining rows.
    pub(super) fn finish(mut self) {
        self.write();
    }

    fn write(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let Some(width) = self.width else {
            rows.iter().for_each(|row| outln!("{}", row.join("\t")));
            return;
        };
        if !rows.is_empty() {
            output::text(&laid_out(self.headers, rows, width));
        }
    }
}

fn laid_out(headers: &[&str], rows: Vec<Vec<String>>, width: u16) -> String {
    let mut columns = Columns::new();
    columns.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    columns.set_width(width).set_header(headers.iter().map(|header| header.to_uppercase()));
    columns.add_rows(rows);
    for column in columns.column_iter_mut() {
        column.set_padding((0, 2));
    }
    columns.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_the_terminal_and_nothing_is_cut() {
        let row = |email: &str, name: &str| vec![email.to_owned(), name.to_owned(), "active".to_owned()];
        let rows = vec![row("alice@example.com", "Alice Adams"), row("b@example.com", "Bob")];
        let wide = laid_out(&["email", "name", "status"], rows.clone(), 80);
        assert_eq!(
            wide,
            "EMAIL              NAME         STATUS\n\
             alice@example.com  Alice Adams  active\n\
             b@example.com      Bob          active\n"
        );
        let narrow = laid_out(&["email", "name", "status"], rows, 30);
        assert!(narrow.lines().all(|line| line.chars().count() <= 30), "{narrow}");
        assert!(narrow.contains("Adams") && narrow.lines().count() > 3, "{narrow}");
    }
}

//! Build an `INSERT` or `UPDATE` in which each value stands beside its column or name. The texts are literals;
//! values go in only as placeholders.

use std::fmt::Write as _;

use super::sql::Sql;
use super::value::Value;

/// Columns of one row, with their values.
#[derive(Default)]
pub(in crate::store) struct Columns(Vec<(&'static str, Value)>);

/// Columns with their values: `columns! { "id" => id, "status" => "active" }`.
macro_rules! columns {
    ($($column:literal => $value:expr),* $(,)?) => {
        crate::store::engine::columns::Columns::from(vec![
            $(($column, crate::store::engine::value::Value::from($value))),*
        ])
    };
}
pub(in crate::store) use columns;

impl From<Vec<(&'static str, Value)>> for Columns {
    fn from(columns: Vec<(&'static str, Value)>) -> Self {
        Self(columns)
    }
}

impl Columns {
    /// Adds further columns.
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// `INSERT INTO table (columns) VALUES`, for the values of rows.
    pub fn insert_head(&self, table: &'static str) -> String {
        let names: Vec<&str> = self.0.iter().map(|(column, _)| *column).collect();
        format!("INSERT INTO {table} ({}) VALUES", names.join(", "))
    }

    /// The values, in the order of the columns.
    pub fn into_values(self) -> Vec<Value> {
        self.0.into_iter().map(|(_, value)| value).collect()
    }

    /// Binds the values by name: `:id` in the statement is the value of the column `id`.
    pub fn bind(self, sql: impl Into<Sql>) -> (Sql, Vec<Value>) {
        (sql.into().map(|text| numbered(text, &self.0)), self.into_values())
    }

    /// `INSERT INTO table (these columns) SELECT` their values, and the `rest`, in which `:id` is the value of a
    /// column or of one of `more`.
    pub fn insert_select(self, table: &'static str, rest: impl Into<Sql>, more: Self) -> (Sql, Vec<Value>) {
        let names: Vec<&str> = self.0.iter().map(|(column, _)| *column).collect();
        let head = format!("INSERT INTO {table} ({}) SELECT :{}", names.join(", "), names.join(", :"));
        self.and(more).bind(rest.into().map(|rest| format!("{head} {rest}")))
    }

    /// `UPDATE table SET` these columns.
    pub fn update(self, table: &'static str) -> UpdateBuilder {
        let start = UpdateBuilder { text: format!("UPDATE {table} SET "), values: Vec::new() };
        self.0.into_iter().fold(start, |update, (column, value)| update.set_to(column, ["", ""], value))
    }
}

/// The text with a placeholder for each `:name`. The databases reject a name that has no value.
fn numbered(text: &str, columns: &[(&'static str, Value)]) -> String {
    let mut parts = text.split(':');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        // Writing to a string does not fail.
        let _ = match columns.iter().position(|(column, _)| *column == name) {
            Some(place) => write!(numbered, "${}{rest}", place + 1),
            None => write!(numbered, ":{part}"),
        };
    }
    numbered
}

/// An `UPDATE` under construction.
pub(in crate::store) struct UpdateBuilder {
    text: String,
    values: Vec<Value>,
}

impl UpdateBuilder {
    /// Sets a column to an expression, which the value stands in.
    pub fn set_to(
        mut self,
        column: &'static str,
        [before, after]: [&'static str; 2],
        value: impl Into<Value>,
    ) -> Self {
        let comma = if self.values.is_empty() { "" } else { ", " };
        self.values.push(value.into());
        self.text.push_str(&format!("{comma}{column} = {before}${}{after}", self.values.len()));
        self
    }

    /// Of the row with this key.
    pub fn only(mut self, key: &'static str, value: impl Into<Value>) -> (Sql, Vec<Value>) {
        self.values.push(value.into());
        self.text.push_str(&format!(" WHERE {key} = ${}", self.values.len()));
        (self.text.into(), self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_gets_the_place_of_its_column() {
        let (sql, values) = columns! { "name" => "A", "age" => 7_i64 }
            .update("people")
            .set_to("run", ["coalesce(", ", run)"], Some(3_i64))
            .only("id", "x");
        let text = "UPDATE people SET name = $1, age = $2, run = coalesce($3, run) WHERE id = $4";
        assert!(matches!(&sql, Sql::One(written) if written == text));
        assert_eq!(values.len(), 4);
        let row = columns! { "id" => "x" }.and(columns! { "name" => "A" });
        assert_eq!(row.insert_head("people"), "INSERT INTO people (id, name) VALUES");
        assert_eq!(row.into_values().len(), 2);
    }

    #[test]
    fn each_name_in_a_statement_gets_the_place_of_its_value() {
        let row = || columns! { "id" => "x", "id_hash" => "y" };
        let rest = "FROM people WHERE id = :id AND since < :now AND word = ':'";
        let (sql, values) = row().insert_select("found", rest, columns! { "now" => 5_i64 });
        let text = "INSERT INTO found (id, id_hash) SELECT $1, $2 \
                    FROM people WHERE id = $1 AND since < $3 AND word = ':'";
        assert!(matches!(&sql, Sql::One(written) if written == text));
        assert_eq!(values.len(), 3);
        let (sql, _) = row().bind("id = :id_hash OR id = :unknown");
        assert!(matches!(&sql, Sql::One(written) if written == "id = $2 OR id = :unknown"));
    }
}

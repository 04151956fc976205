//! A `SELECT` whose conditions depend on what is asked for. The texts are literals; values go in as placeholders alone.

use super::sql::Sql;
use super::value::Value;

/// A `SELECT` that is being put together.
pub(in crate::store) struct Filter {
    text: String,
    values: Vec<Value>,
}

impl Filter {
    /// `SELECT ... FROM ...`, without conditions.
    pub fn new(select: &'static str) -> Self {
        Self { text: format!("{select} WHERE 1 = 1"), values: Vec::new() }
    }

    /// Where `condition` holds, which ends before the value it compares with; nothing without a value.
    pub fn and(mut self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.text.push_str(&format!(" AND {condition} ${}", self.values.len()));
        }
        self
    }

    /// Where `column` is one of these; nothing without a list.
    pub fn and_in(mut self, column: &'static str, list: Option<Vec<Value>>) -> Self {
        let Some(list) = list else { return self };
        let first = self.values.len() + 1;
        self.values.extend(list);
        let places: Vec<String> = (first..=self.values.len()).map(|place| format!("${place}")).collect();
        // An empty list matches nothing: `IN ()` is not SQL to PostgreSQL, `IN (NULL)` is to both.
        let places = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
        self.text.push_str(&format!(" AND {column} IN ({places})"));
        self
    }

    /// In this order, at most so many.
    pub fn order(mut self, by: &'static str, limit: u32) -> (Sql, Vec<Value>) {
        self.values.push(limit.into());
        self.text.push_str(&format!(" ORDER BY {by} LIMIT ${}", self.values.len()));
        (self.text.into(), self.values)
    }
}

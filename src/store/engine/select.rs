//! Build a `SELECT` with optional conditions. The texts are literals; values go in only as placeholders.

use super::sql::Sql;
use super::value::Value;

/// A `SELECT` under construction.
pub(in crate::store) struct SelectBuilder {
    text: String,
    values: Vec<Value>,
}

impl SelectBuilder {
    /// `SELECT ... FROM ...`, without conditions.
    pub fn new(select: &'static str) -> Self {
        Self { text: format!("{select} WHERE 1 = 1"), values: Vec::new() }
    }

    /// Adds `condition`, which ends before the value that it compares with; without a value nothing.
    pub fn and(mut self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.text.push_str(&format!(" AND {condition} ${}", self.values.len()));
        }
        self
    }

    /// Adds `column IN (list)`; without a list nothing.
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

    /// Adds that one of the columns, in lower case, matches one of these patterns of `LIKE`.
    pub fn and_like(mut self, columns: &[&'static str], patterns: &[String]) -> Self {
        let mut any = Vec::new();
        for pattern in patterns {
            self.values.push(pattern.into());
            let place = self.values.len();
            any.extend(columns.iter().map(|column| format!("lower({column}) LIKE ${place} ESCAPE '!'")));
        }
        let any = if any.is_empty() { "1 = 0".to_owned() } else { any.join(" OR ") };
        self.text.push_str(&format!(" AND ({any})"));
        self
    }

    /// Adds that this pair of columns comes after the pair of values; without one nothing.
    pub fn and_after(mut self, columns: &'static str, values: Option<[Value; 2]>) -> Self {
        let Some(values) = values else { return self };
        let first = self.values.len() + 1;
        self.values.extend(values);
        self.text.push_str(&format!(" AND ({columns}) > (${first}, ${})", first + 1));
        self
    }

    /// Adds the order and the limit.
    pub fn order(mut self, by: &'static str, limit: u32) -> (Sql, Vec<Value>) {
        self.values.push(limit.into());
        self.text.push_str(&format!(" ORDER BY {by} LIMIT ${}", self.values.len()));
        (Sql::Filtered(self.text), self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `make bench-panel` measures what it costs otherwise.
    #[test]
    fn a_filter_is_planned_for_its_values() {
        let (sql, values) =
            SelectBuilder::new("SELECT id FROM audit").and("decision =", Some("a")).order("id", 1);
        let text = "SELECT id FROM audit WHERE 1 = 1 AND decision = $1 ORDER BY id LIMIT $2";
        assert!(matches!(&sql, Sql::Filtered(built) if built == text) && values.len() == 2);
    }
}

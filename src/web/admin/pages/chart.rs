//! Charts that the server draws as SVG, in whole numbers. Colours are classes of the style sheet, and a table
//! beside each chart has the numbers.

/// The width of a column with its gap.
const STEP: u32 = 20;
const COLUMN: u32 = 14;
/// The height of the highest column.
const HEIGHT: u32 = 100;
/// Every so many columns have a label.
const LABELLED: usize = 6;

/// Columns, each of which stacks a few values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web::admin) struct ColumnChart {
    pub width: u32,
    /// What the height of the chart stands for.
    pub top: u64,
    pub columns: Vec<ChartColumn>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web::admin) struct ChartColumn {
    pub x: u32,
    /// Empty for most.
    pub label: String,
    pub parts: Vec<ChartPart>,
}

/// One value of a column, from the bottom up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web::admin) struct ChartPart {
    pub y: u32,
    pub height: u32,
    /// The number of the value within its column, for the class.
    pub series: usize,
}

impl ColumnChart {
    /// A chart of labelled columns.
    pub fn new(values: &[(String, Vec<u64>)]) -> Self {
        let highest = values.iter().map(|(_, parts)| parts.iter().sum()).max().unwrap_or(0);
        let top = round_up(highest);
        let columns = values.iter().enumerate().map(|(place, (label, parts))| ChartColumn {
            x: STEP * u32::try_from(place).unwrap_or(0),
            label: if place % LABELLED == 0 { label.clone() } else { String::new() },
            parts: stacked(parts, top),
        });
        let columns: Vec<_> = columns.collect();
        Self { width: STEP * u32::try_from(columns.len()).unwrap_or(0), top, columns }
    }

    /// The width of a column.
    pub fn column_width(&self) -> u32 {
        COLUMN
    }
}

fn stacked(values: &[u64], top: u64) -> Vec<ChartPart> {
    let mut y = HEIGHT;
    let mut parts = Vec::new();
    for (series, value) in values.iter().enumerate().filter(|(_, value)| **value > 0) {
        let height = share(*value, top, HEIGHT).max(1).min(y);
        y -= height;
        parts.push(ChartPart { y, height, series });
    }
    parts
}

/// The part of `whole` that `value` is of `top`.
pub(super) fn share(value: u64, top: u64, whole: u32) -> u32 {
    let part = u128::from(value) * u128::from(whole) / u128::from(top.max(1));
    u32::try_from(part).unwrap_or(whole).min(whole)
}

/// The next of 1, 2, 5, 10, 20, 50 …
fn round_up(value: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for step in [1, 2, 5] {
            match power.checked_mul(step) {
                Some(top) if top < value => {}
                Some(top) => return top,
                None => return u64::MAX,
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_a_round_number() {
        for (value, top) in [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (51, 100), (214, 500)] {
            assert_eq!(round_up(value), top, "{value}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn columns_stack_their_values_and_a_small_value_can_be_seen() {
        let hours = [("00:00".to_owned(), vec![60, 40]), ("01:00".to_owned(), vec![0, 1])];
        let chart = ColumnChart::new(&hours);
        assert_eq!((chart.width, chart.top), (40, 100));
        let part = |y, height, series| ChartPart { y, height, series };
        assert_eq!(chart.columns[0].parts, [part(40, 60, 0), part(0, 40, 1)]);
        assert_eq!(chart.columns[1].parts, [part(99, 1, 1)]);
        assert_eq!((chart.columns[0].label.as_str(), chart.columns[1].label.as_str()), ("00:00", ""));
        assert_eq!(ColumnChart::new(&[]), ColumnChart { width: 0, top: 1, columns: Vec::new() });
    }
}

//! Report the figures: a table for people, a file for machines. Each part of a bench adds its own.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

pub struct Figure {
    key: &'static str,
    what: String,
    unit: &'static str,
    value: f64,
}

pub type Figures = Vec<Figure>;

impl Figure {
    pub fn new(key: &'static str, what: &str, unit: &'static str, value: f64) -> Self {
        Self { key, what: what.to_owned(), unit, value }
    }
}

pub fn seconds(key: &'static str, what: &str, took: Duration) -> Figure {
    Figure::new(key, what, "s", took.as_secs_f64())
}

/// Prints these figures, and adds them to those of the other parts in this file.
pub fn add(path: &Path, figures: &Figures) -> Result<()> {
    let mut all: Map<String, Value> = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?,
        Err(_) => Map::new(),
    };
    println!();
    for figure in figures {
        let decimals = if figure.value.fract() == 0.0 || figure.value >= 1_000.0 { 0 } else { 2 };
        println!("{:<54}{:>10.decimals$}  {}", figure.what, figure.value, figure.unit);
        all.insert(figure.key.to_owned(), json!((figure.value * 1_000.0).round() / 1_000.0));
    }
    std::fs::write(path, format!("{:#}\n", Value::from(all)))?;
    Ok(())
}

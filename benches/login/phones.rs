//! Everybody's authenticator: imported with the product's own command, and read as an app shows it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::factor::{TotpParameters, TotpSecret, code_at};

use crate::plan::Plan;

/// The authenticators of all people of the directory.
pub struct Phones {
    /// The step of the last code that each has shown: a code is valid once.
    shown: Vec<AtomicI64>,
    parameters: TotpParameters,
}

impl Phones {
    /// Gives everybody an authenticator.
    pub fn hand_out(plan: &Plan) -> Result<Self> {
        let mut lines = String::from("name,secret\n");
        for number in 0..plan.people {
            let person = plan.person(number);
            writeln!(lines, "{person},{}", secret(&person)?.to_base32())?;
        }
        let path = plan.folder.join("factors.csv");
        let mut file = std::fs::OpenOptions::new();
        let mut file = file.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(lines.as_bytes())?;
        let output = Command::new(&plan.provider)
            .arg("--config")
            .arg(&plan.config_totp)
            .args(["admin", "factors", "import"])
            .arg(&path)
            .output()?;
        ensure!(output.status.success(), "admin factors import: {}", String::from_utf8_lossy(&output.stderr));
        let shown = std::iter::repeat_with(AtomicI64::default).take(plan.people).collect();
        Ok(Self { shown, parameters: TotpParameters::default() })
    }

    /// The code that a person types now: this step's, or the next one's if this one is used up.
    pub fn code(&self, plan: &Plan, number: usize) -> Result<String> {
        let now = Clock::System.now();
        let period = Millis::from(self.parameters.period) * 1_000;
        let shown = &self.shown[number % plan.people];
        let step = (now / period).max(shown.load(Ordering::Relaxed) + 1);
        ensure!(
            step <= now / period + 1,
            "the same person too often: more BENCH_PEOPLE, or fewer BENCH_LOGINS"
        );
        shown.store(step, Ordering::Relaxed);
        let secret = secret(&plan.person(number))?;
        code_at(secret.bytes(), &self.parameters, step * period).context("parameters without a code")
    }
}

/// A secret of 160 bits, as the product creates them.
fn secret(person: &str) -> Result<TotpSecret> {
    let drawn = digest(&SHA256, format!("the phone of {person}").as_bytes());
    Ok(TotpSecret::from_bytes(drawn.as_ref()[..20].to_vec())?)
}

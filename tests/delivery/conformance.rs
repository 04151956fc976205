//! The stand-in keeps to RFC 7643 and RFC 7644, as two tools see it that others wrote.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;

/// Runs a script of the lab on a service provider.
async fn run(script: &str, target: &ScimTarget) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packages = root.join("target/scim");
    assert!(packages.join("scim_sanity").exists(), "the SCIM tools are missing: run make install");
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", packages).env("SCIM_TOKEN", &target.token);
    command.arg(root.join("tests/lab/scim").join(script)).arg(&target.base);
    tokio::task::spawn_blocking(move || command.output()).await.expect("it ran").expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn scim2_tester_finds_no_fault() {
    let stand_in = StandIn::start().await;
    let output = run("tester.py", &stand_in.target).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let last = text.lines().last().unwrap_or_default();
    let passed: usize = last.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
    assert!(passed > 100, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scim_sanity_finds_no_fault() {
    let stand_in = StandIn::start().await;
    let output = run("sanity.py", &stand_in.target).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    let results = report["results"].as_array();
    let results = results.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let of = |status: &str| results.iter().filter(|result| result["status"] == status).count();
    assert!(output.status.success() && of("pass") > 20 && of("warn") == 0, "{text}");
}

//! The time of one RS256 signature on this machine: each login needs one, and machines differ most in it.

use std::time::Instant;

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

const SIGNATURES: usize = 401;

/// The median of many, in milliseconds.
pub fn cost_ms() -> Result<f64> {
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let (random, mut signature) = (SystemRandom::new(), vec![0; pair.public_modulus_len()]);
    let mut each = Vec::with_capacity(SIGNATURES);
    for _ in 0..SIGNATURES {
        let started = Instant::now();
        pair.sign(&RSA_PKCS1_SHA256, &random, b"a token", &mut signature)
            .map_err(|_| anyhow!("a signature failed"))?;
        each.push(started.elapsed().as_secs_f64() * 1e3);
    }
    each.sort_by(f64::total_cmp);
    Ok(each[SIGNATURES / 2])
}

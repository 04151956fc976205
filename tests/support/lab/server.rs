//! A server run by a script. It ends when this process's end of the script's stdin closes, which the kernel
//! guarantees.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A loopback address that no other test run uses: the process that listens on its claim port owns it.
pub struct Address {
    pub ip: String,
    _claim: TcpListener,
}

impl Address {
    const CLAIM_PORT: u16 = 41990;

    /// A separate address, for a server with fixed ports.
    pub fn claim() -> Self {
        let start = 0x7f40_0001_u32 | ((std::process::id() & 0xffff) << 6);
        (start..start + 1024)
            .map(Ipv4Addr::from)
            .find_map(|ip| {
                let claim = TcpListener::bind((ip, Self::CLAIM_PORT)).ok()?;
                Some(Self { ip: ip.to_string(), _claim: claim })
            })
            .expect("a loopback address is free")
    }

    /// The address of all servers whose port can be chosen.
    pub fn shared() -> &'static str {
        static SHARED: OnceLock<Address> = OnceLock::new();
        &SHARED.get_or_init(Self::claim).ip
    }
}

/// A running server.
pub struct LabServer {
    script: PathBuf,
    variables: Vec<(String, String)>,
    exported: HashMap<String, String>,
    child: Child,
    address: Option<Address>,
}

impl LabServer {
    /// Starts `script` with `variables` and waits until it is ready. Its stderr is shown if it fails.
    pub fn start(script: &str, variables: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}-{}-{script}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = lab().join("run").join(name);
        std::fs::create_dir_all(&dir).expect("target/ can be written");
        let log = PathBuf::from(format!("{}.log", dir.display()));
        let script = scripts().join(script);
        let mut variables: Vec<_> =
            variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        variables.push(("DIR".to_owned(), dir.display().to_string()));
        let child = Command::new(&script)
            .arg("hold")
            .envs(variables.iter().cloned())
            .env("TRANSIENT", "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("target/ can be written"))
            .process_group(0) // Ctrl-C ends the tests; the server ends after them
            .spawn()
            .expect("the lab's scripts can be run");
        let mut server = Self { script, variables, exported: HashMap::new(), child, address: None };
        assert!(
            server.wait_until_ready(),
            "{}:\n{}",
            server.script.display(),
            std::fs::read_to_string(&log).unwrap_or_default()
        );
        let _ = std::fs::remove_file(log);
        server
    }

    /// Reads `export KEY=value` lines until "ready"; false if the script ended before.
    fn wait_until_ready(&mut self) -> bool {
        let Some(stdout) = self.child.stdout.take() else { return false };
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line == "ready" {
                return true;
            }
            self.exported.extend(exports(&line));
        }
        false
    }

    /// The value of a variable that the script printed.
    pub fn variable(&self, key: &str) -> String {
        self.exported.get(key).unwrap_or_else(|| panic!("{} printed no {key}", self.script.display())).clone()
    }

    /// Keeps an address claimed as long as the server runs.
    pub fn keep(&mut self, address: Address) {
        self.address = Some(address);
    }

    /// Runs the script's other commands on this server.
    pub fn run(&self, command: &str) {
        self.run_with(&[command]);
    }

    /// The same with arguments.
    pub fn run_with(&self, arguments: &[&str]) {
        let output = Command::new(&self.script)
            .args(arguments)
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .process_group(0)
            .output()
            .expect("the lab's scripts can be run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for LabServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn exports(line: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let quoted = Cell::new(false);
    let words = line.trim_start_matches("export ").split(|c: char| {
        quoted.set(quoted.get() ^ (c == '\''));
        c == ' ' && !quoted.get()
    });
    for word in words {
        if let Some((key, value)) = word.split_once('=') {
            found.insert(key.to_owned(), value.trim_matches('\'').to_owned());
        }
    }
    found
}

/// The directory of the scripts.
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab")
}

fn lab() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lab")
}

/// The folder of the seeded states, kept between runs.
pub fn cache() -> &'static str {
    static CACHE: OnceLock<String> = OnceLock::new();
    CACHE.get_or_init(|| lab().join("cache").display().to_string())
}

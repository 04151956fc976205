//! An installation of the product: its own folder, its own port, its commands and its server.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::lab::{LdapLab, unique};
use crate::support::provider::{CLIENT, ldap_settings};
use crate::support::relying_party::RelyingParty;

const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with `idp.toml` in it.
pub struct Installation {
    pub port: u16,
    dir: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A running server; it dies with this value.
pub struct Served {
    pub url: String,
    child: Child,
    log: PathBuf,
}

impl Installation {
    /// On loopback in clear text, with a SQLite file.
    pub fn new() -> Self {
        let port = free_port();
        Self::with(
            port,
            &format!("public_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n"),
        )
    }

    /// With this configuration.
    pub fn with(port: u16, config: &str) -> Self {
        let installation =
            Self { port, dir: TempDir::new().expect("a temporary folder"), variables: Vec::new() };
        installation.write("idp.toml", config);
        installation
    }

    /// With the lab's OpenLDAP, not imported yet.
    pub fn of(lab: &LdapLab) -> Self {
        let installation = Self::new();
        installation.apply(&format!("{CLIENT}{}", ldap_settings(&[lab])));
        installation
    }

    /// With a variable in the environment of everything that it starts.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The address of its SQLite file.
    pub fn store(&self) -> String {
        format!("sqlite:{}", self.path("idp.db").display())
    }

    /// Applies settings, which must be good.
    pub fn apply(&self, text: &str) {
        let file = self.write("settings.toml", text);
        let ran = self.run(&["settings", "apply", &file.display().to_string()]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
    }

    /// Runs a command that ends by itself.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let (out, err) = (self.path("out"), self.path("err"));
        let mut child = self.command(arguments, File::create(&out), File::create(&err));
        let status = ended(&mut child).unwrap_or_else(|| {
            let _ = child.kill();
            panic!("{arguments:?} did not end: {}", read(&err))
        });
        Ran { status: status.code(), out: read(&out), err: read(&err) }
    }

    /// Runs a command that asks, with these lines as answers.
    pub fn run_answered(&self, arguments: &[&str], answers: &str) -> Ran {
        let (out, err) = (self.path("out"), self.path("err"));
        let answers = File::open(self.write("answers", answers)).expect("a file");
        let mut command = self.prepared(arguments);
        command.stdin(answers).stdout(File::create(&out).expect("a file"));
        let mut child = command.stderr(File::create(&err).expect("a file")).spawn().expect("the binary");
        let status = ended(&mut child).unwrap_or_else(|| {
            let _ = child.kill();
            panic!("{arguments:?} did not end: {}", read(&err))
        });
        Ran { status: status.code(), out: read(&out), err: read(&err) }
    }

    /// Runs a command on a terminal of so many columns; what the terminal shows.
    pub fn run_on_terminal(&self, arguments: &[&str], columns: u16) -> String {
        let config = self.path("idp.toml");
        let program = [env!("CARGO_BIN_EXE_cloudsync-idp"), "--config", config.to_str().expect("a name")];
        let words = program.iter().chain(arguments).map(|word| format!("'{word}'")).collect::<Vec<_>>();
        let line = format!("stty cols {columns} rows 24; {}", words.join(" "));
        let ran = Command::new("script")
            .args(["-qefc", &line, "/dev/null"])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output()
            .expect("script of util-linux is there");
        String::from_utf8_lossy(&ran.stdout).replace('\r', "")
    }

    /// Runs a command whose output nobody reads: `| head` has gone away. Its standard error too, where asked.
    pub fn run_unread(&self, arguments: &[&str], err_too: bool) -> Ran {
        let err = self.path("err");
        let err_file = if err_too { unread() } else { File::create(&err) };
        let mut child = self.command(arguments, unread(), err_file);
        let status = ended(&mut child).unwrap_or_else(|| {
            let _ = child.kill();
            panic!("{arguments:?} did not end")
        });
        let err = if err_too { String::new() } else { read(&err) };
        Ran { status: status.code(), out: String::new(), err }
    }

    /// Runs a command that writes to this file.
    pub fn run_into(&self, arguments: &[&str], out: File) -> Ran {
        let err = self.path("err");
        let mut child = self.command(arguments, Ok(out), File::create(&err));
        let status = ended(&mut child).expect("it ends");
        Ran { status: status.code(), out: String::new(), err: read(&err) }
    }

    /// Serves, and waits until it says that it is ready.
    pub fn serve(&self) -> Served {
        self.serve_to(Ok(null()))
    }

    /// The same, and the file with what it writes to standard output.
    pub fn serve_and_keep_output(&self) -> (Served, PathBuf) {
        let out = self.path(&unique("out"));
        (self.serve_to(File::create(&out)), out)
    }

    fn serve_to(&self, out: std::io::Result<File>) -> Served {
        let log = self.path(&unique("log"));
        let child = self.command(&["serve"], out, File::create(&log));
        let mut served = Served { url: format!("http://127.0.0.1:{}", self.port), child, log };
        served.wait("it is ready", |served| {
            assert!(served.is_alive(), "it ended: {}", served.log());
            served.log().contains("ready") && TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
        served
    }

    /// Begins a command, to be cut off on the way.
    pub fn begin(&self, arguments: &[&str]) -> Served {
        let log = self.path(&unique("log"));
        let child = self.command(arguments, Ok(null()), File::create(&log));
        Served { url: String::new(), child, log }
    }

    fn prepared(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloudsync-idp"));
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .arg("--config")
            .arg(self.path("idp.toml"))
            .args(arguments)
            .current_dir(self.dir.path());
        command
    }

    fn command(&self, arguments: &[&str], out: std::io::Result<File>, err: std::io::Result<File>) -> Child {
        self.prepared(arguments)
            .stdin(Stdio::null())
            .stdout(out.expect("a file"))
            .stderr(err.expect("a file"))
            .spawn()
            .expect("the binary is there")
    }
}

impl Served {
    /// What it has written to its log.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// SIGTERM, SIGHUP and so on.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {name}");
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child).unwrap_or_else(|| panic!("it did not end: {}", self.log()))
    }

    /// kill -9, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        assert_eq!(self.ended().signal(), Some(9));
    }

    pub fn cloudsync(&self) -> RelyingParty {
        RelyingParty::new(&self.url, "cloudsync", Some("cloudsync-test-secret"))
    }

    fn wait(&mut self, what: &str, so: impl Fn(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self) {
            assert!(Instant::now() < deadline, "waited in vain: {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A pipe without a reader.
fn unread() -> std::io::Result<File> {
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    Ok(File::from(std::os::fd::OwnedFd::from(writer)))
}

fn null() -> File {
    File::create("/dev/null").expect("/dev/null")
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

//! The real daemon in a lab, and its real command line.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Lab;
use super::cleanup::{self, Process};
use super::network::SBC_INTERFACE;

const LOG: &str = "blacklistd.log";
/// How long it may take until it answers: most of it is the kernel's check of its programs, which an
/// emulated machine is slow at.
const START: Duration = Duration::from_secs(60);

const CONFIGURATION: &str = r#"
mode = "enforce"
ports = [5060]
default_dial_plan = "us"

[[interface]]
name = "INTERFACE"
xdp = "native"

[dial_plan.us]
country_code = "1"
national_prefix = "1"
international_prefixes = ["011", "00"]
national_lengths = [10, 10]
bare_national_lengths = [10, 10]

[[trunk]]
name = "carrier"
peers = ["198.18.0.0/24", "fd00:b1ac::/64"]
direction = "inbound"
trusted = false
dial_plan = "us"

[[trunk]]
name = "trusted-carrier"
peers = ["198.18.1.0/24"]
direction = "inbound"
trusted = true
dial_plan = "us"
"#;

/// A running daemon.
pub(crate) struct Daemon<'a> {
    lab: &'a Lab,
    process: Process,
}

/// Where a lab's daemon is spoken to.
pub(crate) fn socket(lab: &Lab) -> PathBuf {
    lab.folder.join("control.sock")
}

/// A configuration for the lab's SBC: a trunk that is believed its From, and one whose asserted
/// identities are believed.
pub(crate) fn configuration(lab: &Lab) -> String {
    format!(
        "control_socket = {:?}\nstate_directory = {:?}\npin_directory = {:?}\n{}",
        socket(lab),
        lab.folder.join("state"),
        lab.bpf.join("blacklist"),
        CONFIGURATION.replace("INTERFACE", SBC_INTERFACE),
    )
}

impl<'a> Daemon<'a> {
    /// Starts it on the SBC and waits until it answers.
    pub(crate) fn start(lab: &'a Lab, configuration: &str) -> Result<Self> {
        let file = lab.folder.join("blacklistd.toml");
        std::fs::write(&file, configuration)?;
        std::fs::create_dir_all(lab.folder.join("state"))?;
        let mut command = Command::new(&lab.blacklistd);
        command.arg("run").arg("--config").arg(&file);
        // Who started us is not who watches this daemon.
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM"] {
            command.env_remove(variable);
        }
        lab.network.sbc.host(&mut command)?;
        let process = lab.spawn(&mut command, LOG)?;
        let daemon = Self { lab, process };
        daemon.wait_until_it_answers()?;
        Ok(daemon)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        cleanup::lock(&self.process).id()
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&self) -> Result<()> {
        let mut child = cleanup::lock(&self.process);
        child.kill().context("cannot kill blacklistd")?;
        child.wait()?;
        Ok(())
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) -> Result<()> {
        let id = cleanup::lock(&self.process).id();
        let id = nix::unistd::Pid::from_raw(i32::try_from(id)?);
        nix::sys::signal::kill(id, signal).context("cannot signal blacklistd")
    }

    /// Calls its command line and returns the JSON that it prints.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let called = || format!("blacklistd {}", arguments.join(" "));
        let (success, output, errors) = self.call(arguments)?;
        if !success {
            bail!("{} failed: {}", called(), errors.trim());
        }
        serde_json::from_str(&output).with_context(|| format!("{} printed no JSON", called()))
    }

    /// Has a PIN made for everybody; the PIN, and one of the same length that is wrong in every digit.
    pub(crate) fn make_pin(&self) -> Result<(String, String)> {
        let made = self.ask(&["pin", "set", "global", "--generate"])?;
        let pin = made.get("pin").and_then(Value::as_str);
        let pin = pin.context("no PIN was made")?;
        let other = |digit| if digit == '9' { '8' } else { '9' };
        Ok((pin.to_owned(), pin.chars().map(other).collect()))
    }

    /// Takes out all rules, so that others can have the numbers.
    pub(crate) fn remove_rules(&self) -> Result<()> {
        let listed = self.ask(&["rule", "list"])?;
        let rules = listed.get("rules").and_then(Value::as_array);
        for rule in rules.context("no rules")? {
            let id = rule.get("id").and_then(Value::as_u64).unwrap_or_default();
            self.ask(&["rule", "remove", &id.to_string()])?;
        }
        Ok(())
    }

    /// Calls its command line; an exit code that says failure is a sentence, not an error.
    pub(crate) fn try_ask(&self, arguments: &[&str]) -> Result<Result<Value, String>> {
        let (success, output, errors) = self.call(arguments)?;
        if !success {
            return Ok(Err(format!("{errors}{output}")));
        }
        let value = serde_json::from_str(&output)
            .with_context(|| format!("blacklistd {} printed no JSON", arguments.join(" ")))?;
        Ok(Ok(value))
    }

    fn call(&self, arguments: &[&str]) -> Result<(bool, String, String)> {
        let mut command = Command::new(&self.lab.blacklistd);
        command
            .arg("--socket")
            .arg(socket(self.lab))
            .arg("--json")
            .args(arguments);
        self.output(&mut command)
    }

    /// Whether a command succeeded, and what it wrote to stdout and to stderr.
    pub(crate) fn output(&self, command: &mut Command) -> Result<(bool, String, String)> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let process = self.lab.cleanup.spawn(command)?;
        let (stdout, stderr) = {
            let mut child = cleanup::lock(&process);
            (child.stdout.take(), child.stderr.take())
        };
        // Errors are a sentence, far less than a pipe holds: reading one after the other is safe.
        let output = read_all(stdout)?;
        let errors = read_all(stderr)?;
        let code = cleanup::wait(&process, Instant::now() + START)?;
        Ok((code == Some(0), output, errors))
    }

    fn wait_until_it_answers(&self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            if self.call(&["status"])?.0 {
                return Ok(());
            }
            let ended = cleanup::lock(&self.process).try_wait()?;
            if let Some(status) = ended {
                bail!("blacklistd ended at its start ({status}):\n{}", self.log());
            }
            if Instant::now() >= deadline {
                bail!(
                    "blacklistd does not answer after {START:?}:\n{}",
                    self.log()
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How often it has written a sentence to its log.
    pub(crate) fn said(&self, sentence: &str) -> usize {
        self.log().matches(sentence).count()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.lab.folder.join(LOG)).unwrap_or_default()
    }
}

fn read_all(pipe: Option<impl Read>) -> Result<String> {
    let mut text = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

//! The whole daemon: a file read in by its command line, its start with those rules, its memory,
//! and a change as an operator waits for it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use blacklist_tests::measuring::{held, ip};
use blacklist_tests::private_bpf::PrivateBpf;
use blacklist_tests::report::Report;
use serde_json::Value;

use crate::{middle_and_tail, numbers, words};

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(300);
/// Changes that are measured.
const CHANGES: u32 = 50;

/// Measures one size.
pub(crate) fn measure(program: &Path, size: u32, report: &mut Report) -> anyhow::Result<()> {
    let of = words(size);
    report.section(&format!("the daemon, {of} exact rules"));
    let house = House::build(program, size)?;
    let file = house.folder.join("numbers.csv");
    write_numbers(&file, size)?;

    let mut daemon = house.start()?;
    let text = file.to_str().context("a folder that is no text")?;
    house.ask(&["list", "add", "bulk"])?;
    let began = Instant::now();
    house.ask(&["import", text, "--list", "bulk"])?;
    let seconds = began.elapsed().as_secs_f64();
    report.row(&format!("{of}: import"), "s", seconds);
    report.row(
        &format!("{of}: rows imported in a second"),
        "rows/s",
        f64::from(size) / seconds,
    );
    std::fs::remove_file(&file)?;

    changes(&house, of, report)?;
    stop(&mut daemon)?;
    let began = Instant::now();
    let mut daemon = house.start()?;
    report.row(&format!("{of}: start"), "s", began.elapsed().as_secs_f64());
    let bytes = held(&daemon.id().to_string())?;
    report.row(&format!("{of}: memory of the daemon"), "MB", bytes / 1e6);
    // Of few rules the daemon itself is more than they are.
    if size >= 1_000_000 {
        report.row(
            &format!("{of}: memory of the daemon per rule"),
            "bytes",
            bytes / f64::from(size),
        );
    }
    stop(&mut daemon)
}

/// A configuration, a state directory and an interface.
struct House {
    program: PathBuf,
    folder: PathBuf,
    // Behind what is pinned there.
    _bpf: PrivateBpf,
}

impl House {
    fn build(program: &Path, size: u32) -> anyhow::Result<Self> {
        let bpf = PrivateBpf::mount()?;
        let folder =
            std::env::temp_dir().join(format!("bench-rules-{}-{size}", std::process::id()));
        std::fs::create_dir_all(folder.join("state"))?;
        let interface = format!("bench{}", size.ilog10());
        ip(&[
            "link",
            "add",
            &interface,
            "type",
            "veth",
            "peer",
            "name",
            &format!("{interface}p"),
        ])?;
        ip(&["link", "set", &interface, "up"])?;
        let configuration = format!(
            "control_socket = {:?}\nstate_directory = {:?}\npin_directory = {:?}\n\
             [[interface]]\nname = {interface:?}\n[kernel]\nmaximum_rules = {}\n",
            folder.join("control.sock"),
            folder.join("state"),
            bpf.path().join("blacklist"),
            size + 10_000,
        );
        std::fs::write(folder.join("blacklistd.toml"), configuration)?;
        Ok(Self {
            program: program.to_owned(),
            folder,
            _bpf: bpf,
        })
    }

    fn start(&self) -> anyhow::Result<Child> {
        let log = std::fs::File::create(self.folder.join("log"))?;
        let mut daemon = Command::new(&self.program)
            .arg("run")
            .arg("--config")
            .arg(self.folder.join("blacklistd.toml"))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting blacklistd")?;
        let deadline = Instant::now() + PATIENCE;
        while self.ask(&["status"]).is_err() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            if let Some(status) = daemon.try_wait()? {
                bail!("blacklistd ended ({status}): {}", log());
            }
            if Instant::now() > deadline {
                stop(&mut daemon)?;
                bail!("blacklistd does not answer: {}", log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(daemon)
    }

    fn ask(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = Command::new(&self.program)
            .arg("--socket")
            .arg(self.folder.join("control.sock"))
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .context("calling blacklistd")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("blacklistd {}: {}", arguments.join(" "), said.trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // What is left is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Ends it without a warning, as the worst case for what is on disk.
fn stop(daemon: &mut Child) -> anyhow::Result<()> {
    daemon.kill()?;
    daemon.wait()?;
    Ok(())
}

fn changes(house: &House, of: &str, report: &mut Report) -> anyhow::Result<()> {
    let mut figures = Vec::new();
    for index in 0..CHANGES {
        let caller = format!("+3399{index:06}");
        let began = Instant::now();
        house.ask(&["rule", "add", &caller])?;
        figures.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let (middle, _) = middle_and_tail(figures);
    report.row(
        &format!("{of}: `rule add`, on disk and in the kernel, median"),
        "ms",
        middle,
    );
    Ok(())
}

fn write_numbers(path: &Path, size: u32) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"number,comment\n")?;
    let mut line = String::new();
    for index in 0..size {
        line.clear();
        writeln!(line, "{},reported", numbers::text(index))?;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}

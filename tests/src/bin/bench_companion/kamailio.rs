//! Kamailio that decides alone, with one worker: the same answers, out of a table of its own.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Programs;

/// Where it listens.
pub(crate) const LISTEN: &str = "127.0.0.1:5080";
/// How long it may take to read its table.
const PATIENCE: Duration = Duration::from_secs(300);

/// By what it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Htable,
    Secfilter,
}

const COMMON: &str = "#!KAMAILIO\ndebug=0\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\nlisten=udp:127.0.0.1:5080\n\
    loadmodule \"kex.so\"\nloadmodule \"sl.so\"\nloadmodule \"pv.so\"\nloadmodule \"siputils.so\"\nloadmodule \"db_text.so\"\nmodparam(\"db_text\", \"max_result_rows\", 2000000)\n";

impl By {
    fn configuration(self, database: &Path, size: u32) -> String {
        let database = database.display();
        let decides = match self {
            // A table of about as many slots as numbers.
            Self::Htable => format!(
                "loadmodule \"htable.so\"\nmodparam(\"htable\", \"db_url\", \"text://{database}\")\n\
                 modparam(\"htable\", \"htable\", \"blacklist=>size={};dbtable=htable;\")\n\
                 request_route {{\n\tif ($sht(blacklist=>$fU) != $null) {{\n\t\tsl_send_reply(\"603\", \"Decline\");\n\t\texit;\n\t}}\n",
                size.ilog2().clamp(8, 20)
            ),
            Self::Secfilter => format!(
                "loadmodule \"secfilter.so\"\nmodparam(\"secfilter\", \"db_url\", \"text://{database}\")\n\
                 request_route {{\n\tsecf_check_from_hdr();\n\tif ($rc < 0) {{\n\t\tsl_send_reply(\"603\", \"Decline\");\n\t\texit;\n\t}}\n"
            ),
        };
        format!("{COMMON}{decides}\tsl_send_reply(\"404\", \"Not Found\");\n}}\n")
    }
}

/// A running one.
pub(crate) struct Kamailio {
    child: Child,
    folder: PathBuf,
}

/// Starts it with the numbers of a table that was written for htable.
pub(crate) fn start(
    programs: &Programs,
    by: By,
    table: &Path,
    size: u32,
) -> anyhow::Result<Kamailio> {
    let folder = std::env::temp_dir().join(format!(
        "bench-kamailio-{}-{by:?}-{size}",
        std::process::id()
    ));
    let database = folder.join("db");
    std::fs::create_dir_all(&database)?;
    let version = "table_name(string) table_version(int)\nhtable:2\nsecfilter:1\n";
    std::fs::write(database.join("version"), version)?;
    match by {
        By::Htable => std::fs::copy(table, database.join("htable")).map(drop)?,
        By::Secfilter => secfilter(table, &database.join("secfilter"))?,
    }
    let file = folder.join("kamailio.cfg");
    std::fs::write(&file, by.configuration(&database, size))?;
    let log = std::fs::File::create(folder.join("log"))?;
    let own = programs.libraries.join("kamailio");
    let child = Command::new(&programs.kamailio)
        .env(
            "LD_LIBRARY_PATH",
            std::env::join_paths([&own, &programs.libraries])?,
        )
        .arg("-L")
        .arg(own.join("modules"))
        .args(["-DD", "-E", "-m", "2048", "-M", "1024"])
        .arg("-Y")
        .arg(&folder)
        .arg("-w")
        .arg(&folder)
        .arg("-f")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("starting kamailio")?;
    let mut kamailio = Kamailio { child, folder };
    kamailio.wait()?;
    Ok(kamailio)
}

/// The table of secfilter: the same numbers, as users that are not wanted (action 0, type 4).
fn secfilter(table: &Path, target: &Path) -> anyhow::Result<()> {
    let lines = BufReader::new(std::fs::File::open(table)?).lines();
    let mut file = BufWriter::new(std::fs::File::create(target)?);
    writeln!(file, "id(int,auto) action(int) type(int) data(string)")?;
    for (index, line) in lines.enumerate().skip(1) {
        let line = line?;
        let number = line.split(':').nth(1).context("a line without a number")?;
        writeln!(file, "{index}:0:4:{number}")?;
    }
    file.flush().map_err(Into::into)
}

impl Kamailio {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it answers.
    fn wait(&mut self) -> anyhow::Result<()> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(500)))?;
        let local = socket.local_addr()?;
        let text = format!(
            "INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK0;rport\r\nFrom: <sip:+19@x>;tag=1\r\n\
             To: <sip:1@127.0.0.1>\r\nCall-ID: ready\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        );
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A port that nobody has is no error yet.
            let _ = socket.send_to(text.as_bytes(), LISTEN);
            let mut buffer = [0; 2048];
            if let Ok(length) = socket.recv(&mut buffer)
                && buffer
                    .get(..length)
                    .is_some_and(|text| text.starts_with(b"SIP/2.0 404"))
            {
                return Ok(());
            }
            let ended = self.child.try_wait()?.is_some();
            if ended || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(20).collect();
                bail!("kamailio does not answer: {}", last.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends it with its children.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        let id = Pid::from_raw(i32::try_from(self.child.id())?);
        if self.child.try_wait()?.is_none() {
            kill(id, Signal::SIGTERM)?;
            self.child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // It may have ended already; what is left is in the temporary folder.
        let _ = self.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

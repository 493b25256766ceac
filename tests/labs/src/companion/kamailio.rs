//! Kamailio on the SBC, of either version, with an example of ours as it stands.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::PROXY;
use crate::Lab;
use crate::cleanup::{self, Process};
use xtask::{peers, testing_suite, workspace};

/// How long it may take to start, and to end.
const START: Duration = Duration::from_secs(10);

/// Which example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Example {
    Redirect,
    Http,
}

impl Example {
    /// Its name: that of its file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect.cfg",
            Self::Http => "http.cfg",
        }
    }
}

/// Which Kamailio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    /// 5.6, of Debian 12.
    Stable,
    /// The newer one, of Debian's testing suite.
    Testing,
}

impl Edition {
    /// What the names of its cases begin with.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Stable => "",
            Self::Testing => "Kamailio of testing, ",
        }
    }

    fn command(self) -> Result<Command> {
        match self {
            Self::Stable => peers::kamailio(),
            Self::Testing => testing_suite::kamailio(),
        }
    }
}

/// To whom calls may be diverted: the daemon, at the SBC's address.
const MEDIA_HOST: &str = r"^sips?:[^@]+@198\.18\.0\.2(:[0-9]+)?(;.*)?$";

/// A running Kamailio.
pub(super) struct Kamailio(Process);

impl Kamailio {
    /// Starts it and waits until it listens. Its own address and the media host's are given to the example, as its head says.
    pub(super) fn start(lab: &Lab, edition: Edition, example: Example) -> Result<Self> {
        Self::start_to(lab, edition, example, None)
    }

    /// The same; calls that go on go to another address than the example says.
    pub(super) fn start_to(
        lab: &Lab,
        edition: Edition,
        example: Example,
        next: Option<&str>,
    ) -> Result<Self> {
        let folder = workspace::root()?.join("config/examples/kamailio");
        let own = lab.folder.join("kamailio");
        std::fs::create_dir_all(&own)?;
        let mut command = edition.command()?;
        command
            .args(["-DD", "-E", "-m", "64", "-M", "8"])
            .arg("-A")
            .arg(format!("LISTEN={PROXY}"))
            .arg("-A")
            .arg(format!(
                "DISPATCHER=\"{}\"",
                folder.join("dispatcher.list").display()
            ))
            .arg("-A")
            .arg(format!("MEDIAHOST=\"{MEDIA_HOST}\""))
            .args(
                next.iter()
                    .flat_map(|next| ["-A".to_owned(), format!("NEXTHOP=\"sip:{next}\"")]),
            )
            .arg("-Y")
            .arg(&own)
            .arg("-w")
            .arg(&own)
            .arg("-P")
            .arg(own.join("kamailio.pid"))
            .arg("-f")
            .arg(folder.join(example.name()));
        lab.network.sbc.host(&mut command)?;
        let log = format!("kamailio-{}.log", example.name());
        let process = lab.spawn(&mut command, &log)?;
        let proxy: SocketAddr = PROXY.parse()?;
        let deadline = Instant::now() + START;
        loop {
            let listens = lab
                .network
                .sbc
                .run(|| Ok(TcpStream::connect_timeout(&proxy, START).is_ok()))?;
            if listens {
                break;
            }
            let ended = cleanup::lock(&process).try_wait()?.is_some();
            if ended || Instant::now() > deadline {
                let said = std::fs::read_to_string(lab.folder.join(&log)).unwrap_or_default();
                bail!("kamailio does not start with {}:\n{said}", example.name());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // Its first probes have to find whom they ask.
        std::thread::sleep(Duration::from_millis(1500));
        Ok(Self(process))
    }

    /// Ends it with its children.
    pub(super) fn end(self) -> Result<()> {
        let id = cleanup::lock(&self.0).id();
        kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM)?;
        if cleanup::wait(&self.0, Instant::now() + START)?.is_none()
            && cleanup::lock(&self.0).try_wait()?.is_none()
        {
            bail!("kamailio does not end");
        }
        Ok(())
    }
}

//! Kamailio on the SBC: the proxy that calls are meant for. It hands every call on to the phone
//! system and writes down what it has seen, so that a lab knows what reached it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Lab;
use super::cleanup::{self, Process};
use super::network::Namespace;
use xtask::peers;

const START: Duration = Duration::from_secs(10);
/// Processes that hand calls on.
const CHILDREN: u32 = 2;
/// Begins what the script writes down of a request.
const SEEN: &str = "request-seen";

/// What both scripts begin with.
const SETTINGS: &str = r#"debug=1
log_stderror=yes
log_prefix_mode=0
children=CHILDREN
disable_tcp=yes
auto_aliases=no
listen=udp:ADDRESS
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
modparam("xlog", "force_color", 0)
"#;

/// Hands calls on and stays in their way.
const RELAYS: &str = r#"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"

request_route {
    xlog("L_NOTICE", "request-seen $rm $si:$sp $ci $ru\n");
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    if ($rm == "CANCEL") {
        if (t_check_trans()) t_relay();
        exit;
    }
    if (has_totag()) {
        if (loose_route()) {
            t_relay();
        } else if ($rm == "ACK") {
            if (t_check_trans()) t_relay();
        } else {
            sl_send_reply("404", "Not here");
        }
        exit;
    }
    t_check_trans();
    if ($rm != "INVITE") {
        sl_send_reply("200", "OK");
        exit;
    }
    record_route();
    $du = "sip:ANSWERER";
    t_relay();
}
"#;

/// Refuses calls without keeping anything of them.
const DECLINES: &str = r#"
request_route {
    if ($rm == "ACK") exit;
    sl_send_reply("603", "Decline");
}
"#;

/// What the proxy does with a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Routing {
    /// It sends it to an address, and stays in its way.
    To(SocketAddr),
    /// It answers 603 Decline without state, and writes nothing down: for measurements.
    Decline {
        /// Processes that answer.
        children: u32,
    },
}

/// A running proxy.
pub(crate) struct Proxy {
    log: PathBuf,
    process: Process,
}

/// A request that reached the proxy; a repetition is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The method.
    pub(crate) method: String,
    /// Where the packet came from.
    pub(crate) source: String,
    /// The Call-ID.
    pub(crate) call_id: String,
    /// The Request-URI.
    pub(crate) uri: String,
}

impl Proxy {
    /// Starts one on a host at an address, and waits until it listens.
    pub(crate) fn start(
        lab: &Lab,
        host: &Namespace,
        address: SocketAddr,
        routing: Routing,
    ) -> Result<Self> {
        let folder = lab.folder.join("proxy");
        std::fs::create_dir_all(&folder)?;
        let (script, children) = match routing {
            Routing::To(answerer) => {
                let script = RELAYS.replace("ANSWERER", &answerer.to_string());
                (script, CHILDREN)
            }
            Routing::Decline { children } => (DECLINES.to_owned(), children),
        };
        let settings = SETTINGS
            .replace("ADDRESS", &address.to_string())
            .replace("CHILDREN", &children.to_string());
        let file = folder.join("kamailio.cfg");
        std::fs::write(&file, settings + &script)?;
        let mut command = peers::kamailio()?;
        // In the foreground, its log on stderr, its files in a folder of its own.
        command.args(["-DD", "-E", "-Y"]).arg(&folder);
        command.arg("-f").arg(&file);
        host.host(&mut command)?;
        let process = lab.spawn(&mut command, "proxy.log")?;
        let proxy = Self {
            log: lab.folder.join("proxy.log"),
            process,
        };
        proxy.wait_until_it_listens(host, address)?;
        Ok(proxy)
    }

    /// The requests that it has seen, in order.
    pub(crate) fn seen(&self) -> Result<Vec<Seen>> {
        Ok(self.log()?.lines().filter_map(Seen::read).collect())
    }

    /// Its process; those that answer are its children.
    pub(crate) fn id(&self) -> u32 {
        cleanup::lock(&self.process).id()
    }

    /// Ends it, so that another can take its place.
    pub(crate) fn end(&self) -> Result<()> {
        cleanup::end(&self.process)
    }

    fn log(&self) -> Result<String> {
        let text = std::fs::read(&self.log).context("cannot read the proxy's log")?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Its port is taken as soon as it listens; that is no packet that it would see.
    fn wait_until_it_listens(&self, host: &Namespace, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = cleanup::lock(&self.process).try_wait()? {
                bail!("kamailio ended at its start ({status}):\n{}", self.log()?);
            }
            let taken = host.run(|| Ok(std::net::UdpSocket::bind(address).is_err()))?;
            if taken {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("kamailio does not start:\n{}", self.log()?);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Seen {
    /// Reads a line of the proxy's log.
    fn read(line: &str) -> Option<Self> {
        let (_, words) = line.split_once(SEEN)?;
        let mut words = words.split_whitespace().map(str::to_owned);
        Some(Self {
            method: words.next()?,
            source: words.next()?,
            call_id: words.next()?,
            uri: words.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_read() {
        let line = " 2(77) ERROR: <script>: request-seen INVITE 198.18.0.1:5060 7@x sip:1@h";
        let seen = Seen {
            method: "INVITE".to_owned(),
            source: "198.18.0.1:5060".to_owned(),
            call_id: "7@x".to_owned(),
            uri: "sip:1@h".to_owned(),
        };
        assert_eq!(Seen::read(line), Some(seen));
        assert_eq!(Seen::read(" 0(76) INFO: <core>: started"), None);
    }
}

//! A phone of a lab: baresip without a screen and without sound hardware. It calls or answers,
//! says what a sound says, presses digits, and keeps what it hears. It has one call at a time.

mod control;
mod event;
mod message;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use control::Control;
pub(crate) use event::{Event, Stage};
pub(crate) use message::Message;

use super::Lab;
use super::cleanup::{self, Process};
use super::network::Namespace;
use super::sound::Sound;
use xtask::peers;

const START: Duration = Duration::from_secs(10);
/// What a phone says has silence behind it, so that it goes on sending packets.
const SILENCE: Duration = Duration::from_secs(300);
/// From one digit to the next: baresip sends each for 180 ms.
const DIGIT: Duration = Duration::from_millis(300);

/// baresip's settings. Only G.711 and RFC 4733 are offered; what is heard goes through the filter
/// that records it to a player that has no other end.
const SETTINGS: &str = "poll_method epoll
sip_listen ADDRESS
call_local_timeout 120
call_max_calls 20
audio_player aubridge,nobody
audio_alert aubridge,nobody
audio_source aufile,FOLDER/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 20000-30000
jitter_buffer_delay 1-5
module_path MODULES
module g711.so
module sndfile.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen CONTROL
snd_path FOLDER
ringback_disabled yes
menu_bell no
statmode_default off
";

/// What a phone does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// It answers at once.
    AtOnce,
    /// It rings until [`Phone::answer`].
    ByHand,
}

/// A phone.
pub(crate) struct Phone {
    address: SocketAddr,
    folder: PathBuf,
    log: PathBuf,
    control: Control,
    process: Process,
}

impl Phone {
    /// Starts one on a host, and waits until it can be used. It listens at `address`, its files
    /// are named for `name`, and in each call it says `says`, then nothing.
    pub(crate) fn start(
        lab: &Lab,
        host: &Namespace,
        address: SocketAddr,
        name: &str,
        says: Option<&Sound>,
    ) -> Result<Self> {
        let folder = lab.folder.join(format!("phone-{name}"));
        std::fs::create_dir(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let says = says.cloned().unwrap_or_default();
        says.then(&Sound::silence(SILENCE))
            .write(&folder.join("says.wav"))?;
        let control = control::free_port(host)?;
        let settings = SETTINGS
            .replace("ADDRESS", &address.to_string())
            .replace("FOLDER", &folder.display().to_string())
            .replace("CONTROL", &control.to_string())
            .replace(
                "MODULES",
                &peers::folder_of("usr/lib/baresip/modules")?
                    .display()
                    .to_string(),
            );
        std::fs::write(folder.join("config"), settings)?;
        // baresip wants one; the numbers that the phone has are told to it later.
        let account = format!("<sip:{name}@{address}>;regint=0;{CODECS}\n");
        std::fs::write(folder.join("accounts"), account)?;
        let mut command = peers::command("baresip")?;
        // Every message goes to its log.
        command.arg("-s").arg("-f").arg(&folder);
        host.host(&mut command)?;
        let log = format!("phone-{name}.log");
        let process = lab.spawn(&mut command, &log)?;
        let log = lab.folder.join(log);
        let control = connect(host, control, &process, &log)?;
        Ok(Self {
            address,
            folder,
            log,
            control,
            process,
        })
    }

    /// Lets the phone be called under a number or a user name.
    pub(crate) fn has_number(&self, number: &str, answers: Answers) -> Result<()> {
        let mode = match answers {
            Answers::AtOnce => "auto",
            Answers::ByHand => "manual",
        };
        self.become_user(&self.uri(number), &format!("answermode={mode}"))
    }

    /// Calls a URI from a number, or from a whole URI such as
    /// `sip:anonymous@anonymous.invalid`. What happened before and what was heard before is
    /// forgotten.
    pub(crate) fn dial(&self, uri: &str, from: &str) -> Result<()> {
        let from = if from.contains(':') {
            from.to_owned()
        } else {
            self.uri(from)
        };
        self.become_user(&from, "answermode=manual")?;
        self.forget()?;
        self.control.command("dial", uri)?;
        Ok(())
    }

    /// Answers the call that rings.
    pub(crate) fn answer(&self, number: &str) -> Result<()> {
        self.control.command("uafind", &self.uri(number))?;
        self.control.command("accept", "")?;
        Ok(())
    }

    /// Presses digits one after the other, `*` and `#` too.
    pub(crate) fn press(&self, digits: &str) -> Result<()> {
        for digit in digits.chars() {
            self.control.command("sndcode", &digit.to_string())?;
            std::thread::sleep(DIGIT);
        }
        Ok(())
    }

    /// Hangs up, or gives up a call that is not answered yet, or refuses one that rings.
    pub(crate) fn hang_up(&self) -> Result<()> {
        self.control.command("hangup", "")?;
        Ok(())
    }

    /// Sends silence instead of what it says, or says it again.
    pub(crate) fn mute(&self) -> Result<()> {
        self.control.command("mute", "")?;
        Ok(())
    }

    /// Puts the call on hold, by a re-INVITE.
    pub(crate) fn hold(&self) -> Result<()> {
        self.control.command("hold", "")?;
        Ok(())
    }

    /// Takes it back.
    pub(crate) fn resume(&self) -> Result<()> {
        self.control.command("resume", "")?;
        Ok(())
    }

    /// Waits until the call is at a stage; what the first such event says, or none.
    pub(crate) fn wait_for(&self, stage: Stage, patience: Duration) -> Option<String> {
        self.control.wait(patience, |events| {
            let event = events.iter().find(|event| event.stage == stage)?;
            Some(event.text.clone())
        })
    }

    /// All that happened since the call was dialled, or since [`Phone::forget`].
    pub(crate) fn events(&self) -> Vec<Event> {
        self.control.events()
    }

    /// How long the call was answered: until it was over, or until this moment.
    pub(crate) fn lasted(&self) -> Option<Duration> {
        let events = self.events();
        let at = |stage| {
            let event = events.iter().find(|event| event.stage == stage)?;
            Some(event.at)
        };
        let end = at(Stage::Closed).unwrap_or_else(Instant::now);
        Some(end.duration_since(at(Stage::Established)?))
    }

    /// The digits that the other end pressed.
    pub(crate) fn digits(&self) -> String {
        let events = self.events();
        let digits = events.iter().filter(|event| event.stage == Stage::Digit);
        digits.map(|event| event.text.as_str()).collect()
    }

    /// What was heard in the last call, as far as it has gone: what came in packets, without the
    /// time in which none came. baresip 1.0 records nothing more once a call was on hold.
    pub(crate) fn heard(&self) -> Result<Sound> {
        let mut sound = Sound::default();
        for path in self.recordings()? {
            sound = sound.then(&Sound::read(&path)?);
        }
        Ok(sound)
    }

    /// All SIP messages that it sent and got, in order, since it was started.
    pub(crate) fn messages(&self) -> Result<Vec<Message>> {
        let text = std::fs::read(&self.log).context("cannot read a phone's log")?;
        Ok(message::read(&String::from_utf8_lossy(&text)))
    }

    /// Forgets what happened and what was heard.
    pub(crate) fn forget(&self) -> Result<()> {
        self.control.forget();
        for path in self.recordings()? {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Takes it off the wire without a word: no BYE, no answer to anything.
    pub(crate) fn vanish(&self) -> Result<()> {
        let mut child = cleanup::lock(&self.process);
        child.kill().context("cannot end a phone")?;
        child.wait()?;
        Ok(())
    }

    fn uri(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.address)
    }

    /// Makes a user the one who calls next; one that is known already is made anew.
    fn become_user(&self, uri: &str, more: &str) -> Result<()> {
        if self.control.command("uafind", uri).is_ok() {
            self.control.command("uadel", uri)?;
        }
        let account = format!("<{uri}>;regint=0;{CODECS};{more}");
        self.control.command("uanew", &account)?;
        self.control.command("uafind", uri)?;
        Ok(())
    }

    /// Files of what was heard, in order: a call has several if its media changed. They are
    /// named for the second in which they were begun.
    fn recordings(&self) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("dump-") && name.ends_with("-dec.wav") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }
}

/// What each of its users offers.
const CODECS: &str = "audio_codecs=pcmu,pcma";

fn connect(
    host: &Namespace,
    control: SocketAddr,
    process: &Process,
    log: &Path,
) -> Result<Control> {
    let deadline = Instant::now() + START;
    loop {
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        if said().contains("baresip is ready")
            && let Ok(control) = Control::connect(host, control)
        {
            return Ok(control);
        }
        if let Some(status) = cleanup::lock(process).try_wait()? {
            bail!("baresip ended at its start ({status}):\n{}", said());
        }
        if Instant::now() > deadline {
            bail!("baresip does not start:\n{}", said());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

//! SIP messages as baresip writes them down: `#`, where the packet came from and went to, its
//! text.

use std::net::SocketAddr;

/// What stands before each, and behind each.
const BEGIN: &str = "\u{1b}[36;1m#\n";
const END: &str = "\u{1b}[;m";

/// A SIP message that a phone sent or got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Who sent it.
    pub(crate) from: SocketAddr,
    /// Who got it.
    pub(crate) to: SocketAddr,
    /// All of it.
    pub(crate) text: String,
}

impl Message {
    /// Its first line.
    pub(crate) fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The first header of a name, as it is spelled; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let headers = self
            .text
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty());
        let mut pairs = headers.filter_map(|line| line.split_once(':'));
        let found = pairs.find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }
}

/// Reads a log.
pub(super) fn read(log: &str) -> Vec<Message> {
    let message = |text: &str| {
        let (text, _) = text.split_once(END)?;
        let (packet, text) = text.split_once('\n')?;
        let (_transport, packet) = packet.split_once(' ')?;
        let (from, to) = packet.split_once(" -> ")?;
        Some(Message {
            from: from.parse().ok()?,
            to: to.trim().parse().ok()?,
            text: text.to_owned(),
        })
    };
    log.split(BEGIN).skip(1).filter_map(message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_from_a_log() {
        let log = "baresip is ready.\n\u{1b}[36;1m#\nUDP 198.18.0.1:5060 -> 198.18.0.2:5060\n\
            INVITE sip:1@h SIP/2.0\r\nCall-ID: 7@x\r\n\r\nv=0\r\n\u{1b}[;m\ncall: ringing\n\
            \u{1b}[36;1m#\nTCP [fd00::2]:5060 -> [fd00::1]:5060\nSIP/2.0 180 Ringing\r\n\r\n\u{1b}[;m";
        let messages = read(log);
        let lines: Vec<&str> = messages.iter().map(Message::first_line).collect();
        assert_eq!(lines, ["INVITE sip:1@h SIP/2.0", "SIP/2.0 180 Ringing"]);
        assert_eq!(messages[0].header("call-id"), "7@x");
        assert_eq!(messages[0].header("To"), "");
        assert_eq!(messages[1].to, "[fd00::1]:5060".parse().unwrap());
    }
}

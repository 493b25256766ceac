//! How a row of the demo becomes a message: the same row for sipp and for our own sender.

use std::net::SocketAddr;

use anyhow::Result;

use super::calls::{Origin, Row, Shape};
use crate::Lab;
use crate::sip::{self, Invite, PATIENCE, Placed};
use crate::sipp::{self, SippCall};

/// The first port that calls come from.
const FIRST_PORT: u16 = 20_000;

/// A row with its place among the calls.
pub(crate) struct Call {
    /// What is called.
    pub(crate) row: Row,
    /// Its Call-ID, by which both ends know it.
    pub(crate) call_id: String,
    /// Its place among the calls.
    pub(crate) index: usize,
    source: SocketAddr,
    destination: SocketAddr,
}

/// The addresses at which calls arrive.
pub(crate) fn destinations() -> Result<Vec<SocketAddr>> {
    let all = [Origin::Carrier4, Origin::Carrier6, Origin::Trusted];
    all.iter().map(|from| Ok(addresses(*from)?.1)).collect()
}

fn addresses(from: Origin) -> Result<(SocketAddr, SocketAddr)> {
    let (source, destination) = match from {
        Origin::Carrier4 => ("198.18.0.1:0", "198.18.0.2:5060"),
        Origin::Carrier6 => ("[fd00:b1ac::1]:0", "[fd00:b1ac::2]:5060"),
        Origin::Trusted => ("198.18.1.1:0", "198.18.1.2:5060"),
    };
    Ok((source.parse()?, destination.parse()?))
}

impl Call {
    /// Gives a row its port and its Call-ID.
    pub(crate) fn new(index: usize, row: Row) -> Result<Self> {
        let (mut source, destination) = addresses(row.from)?;
        source.set_port(FIRST_PORT + u16::try_from(index)?);
        let call_id = format!("demo-{index}-{}", std::process::id());
        Ok(Self {
            row,
            call_id,
            index,
            source,
            destination,
        })
    }

    /// The scenario with which sipp can place it; none for texts that sipp does not write.
    pub(crate) fn scenario(&self) -> Option<&'static str> {
        match self.row.shape {
            Shape::Plain => Some("invite.xml"),
            Shape::Asserted(_) => Some("invite-asserted.xml"),
            Shape::Compact => Some("invite-compact.xml"),
            // sipp strips the blanks at the start of a line, and does not tell how often it sent.
            Shape::Counted
            | Shape::Folded
            | Shape::Blanks
            | Shape::Display(_)
            | Shape::InDialog
            | Shape::Subject(_) => None,
        }
    }

    /// Starts sipp for it.
    pub(crate) fn start_sipp(&self, lab: &Lab, scenario: &str) -> Result<sipp::Running> {
        let (caller, called) = (self.caller_uri(), self.called_uri());
        let asserted = match self.row.shape {
            Shape::Asserted(number) => self.uri(number),
            _ => String::new(),
        };
        let keywords = [
            ("caller_uri", &*caller),
            ("called_uri", &*called),
            ("asserted_uri", &*asserted),
        ];
        let call = SippCall {
            transport: "u1",
            scenario,
            source: self.source,
            destination: self.destination,
            call_id: &self.call_id,
            keywords: &keywords,
        };
        sipp::start(lab, &call)
    }

    /// Places it by our own sender; on a thread of the carrier.
    pub(crate) fn place(&self) -> Result<Placed> {
        let invite = Invite {
            destination: self.destination,
            request_uri: self.called_uri(),
            headers: self.headers(),
        };
        sip::place(self.source, &invite, PATIENCE)
    }

    /// The caller as it stands in the message.
    pub(crate) fn caller_uri(&self) -> String {
        if self.row.caller.starts_with("tel:") {
            return self.row.caller.to_owned();
        }
        self.uri(self.row.caller)
    }

    fn called_uri(&self) -> String {
        format!("sip:{}@{}", self.row.called, self.destination)
    }

    fn uri(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.source)
    }

    fn headers(&self) -> String {
        let (caller, called, id) = (self.caller_uri(), self.called_uri(), &self.call_id);
        let from = format!("<{caller}>;tag={}", self.source.port());
        let from_line = match self.row.shape {
            Shape::Folded => format!("From:\r\n  {from}"),
            Shape::Blanks => format!("fRoM\t : {from}"),
            Shape::Display(user) => format!("From: \"{user} <sip:{user}@h>\" {from}"),
            Shape::Compact => format!("f: {from}"),
            Shape::Plain
            | Shape::Counted
            | Shape::Asserted(_)
            | Shape::InDialog
            | Shape::Subject(_) => format!("From: {from}"),
        };
        let extra = match self.row.shape {
            Shape::Asserted(number) => {
                format!("P-Asserted-Identity: <{}>\r\n", self.uri(number))
            }
            Shape::Subject(number) => format!("Subject: From: <{}>\r\n", self.uri(number)),
            _ => String::new(),
        };
        let tag = if self.row.shape == Shape::InDialog {
            ";tag=answerer"
        } else {
            ""
        };
        let (to, call_id) = if self.row.shape == Shape::Compact {
            ("t", "i")
        } else {
            ("To", "Call-ID")
        };
        format!(
            "{extra}{from_line}\r\n{to}: <{called}>{tag}\r\n{call_id}: {id}\r\nCSeq: 1 INVITE\r\n"
        )
    }
}

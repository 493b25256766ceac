//! An ordinary INVITE as text whose lines can be replaced. What the lines mean is not known here.

/// Stands for the last digit of the caller: the row's own is filled with [`LISTED`], its benign
/// twin with [`UNLISTED`].
pub const DIGIT: u8 = b'~';
/// Last digit of a caller that a rule names.
pub const LISTED: u8 = b'4';
/// Last digit of a caller that no rule names.
pub const UNLISTED: u8 = b'5';

/// Fills in the caller's last digit.
pub fn filled(template: &[u8], digit: u8) -> Vec<u8> {
    template
        .iter()
        .map(|byte| if *byte == DIGIT { digit } else { *byte })
        .collect()
}

/// An INVITE.
#[derive(Clone, Debug)]
pub struct Invite {
    lines: Vec<Vec<u8>>,
    body: Vec<u8>,
    line_end: &'static [u8],
}

impl Default for Invite {
    fn default() -> Self {
        Self::new()
    }
}

const BODY: &str = "v=0\r\no=- 20518 0 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
    m=audio 54609 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

impl Invite {
    /// From `+1415555123~` to `+12015550100`.
    pub fn new() -> Self {
        let lines = [
            "INVITE sip:+12015550100@sbc.example.com SIP/2.0",
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK74bf9;rport",
            "Max-Forwards: 70",
            "From: \"Alice\" <sip:+1415555123~@carrier.example.net>;tag=9fxced76sl",
            "To: <sip:+12015550100@sbc.example.com>",
            "Call-ID: 3848276298220188511@carrier.example.net",
            "CSeq: 1 INVITE",
            "Contact: <sip:carrier@192.0.2.1:5060>",
            "Content-Type: application/sdp",
        ];
        Self {
            lines: lines.iter().map(|line| line.as_bytes().to_vec()).collect(),
            body: BODY.as_bytes().to_vec(),
            line_end: b"\r\n",
        }
    }

    /// Another start line.
    #[must_use]
    pub fn start(mut self, line: impl AsRef<[u8]>) -> Self {
        self.lines[0] = line.as_ref().to_vec();
        self
    }

    /// Another value of From.
    #[must_use]
    pub fn from(self, value: impl AsRef<[u8]>) -> Self {
        self.line("From", [b"From: ", value.as_ref()].concat())
    }

    /// Another value of To.
    #[must_use]
    pub fn to(self, value: impl AsRef<[u8]>) -> Self {
        self.line("To", [b"To: ", value.as_ref()].concat())
    }

    /// Another Call-ID.
    #[must_use]
    pub fn call_id(self, value: impl AsRef<[u8]>) -> Self {
        self.line("Call-ID", [b"Call-ID: ", value.as_ref()].concat())
    }

    /// Replaces the line of a header as a whole.
    ///
    /// # Panics
    /// If there is no such header.
    #[must_use]
    pub fn line(mut self, name: &str, line: impl AsRef<[u8]>) -> Self {
        let index = self.index(name);
        self.lines[index] = line.as_ref().to_vec();
        self
    }

    /// Takes a header out.
    ///
    /// # Panics
    /// If there is no such header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        let index = self.index(name);
        self.lines.remove(index);
        self
    }

    /// Adds a line behind all others.
    #[must_use]
    pub fn last(mut self, line: impl AsRef<[u8]>) -> Self {
        self.lines.push(line.as_ref().to_vec());
        self
    }

    /// Adds a line in front of all headers.
    #[must_use]
    pub fn first(mut self, line: impl AsRef<[u8]>) -> Self {
        self.lines.insert(1, line.as_ref().to_vec());
        self
    }

    /// Another body.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// What ends each line of the header block.
    #[must_use]
    pub fn line_end(mut self, end: &'static [u8]) -> Self {
        self.line_end = end;
        self
    }

    fn index(&self, name: &str) -> usize {
        let prefix = [name.as_bytes(), b":"].concat();
        let found = self.lines.iter().position(|line| line.starts_with(&prefix));
        found.unwrap_or_else(|| panic!("the message has no line {name}"))
    }

    /// The message with [`DIGIT`] where the caller's last digit goes.
    pub fn template(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.lines {
            text.extend_from_slice(line);
            text.extend_from_slice(self.line_end);
        }
        if !self
            .lines
            .iter()
            .any(|line| line.starts_with(b"Content-Length"))
        {
            text.extend_from_slice(format!("Content-Length: {}", self.body.len()).as_bytes());
            text.extend_from_slice(self.line_end);
        }
        text.extend_from_slice(self.line_end);
        text.extend_from_slice(&self.body);
        text
    }

    /// The message from a listed caller.
    pub fn listed(&self) -> Vec<u8> {
        filled(&self.template(), LISTED)
    }

    /// The message from an unlisted caller.
    pub fn unlisted(&self) -> Vec<u8> {
        filled(&self.template(), UNLISTED)
    }
}

//! Who asks: INVITEs by UDP, questions by HTTP. Every second one is about a listed number.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::Ask;
use crate::list::number;

/// Questions that are on their way at once.
const WINDOW: u32 = 32;
/// Connections that are asked over at once.
const CONNECTIONS: u32 = 4;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The caller of a question, and whether the list has it.
fn caller(index: u32, size: u32) -> (String, bool) {
    let listed = index.is_multiple_of(2);
    let place = index.wrapping_mul(2_654_435_761) % size;
    let number = if listed {
        number(place)
    } else {
        number(place + size)
    };
    (number, listed)
}

/// Asks by SIP.
pub(crate) struct Sip {
    socket: UdpSocket,
    local: SocketAddr,
    size: u32,
    next: AtomicU32,
}

impl Sip {
    pub(crate) fn new(server: &str, size: u32) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            local: socket.local_addr()?,
            socket,
            size,
            next: AtomicU32::new(0),
        })
    }

    /// Sends a question; whether its caller is listed.
    fn send(&self) -> anyhow::Result<bool> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let (number, listed) = caller(index, self.size);
        let local = self.local;
        let text = format!(
            "INVITE sip:+13125550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{index};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{number}@carrier.example>;tag=1\r\nTo: <sip:+13125550100@127.0.0.1>\r\n\
             Call-ID: {index}-{}@bench\r\nCSeq: 1 INVITE\r\nContact: <sip:bench@{local}>\r\nContent-Length: 0\r\n\r\n",
            local.port()
        );
        self.socket.send(text.as_bytes())?;
        Ok(listed)
    }

    /// Whether the next answer refuses.
    fn receive(&self) -> anyhow::Result<bool> {
        let mut buffer = [0; 2048];
        let length = self.socket.recv(&mut buffer).context("no answer")?;
        match buffer.get(..11.min(length)) {
            Some(b"SIP/2.0 603") => Ok(true),
            Some(b"SIP/2.0 404") => Ok(false),
            other => bail!("an answer of another kind: {other:?}"),
        }
    }
}

impl Ask for Sip {
    fn many(&self, count: u32) -> anyhow::Result<()> {
        let (mut sent, mut answered, mut wanted, mut refused) = (0, 0, 0, 0);
        while answered < count {
            while sent < count && sent - answered < WINDOW {
                wanted += u32::from(self.send()?);
                sent += 1;
            }
            refused += u32::from(self.receive()?);
            answered += 1;
        }
        if wanted != refused {
            bail!("{wanted} calls were to be refused, and {refused} were");
        }
        Ok(())
    }

    fn one_by_one(&self, count: u32) -> anyhow::Result<Vec<f64>> {
        let mut waited = Vec::new();
        for _ in 0..count {
            let began = Instant::now();
            let listed = self.send()?;
            let refused = self.receive()?;
            waited.push(began.elapsed().as_secs_f64());
            if listed != refused {
                bail!("a call was decided wrongly");
            }
        }
        Ok(waited)
    }
}

/// Asks by HTTP, over connections that stay.
pub(crate) struct Http {
    server: String,
    size: u32,
    next: AtomicU32,
}

impl Http {
    pub(crate) fn new(server: &str, size: u32) -> Self {
        Self {
            server: server.to_owned(),
            size,
            next: AtomicU32::new(0),
        }
    }

    /// Asks so many over one connection.
    fn over_one(&self, count: u32) -> anyhow::Result<Vec<f64>> {
        let stream = TcpStream::connect(&self.server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut answers = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        let mut waited = Vec::new();
        for _ in 0..count {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let (number, listed) = caller(index, self.size);
            let text = format!(
                "GET /v1/screen?caller={}&called=%2B13125550100 HTTP/1.1\r\nHost: bench\r\n\r\n",
                number.replace('+', "%2B")
            );
            let began = Instant::now();
            stream.write_all(text.as_bytes())?;
            let refused = answer(&mut answers)?.starts_with("block 603");
            waited.push(began.elapsed().as_secs_f64());
            if listed != refused {
                bail!("a call was decided wrongly");
            }
        }
        Ok(waited)
    }
}

/// The body of the next answer.
fn answer(answers: &mut impl std::io::BufRead) -> anyhow::Result<String> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if answers.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

impl Ask for Http {
    fn many(&self, count: u32) -> anyhow::Result<()> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| self.over_one(count / CONNECTIONS)))
                .collect();
            for thread in threads {
                match thread.join() {
                    Ok(result) => drop(result?),
                    Err(_) => bail!("a thread panicked"),
                }
            }
            Ok(())
        })
    }

    fn one_by_one(&self, count: u32) -> anyhow::Result<Vec<f64>> {
        self.over_one(count)
    }
}

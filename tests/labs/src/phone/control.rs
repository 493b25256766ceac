//! How a phone is told what to do and tells what happens: baresip's module `ctrl_tcp`, which
//! speaks JSON in netstrings (`7:{"a":1},`).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Event;
use crate::cleanup::lock;
use crate::network::Namespace;

/// How long an answer to a command may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// A connection to a phone.
pub(super) struct Control {
    connection: Mutex<TcpStream>,
    heard: Arc<Heard>,
}

/// What has come.
#[derive(Default)]
struct Heard {
    said: Mutex<Said>,
    /// Rings whenever something has come.
    bell: Condvar,
}

#[derive(Default)]
struct Said {
    /// In the order in which they came.
    events: Vec<Event>,
    /// Answers to commands: the command's number, whether it was done, and what it said.
    answers: Vec<(String, bool, String)>,
    commands: u32,
    /// The phone has gone.
    ended: bool,
}

/// A port of a host's loopback that is free.
pub(super) fn free_port(host: &Namespace) -> Result<SocketAddr> {
    host.run(|| {
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot find a free port")?;
        Ok(listener.local_addr()?)
    })
}

impl Control {
    /// Connects to a phone, if it listens already.
    pub(super) fn connect(host: &Namespace, address: SocketAddr) -> Result<Self> {
        let connection =
            host.run(|| TcpStream::connect(address).context("cannot connect to a phone"))?;
        let heard = Arc::new(Heard::default());
        let (reader, writer) = (connection.try_clone()?, Arc::clone(&heard));
        // Ends with the connection, which ends with the phone.
        std::thread::spawn(move || writer.read(reader));
        Ok(Self {
            connection: Mutex::new(connection),
            heard,
        })
    }

    /// Gives a command; what the phone says to it.
    pub(super) fn command(&self, name: &str, parameters: &str) -> Result<String> {
        let token = {
            let mut said = lock(&self.heard.said);
            said.commands += 1;
            said.commands.to_string()
        };
        let command = json!({ "command": name, "params": parameters, "token": &token }).to_string();
        let text = format!("{}:{command},", command.len());
        lock(&self.connection)
            .write_all(text.as_bytes())
            .with_context(|| format!("cannot tell a phone to {name}"))?;
        let answer = self.heard.wait(PATIENCE, |said| {
            let of = said.answers.iter().position(|answer| answer.0 == token)?;
            Some(said.answers.swap_remove(of))
        });
        match answer {
            Some((_, true, text)) => Ok(text),
            Some((_, false, text)) => bail!("a phone does not {name} {parameters}: {text}"),
            None => bail!("a phone does not answer to {name} {parameters}"),
        }
    }

    /// Waits for an event that `wanted` makes something of.
    pub(super) fn wait<T>(
        &self,
        patience: Duration,
        wanted: impl Fn(&[Event]) -> Option<T>,
    ) -> Option<T> {
        self.heard.wait(patience, |said| wanted(&said.events))
    }

    /// All that happened.
    pub(super) fn events(&self) -> Vec<Event> {
        lock(&self.heard.said).events.clone()
    }

    /// Forgets what happened.
    pub(super) fn forget(&self) {
        lock(&self.heard.said).events.clear();
    }
}

impl Heard {
    fn wait<T>(&self, patience: Duration, wanted: impl Fn(&mut Said) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut said = lock(&self.said);
        loop {
            if let Some(found) = wanted(&mut said) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || said.ended {
                return None;
            }
            said = match self.bell.wait_timeout(said, left) {
                Ok((said, _)) => said,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Reads until the phone has gone.
    fn read(&self, mut connection: TcpStream) {
        let mut text = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length) = connection.read(&mut buffer)
            && length > 0
        {
            text.extend(buffer.iter().take(length));
            let mut said = lock(&self.said);
            while let Some(message) = take(&mut text) {
                said.take(&message);
            }
            drop(said);
            self.bell.notify_all();
        }
        lock(&self.said).ended = true;
        self.bell.notify_all();
    }
}

impl Said {
    fn take(&mut self, message: &Value) {
        let text = |name: &str| {
            let value = message.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        if message.get("response").is_some() {
            let done = message.get("ok") == Some(&Value::Bool(true));
            self.answers.push((text("token"), done, text("data")));
        } else if let Some(event) = Event::read(message) {
            self.events.push(event);
        }
    }
}

/// Takes the first whole netstring of a text.
fn take(text: &mut Vec<u8>) -> Option<Value> {
    let colon = text.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(text.get(..colon)?).ok()?.parse().ok()?;
    let end = colon + 1 + length;
    let message = serde_json::from_slice(text.get(colon + 1..end)?);
    // The comma comes with it.
    text.get(end)?;
    text.drain(..=end);
    Some(message.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn netstrings_are_taken_one_by_one() {
        let mut text = b"7:{\"a\":1},2:{},7:{\"a\":2}".to_vec();
        assert_eq!(take(&mut text), Some(json!({ "a": 1 })));
        assert_eq!(take(&mut text), Some(json!({})));
        assert_eq!(take(&mut text), None, "its comma has not come");
        text.push(b',');
        assert_eq!(take(&mut text), Some(json!({ "a": 2 })));
        assert!(text.is_empty());
        text.extend(b"12:{\"a\"");
        assert_eq!(take(&mut text), None);
    }
}

//! `top --json`: one line for each look, for machines. Unlike the screen it ends when the daemon
//! cannot be reached, so that whoever reads it notices.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{TopCommand, look};
use crate::client::Client;
use crate::error::CliError;
use crate::output;

pub(super) fn run(command: &TopCommand, client: &Client) -> Result<(), CliError> {
    let mut output = std::io::stdout();
    let mut left = command.count.map(u64::from);
    loop {
        let begin = Instant::now();
        let line = output::json(&look(client)?)?;
        if !write_line(&mut output, &line)? {
            return Ok(());
        }
        if let Some(left) = &mut left {
            *left -= 1;
            if *left == 0 {
                return Ok(());
            }
        }
        sleep(rest(command.every, begin.elapsed()));
    }
}

/// What is left of an interval.
fn rest(every: Duration, gone: Duration) -> Duration {
    every.saturating_sub(gone)
}

/// False if nobody reads any more.
fn write_line(output: &mut impl Write, line: &str) -> Result<bool, CliError> {
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(CliError::failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(std::io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_an_end_and_no_error() {
        let mut buffer = Vec::new();
        assert!(write_line(&mut buffer, "{}").unwrap());
        assert_eq!(buffer, b"{}\n");
        assert!(!write_line(&mut Closed(std::io::ErrorKind::BrokenPipe), "{}").unwrap());
        assert!(write_line(&mut Closed(std::io::ErrorKind::StorageFull), "{}").is_err());
    }

    #[test]
    fn a_slow_answer_does_not_shift_the_interval() {
        let second = Duration::from_secs(1);
        assert_eq!(rest(second, Duration::from_millis(300)).as_millis(), 700);
        assert_eq!(rest(second, Duration::from_secs(5)), Duration::ZERO);
    }
}

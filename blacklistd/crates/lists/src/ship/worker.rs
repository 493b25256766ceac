//! The thread of a sink: reads after the cursor, delivers, stores the cursor.

use std::fmt::Display;
use std::sync::Arc;

use super::limits::{BATCH_BYTES, BATCH_LINES, Limits};
use super::progress::Progress;
use super::settings::Begin;
use super::signal::Signal;
use super::sink::{Failure, Sink};
use super::source::{LogLine, Source};

/// A sink with its progress.
pub(super) struct Worker {
    pub(super) name: String,
    pub(super) from: Begin,
    pub(super) limits: Limits,
    pub(super) source: Arc<dyn Source>,
    pub(super) sink: Box<dyn Sink>,
    pub(super) signal: Arc<Signal>,
    pub(super) progress: Arc<Progress>,
}

/// The position of a worker in the log of calls.
#[derive(Default)]
struct Position {
    /// The last row that was delivered or skipped.
    position: u64,
    /// Whether the row after `position` existed when the sink began, so that its absence is a loss.
    is_sure: bool,
    /// Whether `position` is not stored yet.
    is_unkept: bool,
    /// Lines after `position` that are being delivered. They are kept while the sink fails, so that
    /// they are delivered even if their rows are deleted.
    batch: Vec<LogLine>,
    /// Whether there may be more after the batch.
    has_more: bool,
}

/// What follows a step.
enum Next {
    /// The next step, at once.
    Step,
    /// The next step, after a short pause.
    Pace,
    /// A wait for new rows.
    Wait,
}

impl Worker {
    /// Ships until it is asked to stop.
    pub(super) fn run(mut self) {
        let mut place = None;
        while !self.signal.is_stopping() {
            match self.step(&mut place) {
                Ok(Next::Step) => {}
                Ok(Next::Pace) => {
                    self.signal.pause(self.limits.pace);
                }
                Ok(Next::Wait) => self.signal.wait_for_rows(self.limits.idle),
                // A sink that was asked to give up has not failed.
                Err(_) if self.signal.is_stopping() => {}
                Err(failure) => {
                    let failures = self.progress.failed(&failure.reason);
                    let pause = self.limits.pause(failures, failure.is_refusal);
                    self.signal.pause(pause);
                }
            }
        }
        if let Some(place) = place.as_mut().filter(|place| place.is_unkept)
            && let Err(failure) = self.store_cursor(place)
        {
            tracing::warn!("{}: {}", self.progress, failure.reason);
        }
    }

    fn step(&mut self, place: &mut Option<Position>) -> Result<Next, Failure> {
        let place = match place {
            Some(place) => place,
            None => place.insert(self.begin()?),
        };
        if place.is_unkept {
            self.store_cursor(place)?;
        }
        if place.batch.is_empty() {
            self.read_batch(place)?;
        }
        if place.batch.is_empty() {
            self.progress.recovered();
            self.progress.caught_up();
            return Ok(Next::Wait);
        }
        let result = self.sink.deliver(&place.batch, &self.signal);
        let count = match &result {
            Ok(()) => place.batch.len(),
            Err(failure) => failure.delivered.min(place.batch.len()),
        };
        self.advance(place, count);
        result?;
        self.store_cursor(place)?;
        self.progress.recovered();
        Ok(if place.has_more {
            Next::Step
        } else {
            Next::Pace
        })
    }

    /// Where the sink begins. A new one stores its cursor at once, so that it ships what comes from
    /// now on even after a restart.
    fn begin(&self) -> Result<Position, Failure> {
        let kept = self.source.cursor(&self.name).map_err(unreadable)?;
        let (oldest, newest) = self.source.ends().map_err(unreadable)?;
        let position = kept.unwrap_or(match self.from {
            Begin::Now => newest,
            Begin::Beginning => oldest.saturating_sub(1),
        });
        let mut place = Position {
            position,
            is_sure: position > 0 || oldest == 1,
            ..Position::default()
        };
        if kept.is_none() {
            self.store_cursor(&mut place)?;
        }
        self.progress.at(position);
        Ok(place)
    }

    fn read_batch(&self, place: &mut Position) -> Result<(), Failure> {
        let mut lines = self
            .source
            .after(place.position, BATCH_LINES)
            .map_err(unreadable)?;
        let Some(first) = lines.first().map(|line| line.id) else {
            return self.look_back(place);
        };
        let next = place.position.saturating_add(1);
        if first > next {
            if place.is_sure {
                // Read after the lines, so that a deletion in between is noticed. A row that is
                // missing between others was removed on purpose.
                let (oldest, _) = self.source.ends().map_err(unreadable)?;
                let gone = oldest.min(first).saturating_sub(next);
                if gone > 0 {
                    self.progress.skipped(gone);
                }
            }
            place.position = first.saturating_sub(1);
            self.progress.at(place.position);
        }
        place.is_sure = true;
        place.has_more = lines.len() >= BATCH_LINES;
        let fitting = fitting(&lines);
        if fitting < lines.len() {
            lines.truncate(fitting);
            place.has_more = true;
        }
        place.batch = lines;
        Ok(())
    }

    /// There is nothing after the position. If the log ends before it, rows were removed at its
    /// end, or it is another log.
    fn look_back(&self, place: &mut Position) -> Result<(), Failure> {
        let (_, newest) = self.source.ends().map_err(unreadable)?;
        if newest > 0 && newest < place.position {
            tracing::info!(
                "{}: the calls' log ends at row {newest}, and row {} was shipped; it continues after row {newest}",
                self.progress,
                place.position
            );
            place.position = newest;
            self.progress.at(newest);
            self.store_cursor(place)?;
        }
        Ok(())
    }

    fn advance(&self, place: &mut Position, count: usize) {
        let Some(last) = count
            .checked_sub(1)
            .and_then(|index| place.batch.get(index))
        else {
            return;
        };
        place.position = last.id;
        place.is_unkept = true;
        place.batch.drain(..count);
        self.progress.at(place.position);
        self.progress.delivered(count as u64);
    }

    fn store_cursor(&self, place: &mut Position) -> Result<(), Failure> {
        place.is_unkept = true;
        self.source
            .keep_cursor(&self.name, place.position)
            .map_err(|reason| {
                Failure::new(format!(
                    "what was shipped cannot be remembered, so nothing more is: {reason}"
                ))
            })?;
        place.is_unkept = false;
        Ok(())
    }
}

fn unreadable(reason: impl Display) -> Failure {
    Failure::new(format!("the calls' log cannot be read: {reason}"))
}

/// The number of lines that fit into a batch; at least 1.
fn fitting(lines: &[LogLine]) -> usize {
    let mut bytes = 0_usize;
    lines
        .iter()
        .take_while(|line| {
            let is_first = bytes == 0;
            bytes = bytes.saturating_add(line.json.len() + 1);
            is_first || bytes <= BATCH_BYTES
        })
        .count()
}

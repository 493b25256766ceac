//! Plays a script frame by frame: sounds, music, waiting for the peer to speak. It has no clock:
//! each requested frame is 20 ms.

use std::collections::VecDeque;
use std::time::Duration;

use super::FRAME_TIME;
use super::law::Law;
use super::level::Hearing;
use super::sound::Sound;

/// A step of a script.
#[derive(Clone, Debug)]
pub enum Step {
    /// A sound, once.
    Play(Sound),
    /// A sound in a loop; the next step follows only after an interruption.
    Hold(Sound),
    /// Silence.
    Wait(Duration),
    /// Silence until the peer has spoken and then paused.
    Listen {
        /// Length of the pause.
        pause: Duration,
        /// Maximum wait, whether the peer speaks or not.
        at_most: Duration,
    },
}

/// A frame of G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether it starts sound after silence.
    pub is_start: bool,
}

/// Plays a script.
#[derive(Clone, Debug)]
pub struct Player {
    script: VecDeque<Step>,
    /// Whether a finished step is appended to the script.
    is_repeated: bool,
    ends_by_digit: bool,
    /// Frames left; `None` if unlimited.
    left: Option<u64>,
    /// Frames of the first step already played.
    done: usize,
    /// The peer has spoken while this step waited for it.
    has_heard: bool,
    was_silent: bool,
}

impl Player {
    /// Plays a script.
    pub fn new(script: impl IntoIterator<Item = Step>) -> Self {
        Self {
            script: script.into_iter().collect(),
            is_repeated: false,
            ends_by_digit: false,
            left: None,
            done: 0,
            has_heard: false,
            was_silent: true,
        }
    }

    /// Repeats the script at its end.
    #[must_use]
    pub fn repeated(mut self) -> Self {
        self.is_repeated = true;
        self
    }

    /// Ends after a time, at any step.
    #[must_use]
    pub fn stop_after(mut self, time: Duration) -> Self {
        self.left = Some(frames(time));
        self
    }

    /// Ends when the peer sends a digit.
    #[must_use]
    pub fn ends_by_digit(mut self) -> Self {
        self.ends_by_digit = true;
        self
    }

    /// Processes a digit of the peer; returns whether it ends the player.
    pub fn digit(&mut self) -> bool {
        if self.ends_by_digit {
            self.stop();
        }
        self.ends_by_digit
    }

    /// Skips the first step, whether music or a wait.
    pub fn next_step(&mut self) {
        self.done = 0;
        self.has_heard = false;
        if let Some(step) = self.script.pop_front()
            && self.is_repeated
        {
            self.script.push_back(step);
        }
    }

    /// Ends.
    pub fn stop(&mut self) {
        self.script.clear();
    }

    /// Whether everything has been played.
    pub fn is_over(&self) -> bool {
        self.left == Some(0) || self.script.is_empty()
    }

    /// Skips frames that cannot be sent.
    pub fn skip(&mut self, frames: u64, hearing: Hearing) {
        for _ in 0..frames {
            if self.next_frame(Law::A, hearing).is_none() {
                break;
            }
        }
    }

    /// The next frame; `None` at the end.
    pub fn next_frame(&mut self, law: Law, hearing: Hearing) -> Option<Frame<'_>> {
        // A step of length 0 takes no frame, and a script of only such steps must not loop for
        // ever.
        let mut empty_steps = self.script.len();
        while !self.is_over() {
            if self.is_done(hearing) {
                self.next_step();
                empty_steps = empty_steps.checked_sub(1)?;
                continue;
            }
            return self.frame(law);
        }
        None
    }

    /// Whether the first step is finished. Speech counts from its second frame on.
    fn is_done(&mut self, hearing: Hearing) -> bool {
        match self.script.front() {
            None => false,
            Some(Step::Play(sound)) => self.done >= sound.frames(),
            Some(Step::Hold(sound)) => sound.frames() == 0,
            Some(Step::Wait(time)) => self.done as u64 >= frames(*time),
            Some(Step::Listen { pause, at_most }) => {
                self.has_heard |= hearing.is_talking;
                let has_paused = self.has_heard && hearing.quiet_for >= *pause;
                has_paused || self.done as u64 >= frames(*at_most)
            }
        }
    }

    /// The next frame of the first step.
    fn frame(&mut self, law: Law) -> Option<Frame<'_>> {
        self.left = self.left.map(|left| left.saturating_sub(1));
        let place = self.done;
        self.done = self.done.saturating_add(1);
        let (sound, place) = match self.script.front()? {
            Step::Play(sound) => (Some(sound), place),
            Step::Hold(sound) => (Some(sound), place.checked_rem(sound.frames())?),
            Step::Wait(_) | Step::Listen { .. } => (None, place),
        };
        let is_start = self.was_silent && sound.is_some();
        self.was_silent = sound.is_none();
        let bytes = match sound {
            Some(sound) => sound.frame(law, place)?,
            None => law.silent_frame(),
        };
        Some(Frame { bytes, is_start })
    }
}

/// Number of frames in a time, rounded up.
fn frames(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(FRAME_TIME.as_nanos())).unwrap_or(u64::MAX)
}

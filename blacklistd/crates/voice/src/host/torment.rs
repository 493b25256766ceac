//! Holding a caller on the line.

use std::time::Duration;

use super::line::{Gone, Line, LineEvent};
use super::plan::Refusal;
use crate::media::player::{Player, Step};
use crate::media::sound::Sound;

/// Pause of the caller before the next phrase.
const PAUSE: Duration = Duration::from_millis(1200);
/// How long a phrase waits for a silent caller.
const AT_MOST: Duration = Duration::from_secs(12);

/// What a caller hears.
pub(super) enum HoldSounds {
    /// Music in a loop.
    Music(Sound),
    /// Phrases, each of which waits until the caller has spoken and paused.
    Phrases(Vec<Sound>),
}

impl HoldSounds {
    fn player(self) -> Player {
        match self {
            Self::Music(sound) => Player::new([Step::Hold(sound)]),
            Self::Phrases(sounds) => {
                let listen = Step::Listen {
                    pause: PAUSE,
                    at_most: AT_MOST,
                };
                let steps = sounds
                    .into_iter()
                    .flat_map(|sound| [Step::Play(sound), listen.clone()]);
                Player::new(steps).repeated()
            }
        }
    }
}

/// Holds a caller for a time, by its own clock, whether or not media can be sent; then ends the
/// call.
pub(super) async fn run(
    mut line: Line,
    hold_sounds: HoldSounds,
    length: Duration,
    refusal: &Refusal,
) -> Result<(), Gone> {
    line.media.play(hold_sounds.player()).map_err(|_| Gone)?;
    let end = tokio::time::sleep(length);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            happened = line.next() => match happened? {
                // Keys are ignored.
                LineEvent::Digit(_) => {}
                LineEvent::Said => break,
            },
        }
    }
    line.close(refusal).await;
    Ok(())
}

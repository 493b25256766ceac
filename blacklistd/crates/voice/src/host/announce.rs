//! An announcement, then the end.

use super::line::{Gone, Line};
use super::plan::Refusal;
use crate::media::sound::Sound;

/// Says something, and ends the call.
pub(super) async fn run(mut line: Line, sound: Sound, refusal: &Refusal) -> Result<(), Gone> {
    line.say_all(sound).await?;
    line.close(refusal).await;
    Ok(())
}

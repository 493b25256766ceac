use super::line::{Gone, Line};
use super::plan::Refusal;
use crate::media::sound::Sound;

/// Plays an announcement, then ends the call.
pub(super) async fn run(mut line: Line, sound: Sound, refusal: &Refusal) -> Result<(), Gone> {
    line.say_all(sound).await?;
    line.close(refusal).await;
    Ok(())
}

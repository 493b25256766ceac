//! Asking for a PIN.

use std::time::Duration;

use super::connect;
use super::context::Context;
use super::line::{Gone, Line, LineEvent};
use super::plan::{Onward, Plan};
use super::services::{CallNote, PinAnswer};
use crate::media::prompts::Prompt;

/// How long to wait for the first key after the prompt.
const FIRST_KEY: Duration = Duration::from_secs(10);
/// How long to wait for each further key.
const NEXT_KEY: Duration = Duration::from_secs(4);
/// Maximum number of keys of a PIN.
const MOST_KEYS: usize = 12;

/// Asks for the PIN, then connects or ends the call.
pub(super) async fn run(mut line: Line, context: &Context, plan: &Plan) -> Result<(), Gone> {
    for _ in 0..context.settings.pin.tries {
        let Some(digits) = ask(&mut line, context).await? else {
            break;
        };
        let answer = check(&mut line, context, plan, digits).await?;
        context
            .services
            .record(plan.fingerprint, CallNote::Pin(answer));
        match answer {
            PinAnswer::Right => {
                grant(context, plan);
                if let Some(sound) = context.prompt(Prompt::Connecting) {
                    line.say_all(sound).await?;
                }
                return go_on(line, context, plan).await;
            }
            PinAnswer::Wrong(wait) => {
                if let Some(sound) = context.prompt(Prompt::PinWrong) {
                    line.say_all(sound).await?;
                }
                line.pause(wait).await?;
            }
            PinAnswer::Locked => {
                if let Some(sound) = context.prompt(Prompt::PinLocked) {
                    line.say_all(sound).await?;
                }
                break;
            }
            PinAnswer::NoPin => break,
        }
    }
    line.close(&plan.refusal).await;
    Ok(())
}

/// Connects the call.
async fn go_on(line: Line, context: &Context, plan: &Plan) -> Result<(), Gone> {
    match &plan.onward {
        Onward::Leg => connect::run(line, context, plan).await,
        Onward::Moved(uri) => {
            context.counters.lock().connected += 1;
            line.move_to(uri).await;
            Ok(())
        }
    }
}

/// Grants the caller further calls without a PIN, if configured.
fn grant(context: &Context, plan: &Plan) {
    let Some(lifetime) = context.settings.pin.grant else {
        return;
    };
    let (services, parties) = (context.services.clone(), plan.parties.clone());
    tokio::task::spawn_blocking(move || services.grant(&parties, lifetime));
}

/// Compares a PIN while watching the call, so that a hang-up is noticed.
async fn check(
    line: &mut Line,
    context: &Context,
    plan: &Plan,
    digits: String,
) -> Result<PinAnswer, Gone> {
    let (services, parties) = (context.services.clone(), plan.parties.clone());
    let mut answer = tokio::task::spawn_blocking(move || services.check_pin(&parties, &digits));
    loop {
        tokio::select! {
            answer = &mut answer => return Ok(answer.unwrap_or(PinAnswer::Locked)),
            happened = line.next() => { happened?; }
        }
    }
}

/// Asks once; `None` if no key is pressed.
async fn ask(line: &mut Line, context: &Context) -> Result<Option<String>, Gone> {
    // The prompt is part of the time for the first key.
    let mut wait = FIRST_KEY;
    if let Some(sound) = context.prompt(Prompt::Pin) {
        wait += sound.duration();
        line.say(sound, true)?;
    }
    let mut digits = String::new();
    loop {
        let key = next_key(line, wait).await?;
        wait = NEXT_KEY;
        match key {
            Some(key @ '0'..='9') => digits.push(key),
            Some('#') | None => break,
            // Other keys start the input again.
            Some(_) => digits.clear(),
        }
        if digits.len() >= MOST_KEYS {
            break;
        }
    }
    Ok((!digits.is_empty()).then_some(digits))
}

/// The next key; `None` if there is none in time.
async fn next_key(line: &mut Line, wait: Duration) -> Result<Option<char>, Gone> {
    let limit = tokio::time::sleep(wait);
    tokio::pin!(limit);
    loop {
        tokio::select! {
            () = &mut limit => return Ok(None),
            happened = line.next() => if let LineEvent::Digit(key) = happened? {
                return Ok(Some(key));
            },
        }
    }
}

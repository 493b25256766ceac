//! Redirects a call through a second leg; media flows directly between the two parties.

use std::time::Duration;

use super::connect::{Begun, begin};
use super::context::Context;
use super::line::Gone;
use super::plan::Plan;
use super::services::CallNote;
use super::settings::{Fallback, TargetSettings};
use crate::dialog::{
    CallEvent, DialogEnded, InboundCall, LegEvent, LegOrder, OutboundLeg, Renegotiation, Target,
};

/// How long a request may stay unanswered (RFC 3261, timer C).
const SILENCE: Duration = Duration::from_secs(180);

/// The result of a leg.
enum Tried {
    /// It was answered.
    Answered,
    /// It was rejected by a target that is up.
    Refused(u16),
    /// The target is down.
    Down,
}

/// Tries the addresses of a target in order.
pub(super) async fn run(
    mut call: InboundCall,
    context: &Context,
    plan: &Plan,
    target: &TargetSettings,
) -> Result<(), Gone> {
    if call.offer().is_empty() {
        // The target's offer would have to be answered in the caller's ACK, but the library sends
        // its own ACK at once.
        call.refuse(488, "", None).await;
        return Ok(());
    }
    for address in &target.addresses {
        let Some(mut begun) = reach(&call, context, plan, address).await else {
            continue;
        };
        let end = context.begin_leg(&begun.call_id, begun.local);
        let tried = wait(&mut call, &mut begun.leg, target).await;
        match tried {
            Err(Gone) => {
                begun.leg.hang_up().await;
                return Err(Gone);
            }
            Ok(Tried::Down) => begun.leg.hang_up().await,
            Ok(Tried::Refused(status)) => {
                context
                    .services
                    .record(plan.fingerprint, CallNote::Status(status));
                call.refuse(status, "", None).await;
                return Ok(());
            }
            Ok(Tried::Answered) => {
                context
                    .services
                    .record(plan.fingerprint, CallNote::Status(200));
                talk(&mut call, &mut begun.leg).await;
                tokio::join!(call.hang_up(), begun.leg.hang_up());
                drop(end);
                return Ok(());
            }
        }
    }
    match target.fallback {
        Fallback::Reject => {
            let refusal = plan.refusal.clone();
            context
                .services
                .record(plan.fingerprint, CallNote::Status(refusal.status));
            call.refuse(refusal.status, &refusal.phrase, refusal.reason)
                .await;
        }
        Fallback::Drop => keep_silent(call).await,
    }
    Ok(())
}

/// Sends nothing until the caller gives up, or for as long as a proxy would wait.
async fn keep_silent(mut call: InboundCall) {
    let limit = tokio::time::sleep(SILENCE);
    tokio::pin!(limit);
    loop {
        tokio::select! {
            () = &mut limit => break,
            event = call.event() => if matches!(event, CallEvent::Ended(_)) {
                return;
            },
        }
    }
    call.refuse(408, "", None).await;
}

async fn reach(
    call: &InboundCall,
    context: &Context,
    plan: &Plan,
    address: &Target,
) -> Option<Begun> {
    let destination = address.resolve().await.ok()?;
    let local = context.local_for(destination, plan.local.ip())?;
    let offer = call.offer().to_vec();
    let mut order = LegOrder::for_call(
        call,
        Some(address.clone()),
        destination,
        offer,
        context.call_id()?,
    );
    order.headers.clone_from(&plan.headers);
    begin(context, local, order).await
}

/// Waits until a leg is answered or rejected, and passes on its progress.
async fn wait(
    call: &mut InboundCall,
    leg: &mut OutboundLeg,
    target: &TargetSettings,
) -> Result<Tried, Gone> {
    let limit = tokio::time::sleep(target.answer_within);
    tokio::pin!(limit);
    let mut is_there = false;
    loop {
        let event = tokio::select! {
            () = &mut limit, if !is_there => return Ok(Tried::Down),
            event = leg.event() => event,
            event = call.event() => match event {
                CallEvent::Ended(_) => return Err(Gone),
                _ => continue,
            },
        };
        match event {
            LegEvent::Progress(body) => {
                is_there = true;
                let said = if body.is_empty() {
                    call.ring()
                } else {
                    call.progress(body)
                };
                said.map_err(|DialogEnded| Gone)?;
            }
            LegEvent::Answered(body) => {
                call.answer(body).map_err(|DialogEnded| Gone)?;
                return Ok(Tried::Answered);
            }
            // The target is up and rejects the call; another address would not help.
            LegEvent::Refused(status @ (400..=407 | 409..=499 | 600..=699)) => {
                return Ok(Tried::Refused(status));
            }
            LegEvent::Refused(_) => return Ok(Tried::Down),
            LegEvent::Call(_) => {}
        }
    }
}

/// Relays renegotiations until one side hangs up.
async fn talk(call: &mut InboundCall, leg: &mut OutboundLeg) {
    loop {
        tokio::select! {
            event = call.event() => match event {
                CallEvent::Ended(_) => return,
                CallEvent::Renegotiate(wish) => {
                    let offer = wish.offer.clone();
                    answer(wish, leg.reinvite(offer).await).await;
                }
                CallEvent::Acknowledged(_) | CallEvent::Info(_) => {}
            },
            event = leg.event() => match event {
                LegEvent::Call(CallEvent::Ended(_)) => return,
                LegEvent::Call(CallEvent::Renegotiate(wish)) => {
                    let offer = wish.offer.clone();
                    answer(wish, call.reinvite(offer).await).await;
                }
                _ => {}
            },
        }
    }
}

async fn answer(wish: Renegotiation, answered: Result<Option<Vec<u8>>, DialogEnded>) {
    match answered {
        Ok(Some(description)) => wish.accept(description).await,
        Ok(None) | Err(DialogEnded) => wish.refuse(488).await,
    }
}

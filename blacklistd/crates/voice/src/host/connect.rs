//! Connects a call through a second leg, and relays media.

use std::net::SocketAddr;

use super::context::Context;
use super::line::{Description, Gone, Line, Trust};
use super::plan::{Plan, Refusal};
use crate::dialog::{CallEvent, InboundCall, LegEvent, LegOrder, OutboundLeg, Renegotiation};
use crate::media::law::Law;
use crate::media::prompts::Prompt;
use crate::media::rtp::{Port, Relay, SessionSettings, Side};
use crate::media::sdp::{Offer, make_offer_of, read_answer};

/// Status if the destination cannot be reached.
const UNREACHABLE: u16 = 480;

/// One side of a connected call.
struct Half {
    side: Side,
    description: Description,
    settings: SessionSettings,
    /// `None` for the outbound leg, whose side is trusted like the proxy.
    trust: Option<Trust>,
}

impl Half {
    fn trusted(&self, settings: SessionSettings) -> SessionSettings {
        match self.trust {
            Some(trust) => SessionSettings {
                // What the ACK has proven is still valid for the same address.
                may_send_first: self.settings.may_send_first
                    || settings.remote == self.settings.remote,
                ..trust.apply(settings)
            },
            None => SessionSettings {
                may_send_first: true,
                ..settings
            },
        }
    }

    /// Answers a new session description; the codec stays, as the other side uses it too.
    async fn renegotiate(&mut self, wish: Renegotiation, relay: &Relay) {
        if wish.offer.is_empty() {
            let offer = make_offer_of(self.description.next(), self.settings.law);
            wish.accept(offer).await;
            return;
        }
        match Offer::read(&wish.offer) {
            Ok(offer) if offer.audio().law == self.settings.law => {
                self.settings = self.trusted(SessionSettings::of_offer(offer.audio()));
                relay.renegotiate(self.side, self.settings.clone());
                let answer = offer.answer(self.description.next());
                wish.accept(answer).await;
            }
            _ => wish.refuse(488).await,
        }
    }
}

/// Calls the caller's destination and relays everything.
pub(super) async fn run(line: Line, context: &Context, plan: &Plan) -> Result<(), Gone> {
    let refusal = unreachable(plan);
    let Some((leg, description, port)) = start(&line, context, plan).await else {
        return give_up(line, context, &refusal).await;
    };
    let end = context.begin_leg(&leg.call_id, leg.local);
    let mut outbound = leg.leg;
    let mut line = line;
    let settings = loop {
        tokio::select! {
            event = outbound.event() => match event {
                // Until the answer, the caller hears nothing, or the ringing tone of its own side.
                LegEvent::Progress(_) if !line.is_answered => {
                    let _ = line.call.ring();
                }
                LegEvent::Progress(_) | LegEvent::Call(_) => {}
                LegEvent::Answered(body) => match read_answer(&body) {
                    Ok(answer) if answer.audio.law == line.settings.law => {
                        break SessionSettings::of_answer(&answer);
                    }
                    _ => {
                        outbound.hang_up().await;
                        return give_up(line, context, &refusal).await;
                    }
                },
                LegEvent::Refused(status) => {
                    let refusal = Refusal { status, ..refusal };
                    return give_up(line, context, &refusal).await;
                }
            },
            happened = line.next() => if happened.is_err() {
                outbound.hang_up().await;
                return Err(Gone);
            },
        }
    };
    line.accept().map_err(|_| Gone)?;
    context.counters.lock().connected += 1;
    let called = Half {
        side: Side::Called,
        description,
        settings: SessionSettings {
            may_send_first: true,
            ..settings
        },
        trust: None,
    };
    let result = pass_on(line, outbound, called, port).await;
    drop(end);
    result
}

/// The refusal of a call that cannot be connected.
fn unreachable(plan: &Plan) -> Refusal {
    Refusal {
        status: UNREACHABLE,
        phrase: String::new(),
        reason: plan.refusal.reason.clone(),
    }
}

async fn give_up(mut line: Line, context: &Context, refusal: &Refusal) -> Result<(), Gone> {
    if let Some(sound) = context.prompt(Prompt::Error) {
        line.say_all(sound).await?;
    }
    line.close(refusal).await;
    Ok(())
}

/// A leg that was started.
pub(super) struct Begun {
    pub(super) leg: OutboundLeg,
    pub(super) call_id: String,
    pub(super) local: SocketAddr,
}

async fn start(line: &Line, context: &Context, plan: &Plan) -> Option<(Begun, Description, Port)> {
    let proxy = context.settings.pin.proxy.clone();
    let destination = match &proxy {
        Some(proxy) => proxy.resolve().await.ok()?,
        None => plan.local,
    };
    let local = context.local_for(destination, plan.local.ip())?;
    let port = context.media_port(local.ip())?;
    let description = Description::new(SocketAddr::new(local.ip(), port.number()))?;
    let law: Law = line.settings.law;
    let offer = make_offer_of(description.get(), law);
    let order = LegOrder::for_call(&line.call, None, destination, offer, context.call_id()?);
    let leg = begin(context, local, order).await?;
    Some((leg, description, port))
}

/// Starts a leg from a local address.
pub(super) async fn begin(context: &Context, local: SocketAddr, order: LegOrder) -> Option<Begun> {
    let call_id = order.call_id.clone();
    let endpoint = context.endpoint(local).await?;
    let leg = endpoint.call(order).ok()?;
    Some(Begun {
        leg,
        call_id,
        local,
    })
}

/// Relays media until one side hangs up, then ends the other.
async fn pass_on(
    line: Line,
    mut leg: OutboundLeg,
    mut called: Half,
    port: Port,
) -> Result<(), Gone> {
    let Line {
        mut call,
        media,
        description,
        settings,
        trust,
        ..
    } = line;
    let Ok(own_port) = media.stop().await else {
        tokio::join!(call.hang_up(), leg.hang_up());
        return Err(Gone);
    };
    let mut caller = Half {
        side: Side::Caller,
        description,
        settings,
        trust: Some(trust),
    };
    let mut relay = Relay::start(
        (own_port, caller.settings.clone()),
        (port, called.settings.clone()),
    );
    talk(&mut call, &mut leg, &mut caller, &mut called, &mut relay).await;
    drop(relay);
    tokio::join!(call.hang_up(), leg.hang_up());
    Ok(())
}

/// Waits until one side hangs up, or no media arrives from either.
async fn talk(
    call: &mut InboundCall,
    leg: &mut OutboundLeg,
    caller: &mut Half,
    called: &mut Half,
    relay: &mut Relay,
) {
    loop {
        tokio::select! {
            event = call.event() => match event {
                CallEvent::Ended(_) => return,
                CallEvent::Renegotiate(wish) => caller.renegotiate(wish, relay).await,
                CallEvent::Acknowledged(_) => {
                    caller.settings.may_send_first = true;
                    relay.renegotiate(Side::Caller, caller.settings.clone());
                }
                CallEvent::Info(_) => {}
            },
            event = leg.event() => match event {
                LegEvent::Call(CallEvent::Ended(_)) => return,
                LegEvent::Call(CallEvent::Renegotiate(wish)) => called.renegotiate(wish, relay).await,
                _ => {}
            },
            () = relay.ended() => return,
        }
    }
}

//! All calls in progress: which are accepted, and which messages belong to them.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::context::{Context, MediaPorts, OnLine};
use super::figures::Counters;
use super::line::{Line, NotOpened};
use super::live::{Belongs, Live};
use super::plan::{Onward, Plan, Treatment};
use super::services::{CallNote, CallServices};
use super::settings::HostSettings;
use super::torment::{self, HoldSounds};
use super::torment_limits::TormentLimits;
use super::{announce, pin, redirect};
use crate::dialog::{Endpoint, InboundCall, RequestName, Transmit};
use crate::media::prompts::{Prompt, Prompts};
use blacklist_figures::HostFigures;
use blacklist_system::Moment;

/// Maximum number of local addresses at which calls are answered.
const MOST_ENDPOINTS: usize = 64;
/// Time for ending all calls.
const FAREWELL: Duration = Duration::from_millis(300);
/// Time in which an accepted call has to reach its dialog.
const ARRIVES_WITHIN: Duration = Duration::from_secs(5);

/// Why a call is rejected with a status at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// The media host is disabled.
    Off,
    /// Its request is not usable.
    Unreadable,
    /// There are too many calls.
    Full,
    /// The limits of holding callers are reached.
    Held,
}

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It belongs to no call in progress.
    NotOurs,
    /// It was delivered to its call.
    Delivered,
    /// Its call sends too many.
    Flooded,
}

/// An accepted call that has not reached its dialog.
struct Expected {
    plan: Plan,
    since: Moment,
}

/// The state shared by all calls.
pub(super) struct HostState {
    runtime: Handle,
    services: Arc<dyn CallServices>,
    settings: Mutex<Arc<HostSettings>>,
    prompts: Mutex<Arc<Prompts>>,
    endpoints: Mutex<HashMap<SocketAddr, Arc<Endpoint>>>,
    expected: Mutex<HashMap<(String, String), Expected>>,
    limits: Mutex<TormentLimits>,
    /// Changes when all calls have to end.
    ending: watch::Sender<u64>,
    live: Arc<Live>,
    ports: Arc<MediaPorts>,
    counters: Arc<Counters>,
}

/// The media host. Copies share everything.
#[derive(Clone)]
pub struct Host(Arc<HostState>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends only to configured trunks and to the peers of calls in progress, so that a stranger's Via
/// or Contact cannot direct calls at a third party.
struct Guarded {
    transmit: Arc<dyn Transmit>,
    live: Arc<Live>,
    services: Arc<dyn CallServices>,
}

impl Transmit for Guarded {
    fn transmit(&self, text: &[u8], to: SocketAddr) -> io::Result<()> {
        let address = to.ip().to_canonical();
        if !self.services.is_trunk(address) && !self.live.has_peer(address) {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        self.transmit.transmit(text, to)
    }
}

impl HostState {
    /// The endpoint of an address; created if there is none. Boxed, because its calls may request
    /// further endpoints.
    pub(super) fn endpoint(
        self: Arc<Self>,
        local: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Option<Arc<Endpoint>>> + Send>> {
        Box::pin(self.find_endpoint(local))
    }

    async fn find_endpoint(self: Arc<Self>, local: SocketAddr) -> Option<Arc<Endpoint>> {
        if let Some(endpoint) = lock(&self.endpoints).get(&local) {
            return Some(endpoint.clone());
        }
        let transmit = self.services.transmit(local)?;
        let is_leg = local.port() == lock(&self.settings).leg_port;
        let transmit: Arc<dyn Transmit> = if is_leg {
            transmit
        } else {
            Arc::new(Guarded {
                transmit,
                live: self.live.clone(),
                services: self.services.clone(),
            })
        };
        let (endpoint, calls) = Endpoint::start(local, transmit).await.ok()?;
        let endpoint = Arc::new(endpoint);
        {
            let mut endpoints = lock(&self.endpoints);
            // Another task was faster.
            if let Some(endpoint) = endpoints.get(&local) {
                return Some(endpoint.clone());
            }
            if endpoints.len() >= MOST_ENDPOINTS {
                return None;
            }
            endpoints.insert(local, endpoint.clone());
        }
        tokio::spawn(welcome(Arc::downgrade(&self), calls));
        Some(endpoint)
    }

    fn context(self: &Arc<Self>) -> Context {
        Context {
            settings: lock(&self.settings).clone(),
            prompts: lock(&self.prompts).clone(),
            services: self.services.clone(),
            counters: self.counters.clone(),
            live: self.live.clone(),
            ports: self.ports.clone(),
            host: Arc::downgrade(self),
        }
    }

    /// Reserves the time for holding a caller, or says why not.
    fn reserve(&self, plan: &mut Plan, settings: &HostSettings) -> Result<(), NotAccepted> {
        if let Treatment::Torment { length, .. } = &mut plan.treatment {
            let caller = plan.parties.remote_number;
            *length = lock(&self.limits)
                .reserve(&settings.torment, caller, *length, self.services.now())
                .map_err(|_| NotAccepted::Held)?;
        }
        Ok(())
    }

    /// Returns the unused part of the reserved time.
    fn release(&self, plan: &Plan, used: Duration) {
        if let Treatment::Torment { length, .. } = &plan.treatment {
            let unused = length.saturating_sub(used);
            lock(&self.limits).give_back(plan.parties.remote_number, unused);
        }
    }
}

/// Starts the plan of each call that arrives at an endpoint.
async fn welcome(host: std::sync::Weak<HostState>, mut calls: mpsc::Receiver<InboundCall>) {
    while let Some(call) = calls.recv().await {
        let Some(host) = host.upgrade() else {
            return;
        };
        let key = (call.call_id(), call.branch());
        // Dropping an unexpected call rejects it.
        if let Some(expected) = lock(&host.expected).remove(&key) {
            tokio::spawn(treat(host.clone(), call, expected.plan));
        }
    }
}

/// Handles a call until its end.
async fn treat(host: Arc<HostState>, call: InboundCall, plan: Plan) {
    let context = host.context();
    let _on_line = OnLine {
        live: host.live.clone(),
        services: host.services.clone(),
        call_id: call.call_id(),
    };
    host.counters.begin(&plan.treatment);
    let begun = Moment::now();
    let mut ending = host.ending.subscribe();
    let used = tokio::select! {
        used = whole(&context, call, &plan) => used,
        // Dropping the dialogs hangs up both sides.
        _ = ending.changed() => begun.elapsed(),
    };
    let end = CallNote::Ended {
        time: used,
        is_held: matches!(plan.treatment, Treatment::Torment { .. }) && !used.is_zero(),
    };
    host.services.record(plan.fingerprint, end);
    host.release(&plan, used);
}

/// Handles a call; returns how long it was connected.
async fn whole(context: &Context, call: InboundCall, plan: &Plan) -> Duration {
    match &plan.treatment {
        Treatment::Redirect(target) => {
            let begun = Moment::now();
            // The call is over as well if the caller has gone.
            let _ = redirect::run(call, context, plan, target).await;
            begun.elapsed()
        }
        Treatment::Announce(_) | Treatment::Torment { .. } | Treatment::Pin => {
            with_media(context, call, plan).await
        }
    }
}

/// Handles a call with media; returns how long it was connected after its answer.
async fn with_media(context: &Context, call: InboundCall, plan: &Plan) -> Duration {
    let settings = &context.settings;
    if matches!(plan.onward, Onward::Moved(_)) && call.offer().is_empty() {
        // It would have to be answered to be heard, and an answered call cannot be redirected.
        return refuse(context, call, plan, 488).await;
    }
    let early = match plan.treatment {
        Treatment::Pin => settings.pin.early,
        Treatment::Torment { .. } => false,
        _ => settings.early,
    };
    let Some(port) = context.media_port(plan.local.ip()) else {
        context.counters.lock().refused_instead += 1;
        return refuse(context, call, plan, 503).await;
    };
    let line = match Line::open(call, port, plan, context.services.clone(), early) {
        Ok(line) => line,
        Err(error) => {
            let (call, NotOpened(status)) = *error;
            return refuse(context, call, plan, status).await;
        }
    };
    let begun = Moment::now();
    let refusal = &plan.refusal;
    // The call is over as well if the caller has gone.
    let _ = match &plan.treatment {
        Treatment::Announce(sound) => announce::run(line, sound.clone(), refusal).await,
        Treatment::Torment {
            is_interactive,
            length,
        } => {
            let hold_sounds = hold_sounds(context, *is_interactive);
            torment::run(line, hold_sounds, *length, refusal).await
        }
        Treatment::Pin => pin::run(line, context, plan).await,
        Treatment::Redirect(_) => Ok(()),
    };
    let used = begun.elapsed();
    if matches!(plan.treatment, Treatment::Torment { .. }) {
        context.counters.held(used);
    }
    used
}

async fn refuse(context: &Context, call: InboundCall, plan: &Plan, status: u16) -> Duration {
    context
        .services
        .record(plan.fingerprint, CallNote::Status(status));
    call.refuse(status, "", None).await;
    Duration::ZERO
}

fn hold_sounds(context: &Context, is_interactive: bool) -> HoldSounds {
    let phrases: Vec<_> = if is_interactive {
        let prompts = Prompt::TORMENT.into_iter();
        prompts
            .filter_map(|prompt| context.prompt(prompt))
            .collect()
    } else {
        Vec::new()
    };
    match context.prompt(Prompt::Hold) {
        Some(music) if phrases.is_empty() => HoldSounds::Music(music),
        _ => HoldSounds::Phrases(phrases),
    }
}

impl Host {
    /// A host without calls.
    pub fn new(runtime: Handle, services: Arc<dyn CallServices>, settings: HostSettings) -> Self {
        let prompts = Arc::new(Prompts::new(settings.prompts.clone()));
        Self(Arc::new(HostState {
            runtime,
            services,
            settings: Mutex::new(Arc::new(settings)),
            prompts: Mutex::new(prompts),
            endpoints: Mutex::default(),
            expected: Mutex::default(),
            limits: Mutex::default(),
            ending: watch::Sender::new(0),
            live: Arc::default(),
            ports: Arc::default(),
            counters: Arc::default(),
        }))
    }

    /// Changes the settings; calls in progress keep theirs.
    pub fn configure(&self, settings: HostSettings) {
        *lock(&self.0.prompts) = Arc::new(Prompts::new(settings.prompts.clone()));
        let before = std::mem::replace(&mut *lock(&self.0.settings), Arc::new(settings));
        if before.ports != lock(&self.0.settings).ports {
            self.0.ports.clear();
        }
    }

    /// Ends all calls, before the daemon ends or its sockets change. Both sides are notified,
    /// without waiting for their responses. Blocks.
    pub fn hang_up_all(&self) {
        if self.0.live.count() > 0 {
            self.0.ending.send_modify(|count| *count += 1);
            std::thread::sleep(FAREWELL);
        }
        lock(&self.0.endpoints).clear();
        lock(&self.0.expected).clear();
    }

    /// The prompts in use.
    pub fn prompts(&self) -> Arc<Prompts> {
        lock(&self.0.prompts).clone()
    }

    /// The settings in use.
    pub fn settings(&self) -> Arc<HostSettings> {
        lock(&self.0.settings).clone()
    }

    /// Accepts a call. Blocks while an endpoint starts; must not be called within a runtime.
    ///
    /// # Errors
    /// The call has to be rejected with a status.
    pub fn accept(&self, text: &[u8], mut plan: Plan) -> Result<(), NotAccepted> {
        let taken = self.try_accept(text, &mut plan);
        if taken.is_err() {
            self.0.counters.lock().refused_instead += 1;
        }
        taken
    }

    fn try_accept(&self, text: &[u8], plan: &mut Plan) -> Result<(), NotAccepted> {
        let host = &self.0;
        let settings = self.settings();
        if !settings.enabled {
            return Err(NotAccepted::Off);
        }
        let RequestName { call_id, branch } =
            crate::dialog::read_name(text).ok_or(NotAccepted::Unreadable)?;
        if host.live.count() >= settings.maximum_calls as usize {
            return Err(NotAccepted::Full);
        }
        let (local, source) = (plan.local, plan.source);
        let endpoint = host.runtime.block_on(host.clone().endpoint(local));
        let endpoint = endpoint.ok_or(NotAccepted::Full)?;
        host.reserve(plan, &settings)?;
        let now = host.services.now();
        let fingerprint = Some(plan.fingerprint);
        let name = (call_id.as_str(), branch.as_str());
        let peer = source.ip().to_canonical();
        if !host.live.begin(name, local, peer, fingerprint, now) {
            host.release(plan, Duration::ZERO);
            return Err(NotAccepted::Full);
        }
        let expected = Expected {
            plan: plan.clone(),
            since: now,
        };
        let key = (call_id, branch);
        lock(&host.expected).insert(key.clone(), expected);
        if endpoint.deliver(text, source).is_err() {
            lock(&host.expected).remove(&key);
            host.live.end(&key.0, now);
            host.release(plan, Duration::ZERO);
            return Err(NotAccepted::Full);
        }
        Ok(())
    }

    /// Delivers a message to its call. Only a request that would begin a dialog has a `branch`.
    pub fn deliver(
        &self,
        text: &[u8],
        (call_id, branch): (&str, Option<&str>),
        source: SocketAddr,
    ) -> Delivery {
        let local = match self.0.live.belongs(call_id, branch, self.0.services.now()) {
            Belongs::No => return Delivery::NotOurs,
            Belongs::TooMany => {
                self.0.counters.lock().flooded += 1;
                return Delivery::Flooded;
            }
            Belongs::To(local) => local,
        };
        let endpoint = lock(&self.0.endpoints).get(&local).cloned();
        match endpoint.map(|endpoint| endpoint.deliver(text, source)) {
            Some(Ok(())) => Delivery::Delivered,
            _ => Delivery::Flooded,
        }
    }

    /// Forgets calls that ended long ago; returns the hashes of the Call-IDs of all others.
    pub fn prune(&self) -> Vec<u64> {
        let now = self.0.services.now();
        let mut late = Vec::new();
        lock(&self.0.expected).retain(|(call_id, _), expected| {
            let is_late = now.duration_since(expected.since) >= ARRIVES_WITHIN;
            if is_late {
                late.push((call_id.clone(), expected.plan.clone()));
            }
            !is_late
        });
        for (call_id, plan) in late {
            self.0.live.end(&call_id, now);
            self.0.release(&plan, Duration::ZERO);
        }
        self.0.live.prune(now)
    }

    /// What it has done so far.
    pub fn figures(&self) -> HostFigures {
        let mut figures = self.0.counters.lock().clone();
        figures.calls_now = self.0.live.count() as u64;
        figures
    }
}

//! What the treatment of a call has access to.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::figures::Counters;
use super::host::HostState;
use super::live::Live;
use super::services::CallServices;
use super::settings::HostSettings;
use crate::dialog::Endpoint;
use crate::media::prompts::{Prompt, Prompts};
use crate::media::rtp::{Port, Ports};
use crate::media::sound::Sound;
use blacklist_system::random;

/// Media ports by the local address that was called.
#[derive(Debug, Default)]
pub(super) struct MediaPorts(Mutex<HashMap<IpAddr, Ports>>);

impl MediaPorts {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Ports>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops all ranges; ports in use are released when they are dropped.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Binds a port at an address.
    pub(super) fn bind(&self, address: IpAddr, settings: &HostSettings) -> Option<Port> {
        let ports = {
            let mut all = self.lock();
            match all.get(&address) {
                Some(ports) => ports.clone(),
                None => {
                    let ports = Ports::new(address, settings.ports.clone()).ok()?;
                    all.insert(address, ports.clone());
                    ports
                }
            }
        };
        match ports.bind() {
            Ok(port) => Some(port),
            Err(error) => {
                tracing::warn!("a call got no media: {error}");
                None
            }
        }
    }
}

/// What the treatment of a call has access to; the settings are those at its start.
pub(super) struct Context {
    pub(super) settings: Arc<HostSettings>,
    pub(super) prompts: Arc<Prompts>,
    pub(super) services: Arc<dyn CallServices>,
    pub(super) counters: Arc<Counters>,
    pub(super) live: Arc<Live>,
    pub(super) ports: Arc<MediaPorts>,
    pub(super) host: Weak<HostState>,
}

impl Context {
    /// A prompt; `None` if the operator's file is not a sound, which was reported when it was read.
    pub(super) fn prompt(&self, prompt: Prompt) -> Option<Sound> {
        self.prompts.get(prompt, self.settings.language).ok()
    }

    /// Binds a port for media.
    pub(super) fn media_port(&self, address: IpAddr) -> Option<Port> {
        self.ports.bind(address, &self.settings)
    }

    /// The endpoint of an address.
    pub(super) async fn endpoint(&self, local: SocketAddr) -> Option<Arc<Endpoint>> {
        self.host.upgrade()?.endpoint(local).await
    }

    /// The local address of a leg to a destination: the called address if the destination is this
    /// host, otherwise the one chosen by the routing table.
    pub(super) fn local_for(&self, destination: SocketAddr, called: IpAddr) -> Option<SocketAddr> {
        let any: IpAddr = match destination {
            SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        // Nothing is sent: connecting looks up the route.
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect(destination).ok()?;
        let address = socket.local_addr().ok()?.ip();
        let is_here = address == destination.ip() && called.is_ipv4() == address.is_ipv4();
        let address = if is_here { called } else { address };
        Some(SocketAddr::new(address, self.settings.leg_port))
    }

    /// A Call-ID that cannot be guessed.
    pub(super) fn call_id(&self) -> Option<String> {
        let bytes: [u8; 16] = random::bytes().ok()?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(hex)
    }

    /// Registers a leg until the returned value is dropped.
    pub(super) fn begin_leg(&self, call_id: &str, local: SocketAddr) -> OnLine {
        let now = self.services.now();
        self.live.begin((call_id, ""), local, local.ip(), None, now);
        OnLine {
            live: self.live.clone(),
            services: self.services.clone(),
            call_id: call_id.to_owned(),
        }
    }
}

/// A registered dialog; unregistered when dropped.
pub(super) struct OnLine {
    pub(super) live: Arc<Live>,
    pub(super) services: Arc<dyn CallServices>,
    pub(super) call_id: String,
}

impl Drop for OnLine {
    fn drop(&mut self) {
        self.live.end(&self.call_id, self.services.now());
    }
}

//! The program on its interfaces: attached at the start, and again when an interface was deleted
//! and created anew.

use anyhow::bail;

use super::enforcement::Enforcement;
use super::settings::ANSWERED;
use crate::config::{Configuration, Interface};
use blacklist_kernel::XdpMode;

/// Refuses interfaces that do not exist.
pub(super) fn require_interfaces(configuration: &Configuration) -> anyhow::Result<()> {
    for interface in &configuration.interfaces {
        if !exists(&interface.name) {
            bail!(
                "there is no interface {}: `ip link` shows those of this host; correct [[interface]] in the configuration",
                interface.name
            );
        }
    }
    Ok(())
}

fn exists(name: &str) -> bool {
    nix::net::if_::if_nametoindex(name).is_ok()
}

impl Enforcement {
    /// Attaches to all interfaces.
    pub(super) fn attach_all(&mut self) -> anyhow::Result<()> {
        for interface in &self.settings.active().interfaces {
            self.attach(interface)?;
        }
        Ok(())
    }

    pub(super) fn attach(&mut self, interface: &Interface) -> anyhow::Result<()> {
        let attachment = self.kernel.attach(&interface.name, interface.xdp)?;
        match attachment.mode {
            XdpMode::Native => tracing::info!("attached to {} (native XDP)", interface.name),
            XdpMode::Generic => tracing::warn!(
                "attached to {} in generic mode, as the configuration asks: slower, and packets that the kernel has merged can hide calls",
                interface.name
            ),
        }
        Ok(())
    }

    /// Sets in the kernel which calls are answered, and lets the answers out. Where they cannot get
    /// out, none is given.
    pub(super) fn set_answers(&mut self) {
        let problem = self.try_set_answers().err().map(|error| {
            // Calls pass rather than wait for an answer that does not come.
            let none = self.kernel.set_answers(&[], 0, &[]);
            if let Err(error) = none {
                tracing::error!("{error}");
            }
            format!("calls whose rule asks for an answer are not answered: {error:#}")
        });
        self.problems.note("the way of answers", problem);
    }

    fn try_set_answers(&mut self) -> anyhow::Result<()> {
        let configuration = self.settings.active();
        let answering = &configuration.answering;
        if !answering.enabled || self.is_detached {
            self.kernel.detach_replies();
            self.kernel.set_answers(&[], 0, &[])?;
            return Ok(());
        }
        for interface in &configuration.interfaces {
            self.kernel
                .attach_replies(&interface.name, answering.reply_hook)?;
        }
        self.kernel
            .set_answers(&configuration.answer_ports(), answering.mark, &ANSWERED)?;
        Ok(())
    }

    /// Attaches again where an interface has come back; notes where there is none.
    pub(crate) fn watch_interfaces(&mut self) {
        self.kernel.flush_trace();
        if self.is_detached {
            return;
        }
        let configuration = self.settings.active();
        let attachments = self.kernel.attachments();
        let mut is_back = false;
        for interface in &configuration.interfaces {
            let alive = attachments
                .iter()
                .any(|attachment| attachment.interface == interface.name && attachment.alive);
            let subject = format!("interface {}", interface.name);
            let problem = if alive {
                None
            } else if !exists(&interface.name) {
                Some(format!(
                    "interface {} is gone: its calls are judged again as soon as it is back",
                    interface.name
                ))
            } else {
                is_back = true;
                self.attach(interface).err().map(|error| {
                    format!(
                        "calls on interface {} are not judged: {error:#}",
                        interface.name
                    )
                })
            };
            self.problems.note(&subject, problem);
        }
        if is_back {
            self.set_answers();
        }
        let strangers = attachments.iter().filter(|attachment| {
            attachment.alive
                && !configuration
                    .interfaces
                    .iter()
                    .any(|interface| interface.name == attachment.interface)
        });
        let names: Vec<&str> = strangers
            .map(|attachment| attachment.interface.as_str())
            .collect();
        let problem = (!names.is_empty()).then(|| {
            format!(
                "the program is still attached to {}, which the configuration does not name: run `blacklistd detach` and restart blacklistd",
                names.join(", ")
            )
        });
        self.problems.note("other interfaces", problem);
    }
}

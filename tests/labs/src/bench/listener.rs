//! Takes the sound of all callers at one port, speaks for them, and reckons how punctual each
//! stream was. Packets carry the time at which the kernel had them at the carrier's interface, so
//! that it does not matter when they are read here.

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};

/// Where sound goes to.
const ADDRESS: &str = "198.18.0.1:20000";
/// A frame's time, in milliseconds and in samples.
const FRAME_MILLISECONDS: f64 = 20.0;
const FRAME_SAMPLES: u32 = 160;
/// Between two looks; a frame has a whole number of them.
const STEP: Duration = Duration::from_millis(2);
const STEPS: u64 = 10;
/// Bytes that wait for us: some seconds of a thousand calls.
const BUFFER: usize = 256 << 20;
/// RFC 3550, 5.1.
const RTP_HEADER: usize = 12;

/// One stream, as RFC 3550, 6.4.1, keeps it.
#[derive(Clone, Copy, Debug)]
struct Stream {
    arrived: Duration,
    sequence: u16,
    timestamp: u32,
    jitter: f64,
}

/// All that was heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    streams: HashMap<u32, Stream>,
    /// Packets that came.
    pub(super) packets: u64,
    /// Packets that did not come, by their numbers; those out of order are none.
    pub(super) lost: u64,
    /// Frames for which no packet was sent, by time stamps.
    pub(super) left_out: u64,
    /// By how many milliseconds each packet came before or behind 20 ms after the one before.
    deviations: Vec<f64>,
    /// Packets that were there and found no room here.
    pub(super) dropped_here: u32,
    /// For how long was listened.
    pub(super) lasted: Duration,
    /// How long listening and speaking have computed.
    pub(super) computed: Duration,
}

impl Heard {
    /// How many streams there were.
    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// The mean deviation, in milliseconds.
    pub(super) fn mean(&self) -> f64 {
        self.deviations.iter().sum::<f64>() / self.deviations.len().max(1) as f64
    }

    /// The deviation that a share of all is not above, in milliseconds.
    pub(super) fn quantile(&mut self, share: f64) -> Option<f64> {
        self.deviations.sort_by(f64::total_cmp);
        let last = self.deviations.len().checked_sub(1)?;
        let place = (share * last as f64).ceil() as usize;
        self.deviations.get(place).copied()
    }

    /// Mean of all streams and the largest, in milliseconds, at the end.
    pub(super) fn jitter(&self) -> (f64, f64) {
        let all = || self.streams.values().map(|stream| stream.jitter);
        let mean = all().sum::<f64>() / self.streams.len().max(1) as f64;
        (mean, all().fold(0.0, f64::max))
    }

    fn take(&mut self, packet: &[u8], arrived: Duration) -> Option<()> {
        let (head, _) = packet.split_at_checked(RTP_HEADER)?;
        let field = |place: usize| head.get(place..place + 4)?.try_into().ok();
        let sequence = u16::from_be_bytes(head.get(2..4)?.try_into().ok()?);
        let timestamp = u32::from_be_bytes(field(4)?);
        let source = u32::from_be_bytes(field(8)?);
        self.packets += 1;
        let Some(stream) = self.streams.get_mut(&source) else {
            let stream = Stream {
                arrived,
                sequence,
                timestamp,
                jitter: 0.0,
            };
            self.streams.insert(source, stream);
            return Some(());
        };
        let ahead = sequence.wrapping_sub(stream.sequence);
        if ahead == 0 || ahead > u16::MAX / 2 {
            // Twice, or it was thought to be lost.
            self.lost = self.lost.saturating_sub(u64::from(ahead != 0));
            return Some(());
        }
        self.lost += u64::from(ahead - 1);
        let frames = timestamp.wrapping_sub(stream.timestamp) / FRAME_SAMPLES;
        self.left_out += u64::from(frames.saturating_sub(u32::from(ahead)));
        let between = arrived.as_secs_f64() - stream.arrived.as_secs_f64();
        let deviation = (between * 1e3 - FRAME_MILLISECONDS * f64::from(frames)).abs();
        self.deviations.push(deviation);
        stream.jitter += (deviation - stream.jitter) / 16.0;
        (stream.arrived, stream.sequence, stream.timestamp) = (arrived, sequence, timestamp);
        Some(())
    }
}

/// The port at which all sound arrives.
pub(super) struct Listener {
    socket: UdpSocket,
    dropped: u32,
}

impl Listener {
    /// One on the carrier, on whose thread this has to be called.
    pub(super) fn new() -> Result<Self> {
        let socket = UdpSocket::bind(ADDRESS).with_context(|| format!("cannot bind {ADDRESS}"))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::RcvBufForce, &BUFFER)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&socket, sockopt::RxqOvfl, &1)?;
        Ok(Self { socket, dropped: 0 })
    }

    /// Its port.
    pub(super) fn port(&self) -> Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Listens for a time, and says silence to each of the addresses, evenly spread over a frame.
    /// What comes in the first `unheard` of it is taken and not reckoned.
    pub(super) fn listen(
        &mut self,
        others: &[SocketAddr],
        unheard: Duration,
        lasts: Duration,
    ) -> Result<Heard> {
        let mut heard = Heard::default();
        let mut spoken = Speech::default();
        let start = Instant::now();
        let mut begun = None;
        let mut dropped = self.dropped;
        let mut steps = 0_u64;
        while start.elapsed() < unheard + lasts {
            spoken.say(&self.socket, others, steps)?;
            self.take_all(&mut heard)?;
            if begun.is_none() && start.elapsed() >= unheard {
                heard = Heard::default();
                dropped = self.dropped;
                begun = Some((Instant::now(), computed()?));
            }
            steps += 1;
            let next = start + STEP * u32::try_from(steps)?;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        let (instant, before) = begun.context("nothing was listened to")?;
        heard.lasted = instant.elapsed();
        heard.computed = computed()?.saturating_sub(before);
        heard.dropped_here = self.dropped.wrapping_sub(dropped);
        Ok(heard)
    }

    /// Forgets what has come since.
    pub(super) fn forget(&mut self) -> Result<()> {
        self.take_all(&mut Heard::default())
    }

    fn take_all(&mut self, heard: &mut Heard) -> Result<()> {
        let mut buffer = [0; 512];
        let mut control = nix::cmsg_space!(TimeSpec, u32);
        loop {
            let mut slices = [IoSliceMut::new(&mut buffer)];
            let received = recvmsg::<()>(
                self.socket.as_raw_fd(),
                &mut slices,
                Some(&mut control),
                MsgFlags::MSG_DONTWAIT,
            );
            let (length, arrived) = match received {
                Ok(message) => {
                    let mut arrived = None;
                    for control in message.cmsgs()? {
                        match control {
                            ControlMessageOwned::ScmTimestampns(time) => arrived = Some(time),
                            ControlMessageOwned::RxqOvfl(count) => self.dropped = count,
                            _ => {}
                        }
                    }
                    (message.bytes, arrived)
                }
                // A port that is not there any more is told to us too.
                Err(Errno::ECONNREFUSED) => continue,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error).context("cannot receive"),
            };
            let arrived = arrived.context("the kernel tells no time of arrival")?;
            heard.take(buffer.get(..length).unwrap_or_default(), arrived.into());
        }
    }
}

/// What all callers say.
#[derive(Debug, Default)]
struct Speech {
    packet: Vec<u8>,
}

impl Speech {
    /// Says what is due in a step.
    fn say(&mut self, socket: &UdpSocket, others: &[SocketAddr], step: u64) -> Result<()> {
        let frame = u32::try_from(step / STEPS)?;
        for (stream, other) in (0_u32..).zip(others) {
            if u64::from(stream) % STEPS != step % STEPS {
                continue;
            }
            self.write(frame, stream);
            match socket.send_to(&self.packet, other) {
                Err(error) if error.raw_os_error() == Some(Errno::ECONNREFUSED as i32) => {}
                sent => drop(sent.context("cannot send")?),
            }
        }
        Ok(())
    }

    /// A frame of silence in μ-law.
    fn write(&mut self, frame: u32, stream: u32) {
        let [.., high, low] = frame.to_be_bytes();
        self.packet.clear();
        self.packet.extend([0x80, 0, high, low]);
        self.packet
            .extend(frame.wrapping_mul(FRAME_SAMPLES).to_be_bytes());
        self.packet.extend(stream.to_be_bytes());
        self.packet
            .resize(RTP_HEADER + FRAME_SAMPLES as usize, 0xff);
    }
}

/// How long this thread has computed.
fn computed() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet's number, its frame, when it comes in milliseconds.
    fn heard(packets: &[(u16, u32, u64)]) -> Heard {
        let mut heard = Heard::default();
        for (number, frame, milliseconds) in packets {
            let mut packet = vec![0x80, 0];
            packet.extend(number.to_be_bytes());
            packet.extend((frame * FRAME_SAMPLES).to_be_bytes());
            packet.extend([0, 0, 0, 1]);
            heard.take(&packet, Duration::from_millis(*milliseconds));
        }
        heard
    }

    #[test]
    fn what_is_late_lost_and_left_out_is_told_apart() {
        type Row<'a> = (&'a str, &'a [(u16, u32, u64)], u64, u64, f64);
        let rows: [Row<'_>; 6] = [
            (
                "punctual",
                &[(65_535, 0, 0), (0, 1, 20), (1, 2, 40)],
                0,
                0,
                0.0,
            ),
            ("late", &[(1, 1, 0), (2, 2, 27), (3, 3, 40)], 0, 0, 7.0),
            ("lost", &[(1, 1, 0), (3, 3, 40)], 1, 0, 0.0),
            ("left out", &[(1, 1, 0), (2, 4, 60)], 0, 2, 0.0),
            (
                "out of order",
                &[(1, 1, 0), (3, 3, 40), (2, 2, 41)],
                0,
                0,
                0.0,
            ),
            ("twice", &[(1, 1, 0), (1, 1, 1), (2, 2, 20)], 0, 0, 0.0),
        ];
        for (name, packets, lost, left_out, worst) in rows {
            let mut heard = heard(packets);
            assert_eq!(heard.lost, lost, "{name}: lost");
            assert_eq!(heard.left_out, left_out, "{name}: left out");
            let seen = heard.quantile(1.0).unwrap();
            assert!((seen - worst).abs() < 1e-6, "{name}: {seen}");
        }
    }

    #[test]
    fn jitter_is_a_sixteenth_of_a_first_deviation() {
        let (mean, largest) = heard(&[(1, 1, 0), (2, 2, 36)]).jitter();
        assert!((mean - 1.0).abs() < 1e-9 && (largest - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_said_is_a_frame() {
        let mut speech = Speech::default();
        speech.write(0x1_0002, 7);
        assert_eq!(speech.packet.len(), 172);
        assert_eq!(speech.packet.get(..4), Some([0x80, 0, 0, 2].as_slice()));
    }
}

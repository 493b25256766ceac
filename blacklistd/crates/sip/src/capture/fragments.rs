//! Reassembly of fragments. The library reassembles a datagram; the number of incomplete ones is
//! bounded here.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber};

/// Maximum number of incomplete datagrams; each takes up to 64 KiB.
const MAXIMUM: usize = 1024;

/// A fragment.
pub(super) struct Piece<'a> {
    /// Source and destination address.
    pub(super) addresses: [IpAddr; 2],
    pub(super) protocol: u8,
    pub(super) identification: u32,
    /// In units of 8 bytes.
    pub(super) offset: u16,
    pub(super) has_more: bool,
    pub(super) payload: &'a [u8],
    /// Its frame; empty if there is none.
    pub(super) frame: &'a [u8],
}

type Key = ([IpAddr; 2], u8, u32);

struct Unfinished {
    buffer: IpDefragBuf,
    pieces: u64,
    first_frame: Vec<u8>,
}

/// Incomplete datagrams.
#[derive(Default)]
pub(super) struct Fragments {
    unfinished: HashMap<Key, Unfinished>,
    /// Oldest first.
    order: VecDeque<Key>,
    given_up: u64,
}

impl Fragments {
    /// Adds a fragment; returns a datagram that it completes, with the frame of its first fragment.
    pub(super) fn add(&mut self, piece: &Piece<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
        let offset = IpFragOffset::try_new(piece.offset).ok()?;
        let key = (piece.addresses, piece.protocol, piece.identification);
        if !self.unfinished.contains_key(&key) {
            self.make_room();
            self.order.push_back(key);
        }
        let unfinished = self.unfinished.entry(key).or_insert_with(|| Unfinished {
            buffer: IpDefragBuf::new(IpNumber(piece.protocol), Vec::new(), Vec::new()),
            pieces: 0,
            first_frame: Vec::new(),
        });
        unfinished.pieces += 1;
        if piece.offset == 0 {
            piece.frame.clone_into(&mut unfinished.first_frame);
        }
        let is_added = unfinished
            .buffer
            .add(offset, piece.has_more, piece.payload)
            .is_ok();
        if is_added && !unfinished.buffer.is_complete() {
            return None;
        }
        self.order.retain(|known| *known != key);
        let done = self.unfinished.remove(&key)?;
        if !is_added {
            self.given_up += done.pieces;
            return None;
        }
        Some((done.buffer.take_bufs().0, done.first_frame))
    }

    /// Number of fragments of datagrams that were never completed.
    pub(super) fn lost(&self) -> u64 {
        let unfinished: u64 = self.unfinished.values().map(|one| one.pieces).sum();
        self.given_up + unfinished
    }

    fn make_room(&mut self) {
        if self.unfinished.len() < MAXIMUM {
            return;
        }
        if let Some(oldest) = self.order.pop_front()
            && let Some(lost) = self.unfinished.remove(&oldest)
        {
            self.given_up += lost.pieces;
        }
    }
}

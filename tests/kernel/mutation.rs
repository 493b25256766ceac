//! Random changes of texts, repeated by their seed.

use fastrand::Rng;

/// Characters on which readings of SIP part.
const SPECIAL: &[u8] = b"<>\"@;,:\r\n\t\0%+ \\()?=*#&.-/~\x7f\x80\xff0149sf";

/// Pieces that mean something in the wrong place.
const PIECES: [&[u8]; 18] = [
    b"\r\n",
    b"\r\n ",
    b"\r\n\t",
    b"\r\n\r\n",
    b"\r\nFrom: <sip:+14155551234@x>;tag=1",
    b"\r\nf:sip:+14155551234@x",
    b"\r\nP-Asserted-Identity: <tel:+14155551234>",
    b"\r\nP-Asserted-Identity: <sip:+14155559999@x>",
    b"\r\nRemote-Party-ID: <sip:mallory4@x>",
    b"\r\ni: 1",
    b"\r\nPriority: psap-callback",
    b";tag=1",
    b", <sip:+14155551234@x>",
    b"\"<sip:1@x>\"",
    b"sip:",
    b"tel:",
    b"%2B",
    b"%00",
];

/// Changes a text in one to six places.
pub(crate) fn mutate(random: &mut Rng, text: &mut Vec<u8>) {
    for _ in 0..random.usize(1..=6) {
        if text.is_empty() {
            text.push(random.u8(..));
        }
        once(random, text);
    }
}

fn once(random: &mut Rng, text: &mut Vec<u8>) {
    // Half of the changes are among the first lines, where the reading is decided.
    let reach = if random.bool() {
        text.len()
    } else {
        text.len().min(350)
    };
    let at = random.usize(..reach);
    match random.u8(..10) {
        0 => text[at] = random.u8(..),
        1 => text[at] ^= 1 << random.u8(..8),
        2 => text[at] = SPECIAL[random.usize(..SPECIAL.len())],
        3 | 4 => text.insert(at, SPECIAL[random.usize(..SPECIAL.len())]),
        5 => {
            let piece = PIECES[random.usize(..PIECES.len())];
            text.splice(at..at, piece.iter().copied());
        }
        6 => {
            let end = (at + random.usize(1..16)).min(text.len());
            text.drain(at..end);
        }
        7 => {
            let count = random.usize(1..140);
            let byte = SPECIAL[random.usize(..SPECIAL.len())];
            text.splice(at..at, std::iter::repeat_n(byte, count));
        }
        _ => lines(random, text),
    }
}

/// Doubles, removes or exchanges lines.
fn lines(random: &mut Rng, text: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = text
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return;
    }
    let one = random.usize(..lines.len());
    let other = random.usize(..lines.len());
    match random.u8(..3) {
        0 => lines.insert(other, lines[one].clone()),
        1 => drop(lines.remove(one)),
        _ => lines.swap(one, other),
    }
    *text = lines.concat();
}

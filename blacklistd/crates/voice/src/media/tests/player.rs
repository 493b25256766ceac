//! Scripts, frame by frame.

use std::time::Duration;

use super::*;
use crate::media::law::Law;
use crate::media::level::Hearing;
use crate::media::player::{Player, Step};
use crate::media::sound::Sound;

const QUIET: Hearing = Hearing {
    is_talking: false,
    quiet_for: Duration::from_secs(60),
};
const TALK: Hearing = Hearing {
    is_talking: true,
    quiet_for: Duration::ZERO,
};

/// A sound of so many frames, all of one sample.
fn sound(sample: i16, frames: usize) -> Sound {
    Sound::from_samples(&vec![sample; frames * FRAME_BYTES])
}

/// What is said in so many frames: a letter for each sound, a dot for silence, a capital letter
/// where something begins. It ends where the player does.
fn said(player: &mut Player, hearings: &[Hearing]) -> String {
    let a = Law::A.encode(&[1000])[0];
    let b = Law::A.encode(&[9000])[0];
    let mut said = String::new();
    for hearing in hearings {
        let Some(frame) = player.next_frame(Law::A, *hearing) else {
            break;
        };
        assert_eq!(frame.bytes.len(), FRAME_BYTES);
        let letter = match frame.bytes[0] {
            byte if byte == a => 'a',
            byte if byte == b => 'b',
            byte => {
                assert_eq!(byte, Law::A.silence());
                '.'
            }
        };
        said.push(if frame.is_start {
            letter.to_ascii_uppercase()
        } else {
            letter
        });
    }
    said
}

fn frames(count: u32) -> Duration {
    FRAME_TIME * count
}

#[test]
fn scripts() {
    let a = || Step::Play(sound(1000, 3));
    let b = || Step::Play(sound(9000, 2));
    let wait = |count| Step::Wait(frames(count));
    let rows: [(&str, Player, &str); 12] = [
        ("nothing", Player::new([]), ""),
        ("a sound", Player::new([a()]), "Aaa"),
        ("two", Player::new([a(), b()]), "Aaabb"),
        ("with a pause", Player::new([a(), wait(2), b()]), "Aaa..Bb"),
        ("a pause first", Player::new([wait(1), a()]), ".Aaa"),
        (
            "a pause that is no whole frame",
            Player::new([Step::Wait(Duration::from_millis(21)), b()]),
            "..Bb",
        ),
        (
            "steps without length",
            Player::new([
                wait(0),
                Step::Play(sound(0, 0)),
                Step::Hold(sound(0, 0)),
                b(),
            ]),
            "Bb",
        ),
        (
            "nothing again and again",
            Player::new([wait(0), wait(0)]).repeated(),
            "",
        ),
        (
            "again and again",
            Player::new([b(), wait(1)]).repeated(),
            "Bb.Bb.Bb.Bb.",
        ),
        (
            "music",
            Player::new([Step::Hold(sound(9000, 2)), a()]),
            "Bbbbbbbbbbbb",
        ),
        (
            "music for a time",
            Player::new([Step::Hold(sound(1000, 2))]).stop_after(frames(5)),
            "Aaaaa",
        ),
        ("no time", Player::new([a()]).stop_after(Duration::ZERO), ""),
    ];
    for (name, mut player, expected) in rows {
        assert_eq!(said(&mut player, &[QUIET; 12]), expected, "{name}");
    }
}

#[test]
fn it_waits_until_the_other_side_has_spoken() {
    let pause = |count| Hearing {
        is_talking: false,
        quiet_for: frames(count),
    };
    let listening = || {
        Player::new([
            Step::Play(sound(1000, 1)),
            Step::Listen {
                pause: frames(3),
                at_most: frames(8),
            },
            Step::Play(sound(9000, 1)),
        ])
    };
    let rows: [(&str, &[Hearing], &str); 5] = [
        (
            "a word and a pause",
            &[
                QUIET,
                QUIET,
                TALK,
                TALK,
                pause(1),
                pause(2),
                pause(3),
                QUIET,
            ],
            "A.....B",
        ),
        (
            "a pause that is too short",
            &[
                QUIET,
                TALK,
                pause(2),
                TALK,
                pause(1),
                pause(2),
                pause(3),
                QUIET,
            ],
            "A.....B",
        ),
        ("not a word", &[QUIET; 20], "A........B"),
        ("without a pause", &[TALK; 20], "A........B"),
        (
            "a word over ours counts no longer",
            &[TALK, QUIET, QUIET, QUIET, QUIET, QUIET],
            "A.....",
        ),
    ];
    for (name, hearings, expected) in rows {
        assert_eq!(said(&mut listening(), hearings), expected, "{name}");
    }
}

#[test]
fn digits_end_what_they_may_end() {
    let script = || [Step::Play(sound(1000, 9))];
    let mut player = Player::new(script()).ends_by_digit();
    assert_eq!(said(&mut player, &[QUIET; 2]), "Aa");
    assert!(player.digit() && player.is_over());
    assert_eq!(said(&mut player, &[QUIET; 2]), "");
    let mut player = Player::new(script());
    assert!(!player.digit() && !player.is_over());
    assert_eq!(said(&mut player, &[QUIET; 20]), "Aaaaaaaaa");
    assert!(player.is_over());
}

#[test]
fn steps_can_be_left() {
    let script = [Step::Hold(sound(1000, 2)), Step::Play(sound(9000, 2))];
    let mut player = Player::new(script);
    assert_eq!(said(&mut player, &[QUIET; 3]), "Aaa");
    player.next_step();
    assert_eq!(said(&mut player, &[QUIET; 3]), "bb");
    player.next_step();
    assert!(player.is_over());
}

#[test]
fn time_that_was_missed_is_not_said_later() {
    let script = [Step::Play(sound(1000, 5)), Step::Play(sound(9000, 2))];
    let mut player = Player::new(script);
    player.skip(4, QUIET);
    assert_eq!(said(&mut player, &[QUIET; 9]), "abb");
    player.skip(u64::MAX, QUIET);
}

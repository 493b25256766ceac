use std::time::Duration;

use super::super::sound::count;
use super::*;

const NAMES: &[&str] = &[
    "rejected",
    "anonymous",
    "pin",
    "pin-wrong",
    "pin-locked",
    "connecting",
    "error",
    "torment-1",
    "torment-2",
    "torment-3",
    "torment-4",
    "torment-5",
    "torment-6",
];

fn prompt(name: &str) -> Sound {
    Sound::prompt(name).unwrap()
}

fn seconds(seconds: f64) -> Sound {
    Sound::silence(Duration::from_secs_f64(seconds))
}

fn of(samples: &[i16]) -> Sound {
    Sound {
        samples: samples.to_vec(),
    }
}

/// G.711, mu-law, there and back.
fn companded(sound: &Sound) -> Sound {
    let law = |sample: &i16| {
        let level = f64::from(*sample) / 32_768.0;
        let coded = (1.0 + 255.0 * level.abs()).ln() / 256f64.ln();
        let coded = (coded * 127.0).round() / 127.0;
        (level.signum() * (256f64.powf(coded) - 1.0) / 255.0 * 32_767.0) as i16
    };
    Sound {
        samples: sound.samples.iter().map(law).collect(),
    }
}

/// A sound with noise as loud as a mean level.
fn noisy(sound: &Sound, level: f64) -> Sound {
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0
    };
    let mut noise = |sample: &i16| {
        let sum = f64::from(*sample) + random() * level * 3f64.sqrt();
        sum.clamp(-32_768.0, 32_767.0) as i16
    };
    Sound {
        samples: sound.samples.iter().map(&mut noise).collect(),
    }
}

fn without(sound: &Sound, from: usize, length: usize) -> Sound {
    let mut samples = sound.samples.clone();
    samples.drain(from..from + length);
    Sound { samples }
}

#[test]
fn a_prompt_is_found_where_it_is() {
    let prompt = prompt("en/rejected");
    let middle = prompt.samples.len() / 2;
    let quiet = Sound {
        samples: prompt.samples.iter().map(|sample| sample / 4).collect(),
    };
    let doubled = of(&[&prompt.samples[..middle], &prompt.samples[middle - FRAME..]].concat());
    let hold = Sound::prompt("hold").unwrap();
    for (name, recording, offset) in [
        ("as it is", prompt.clone(), 0.0),
        ("companded", companded(&prompt), 0.0),
        ("later", seconds(1.234).then(&companded(&prompt)), 1.234),
        (
            "before and behind other sounds",
            hold.clone().then(&companded(&prompt)).then(&hold),
            hold.length().as_secs_f64(),
        ),
        ("quiet", seconds(0.5).then(&companded(&quiet)), 0.5),
        ("noisy", noisy(&seconds(0.5).then(&prompt), 700.0), 0.5),
        (
            "one packet lost",
            seconds(0.5).then(&without(&prompt, middle, FRAME)),
            0.5,
        ),
        (
            "five packets lost",
            seconds(0.5).then(&without(&prompt, middle + 900, 5 * FRAME)),
            0.5,
        ),
        ("a packet twice", seconds(0.5).then(&doubled), 0.5),
        (
            "its beginning cut off",
            without(&prompt, 0, count(Duration::from_millis(300))),
            -0.3,
        ),
    ] {
        let found = find(&prompt, &recording);
        assert!(found.is_whole(), "{name}: {found:?}");
        // Where packets are lost, either side of them may be what the place is true of.
        assert!((found.offset - offset).abs() < 0.11, "{name}: {found:?}");
    }
}

#[test]
fn half_a_prompt_is_half_of_it() {
    let prompt = prompt("en/rejected");
    let (first, second) = prompt.samples.split_at(prompt.samples.len() / 2);
    let length = prompt.length().as_secs_f64();
    for (name, half, offset) in [
        ("the first half", first, 1.0),
        ("the second half", second, 1.0 - length / 2.0),
    ] {
        let recording = seconds(1.0).then(&companded(&of(half))).then(&seconds(4.0));
        let found = find(&prompt, &recording);
        assert!((0.3..0.7).contains(&found.share), "{name}: {found:?}");
        assert!((found.offset - offset).abs() < 0.01, "{name}: {found:?}");
        assert!(!found.is_whole() && !found.is_absent(), "{name}");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let prompt = prompt("en/rejected");
    for (name, recording) in [
        ("nothing", Sound::default()),
        ("shorter than a piece", seconds(0.01)),
        ("silence", seconds(5.0)),
        ("quiet noise", noisy(&seconds(5.0), 20.0)),
        ("noise", noisy(&seconds(5.0), 3000.0)),
        ("a tone", Sound::tone(440.0, Duration::from_secs(5))),
        ("music", Sound::prompt("hold").unwrap()),
    ] {
        let found = find(&prompt, &recording);
        assert!(found.is_absent(), "{name}: {found:?}");
    }
    assert_eq!(find(&Sound::default(), &prompt).share, 0.0);
}

/// Each in itself and in the next one, which for the first two begin with the same words.
#[test]
fn prompts_are_told_apart() {
    for (language, names) in [("en", NAMES), ("de", &NAMES[..3])] {
        let decode = |name: &&str| prompt(&format!("{language}/{name}"));
        let prompts: Vec<Sound> = names.iter().map(decode).collect();
        for (index, looked_for) in prompts.iter().enumerate() {
            for other in [index, (index + 1) % names.len()] {
                let recording = seconds(0.3).then(&companded(&prompts[other]));
                let found = find(looked_for, &recording);
                let (name, other) = (names[index], names[other]);
                let row = format!("{language}: {name} in {other}: {found:?}");
                assert_eq!(found.is_whole(), name == other, "{row}");
                assert!(name == other || found.likeness < 0.75, "{row}");
            }
        }
    }
}

#[test]
fn sound_is_measured() {
    let second = Duration::from_secs(1);
    let tone = Sound::tone(440.0, second);
    let recording = seconds(0.5).then(&tone).then(&seconds(0.5)).then(&tone);
    assert_eq!(sound(&recording), 2 * second);
    let noise = noisy(&seconds(5.0), 30.0);
    assert_eq!(sound(&noise), Duration::ZERO);
    let from_to = (Duration::from_millis(500), Duration::from_secs(3));
    assert_eq!(span(&recording.then(&noise)), Some(from_to));
    assert_eq!(span(&noise), None);
}

#[test]
fn a_tone_is_told_from_others() {
    let second = Duration::from_secs(1);
    let recording = seconds(0.5).then(&companded(&noisy(&Sound::tone(440.0, second), 500.0)));
    let near = second.saturating_sub(tone(&recording, 440.0));
    assert!(near <= Duration::from_millis(40), "{near:?} missing");
    for (name, recording, hertz) in [
        ("another tone", recording.clone(), 500.0),
        ("its double", recording.clone(), 880.0),
        ("noise", noisy(&seconds(1.0), 3000.0), 440.0),
        ("silence", seconds(1.0), 440.0),
        ("speech", prompt("en/rejected"), 440.0),
    ] {
        let heard = tone(&recording, hertz);
        assert!(heard < Duration::from_millis(100), "{name}: {heard:?}");
    }
}

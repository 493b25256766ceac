//! What comes with the daemon, and what goes before it.

use std::path::Path;

use super::*;
use crate::media::law::Law;
use crate::media::prompts::{Language, Prompt, Prompts};

#[test]
fn words_go_both_ways() {
    for prompt in Prompt::ALL {
        assert_eq!(prompt.to_string().parse(), Ok(prompt));
    }
    for language in Language::ALL {
        assert_eq!(language.to_string().parse(), Ok(language));
    }
    let error = "hello".parse::<Prompt>().unwrap_err().to_string();
    assert!(
        error.contains("\"hello\"") && error.contains("pin-wrong"),
        "{error}"
    );
    let error = "fr".parse::<Language>().unwrap_err().to_string();
    assert!(error.ends_with("it is one of en, de"), "{error}");
}

#[test]
fn all_prompts_are_heard() {
    let prompts = Prompts::new(None);
    for language in Language::ALL {
        for prompt in Prompt::ALL {
            let name = format!("{language}/{prompt}");
            let sound = prompts.get(prompt, language).unwrap();
            let seconds = sound.duration().as_secs_f64();
            assert!((1.0..12.0).contains(&seconds), "{name}: {seconds} s");
            for law in Law::ALL {
                let samples = heard(&sound, law);
                let loudness = loudness(&samples);
                assert!((800.0..6000.0).contains(&loudness), "{name}: {loudness}");
                let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max();
                assert!(loudest < Some(32000), "{name} is cut at {loudest:?}");
                // A prompt begins and ends with silence; music does not.
                if prompt != Prompt::Hold {
                    let start = super::loudness(&samples[..400]);
                    assert!(start < 300.0, "{name}: {start}");
                }
            }
        }
    }
}

#[test]
fn the_prompts_are_small_and_their_texts_are_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
    let texts = std::fs::read_to_string(folder.join("texts.tsv")).unwrap();
    let names: Vec<&str> = texts
        .lines()
        .map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            assert_eq!(parts.len(), 3, "{line}");
            parts[0]
        })
        .collect();
    let mut size = std::fs::metadata(folder.join("hold.ogg")).unwrap().len();
    for prompt in Prompt::ALL
        .into_iter()
        .filter(|prompt| *prompt != Prompt::Hold)
    {
        assert!(names.contains(&prompt.as_str()), "{prompt} has no text");
        for language in Language::ALL {
            let path = folder.join(format!("{language}/{prompt}.ogg"));
            size += std::fs::metadata(path).unwrap().len();
        }
    }
    assert_eq!(names.len() + 1, Prompt::ALL.len());
    assert!(size < 250_000, "{size} bytes");
}

#[test]
fn music_has_whole_frames() {
    let sound = Prompts::new(None)
        .get(Prompt::Hold, Language::German)
        .unwrap();
    // 32 notes of 0.3 s: a gap in the middle of the music would be heard.
    assert_eq!(sound.frames(), 32 * 15);
    let samples = heard(&sound, Law::A);
    // Its first note is a C.
    let first = &samples[..2400];
    let c = amplitude_of(first, 261.63);
    for other in [233.08, 293.66, 440.0] {
        assert!(
            c > 3.0 * amplitude_of(first, other),
            "{other} Hz is loud too"
        );
    }
}

#[test]
fn own_prompts_go_before() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = Prompts::new(Some(folder.path().to_owned()));
    std::fs::create_dir(folder.path().join("de")).unwrap();
    std::fs::write(
        folder.path().join("de/pin.ogg"),
        include_bytes!("data/tone.ogg"),
    )
    .unwrap();
    std::fs::write(
        folder.path().join("hold.mp3"),
        include_bytes!("data/tone.mp3"),
    )
    .unwrap();
    let built_in = Prompts::new(None);
    let same = |prompt, language| {
        let own = prompts.get(prompt, language).unwrap();
        own.bytes(Law::A) == built_in.get(prompt, language).unwrap().bytes(Law::A)
    };
    assert!(!same(Prompt::Pin, Language::German));
    assert!(same(Prompt::Pin, Language::English));
    assert!(same(Prompt::PinWrong, Language::German));
    assert!(!same(Prompt::Hold, Language::English));
    prompts.check(Language::German).unwrap();

    // What changes is read when it is asked for.
    std::fs::write(folder.path().join("de/pin.ogg"), "no sound").unwrap();
    assert!(prompts.get(Prompt::Pin, Language::German).is_ok());
    prompts.forget();
    let error = prompts.check(Language::German).unwrap_err().to_string();
    assert!(
        error.contains("de/pin.ogg cannot be used: it is not a WAV"),
        "{error}"
    );
    prompts.check(Language::English).unwrap();
}

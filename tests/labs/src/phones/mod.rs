//! A lab's own tools for calls with media, tried on each other: phones and what they hear, the
//! proxy, sipp's callers. What they say of the daemon is worth as much as what they say here.

mod carrier;
mod early;
mod proxied;

use std::time::Duration;

use anyhow::Result;

use super::phone::{Answers, Phone, Stage};
use super::sound::Sound;
use super::{Lab, Report, hearing};

const ALICE: &str = "198.18.0.1:5060";
const BOB: &str = "198.18.0.2:5070";
const BOB_V6: &str = "[fd00:b1ac::2]:5070";
const ALICE_NUMBER: &str = "+14155550101";
const BOB_NUMBER: &str = "+13105550001";
/// What Alice says, in hertz.
const ALICE_TONE: f64 = 1000.0;
/// What Bob says.
const BOB_SAYS: &str = "en/rejected";
/// How long a phone may take for what it does at once.
const SOON: Duration = Duration::from_secs(3);

/// How long Bob waits behind what he says.
const PAUSE: Duration = Duration::from_millis(500);

/// The lab while it runs.
struct Scene<'a> {
    lab: &'a Lab,
    report: Report,
    alice: Phone,
    bob: Phone,
    /// What Bob says.
    prompt: Sound,
}

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    let tone = Sound::tone(ALICE_TONE, Duration::from_secs(60));
    let prompt = Sound::prompt(BOB_SAYS)?;
    let (carrier, sbc) = (&lab.network.carrier, &lab.network.sbc);
    let mut scene = Scene {
        lab,
        report: Report::default(),
        alice: Phone::start(lab, carrier, ALICE.parse()?, "alice", Some(&tone))?,
        bob: Phone::start(lab, sbc, BOB.parse()?, "bob", Some(&prompt))?,
        prompt,
    };
    scene.talk(&format!("sip:{BOB_NUMBER}@{BOB}"), "a call")?;
    scene.keys()?;
    scene.no_answer()?;
    scene.withheld()?;
    scene.over_ipv6()?;
    early::run(&mut scene)?;
    proxied::run(&mut scene)?;
    carrier::run(&mut scene)?;
    Ok(scene.report)
}

/// What happened at a phone, or what did not.
fn seen(phone: &Phone, stage: Stage) -> String {
    let text = phone.wait_for(stage, SOON);
    text.unwrap_or_else(|| format!("not {stage:?}"))
}

/// A length in seconds, with one digit behind the point.
fn seconds(length: Duration) -> String {
    format!("{:.1} s", length.as_secs_f64())
}

/// A length as it was expected to be, if it is so within a fifth of a second.
fn about(length: Duration, expected: Duration) -> String {
    seconds(if length.abs_diff(expected) < Duration::from_millis(200) {
        expected
    } else {
        length
    })
}

impl Scene<'_> {
    /// Alice calls Bob.
    fn call(&self, answers: Answers, uri: &str, from: &str) -> Result<()> {
        self.bob.forget()?;
        self.bob.has_number(BOB_NUMBER, answers)?;
        self.alice.dial(uri, from)
    }

    /// An answered call in which both hear what the other says, ended by Bob.
    fn talk(&mut self, uri: &str, name: &str) -> Result<()> {
        self.call(Answers::AtOnce, uri, ALICE_NUMBER)?;
        let answered = self.alice.wait_for(Stage::Established, SOON).is_some();
        self.report
            .case(&format!("{name}: answered"), "true", answered);
        std::thread::sleep(self.prompt.length() + PAUSE);
        self.bob.hang_up()?;
        let reason = seen(&self.alice, Stage::Closed);
        self.report.case(
            &format!("{name}: the other end hangs up"),
            "Connection reset by peer",
            reason,
        );
        let said = self.prompt.length() + PAUSE;
        let lasted = self.alice.lasted().unwrap_or_default();
        let seen = about(lasted, said);
        self.report
            .case(&format!("{name}: it lasted"), &seconds(said), seen);
        self.both_hear(name)
    }

    /// What both have heard of a call in which Bob said all that he says.
    fn both_hear(&mut self, name: &str) -> Result<()> {
        let heard = self.alice.heard()?;
        let found = hearing::find(&self.prompt, &heard);
        let seen = if found.is_whole() && found.offset.abs() < 0.2 {
            "all of it, at once".to_owned()
        } else {
            format!("{found:?}")
        };
        self.report.case(
            &format!("{name}: the caller hears the prompt"),
            "all of it, at once",
            seen,
        );
        let absent = hearing::find(&Sound::prompt("en/pin")?, &heard).is_absent();
        self.report
            .case(&format!("{name}: and no other one"), "true", absent);
        let heard = self.bob.heard()?;
        let tone = hearing::tone(&heard, ALICE_TONE);
        let (begins, ends) = hearing::span(&heard).unwrap_or_default();
        // Without a gap, and nothing else.
        let all = tone >= self.prompt.length() && ends - begins <= tone;
        self.report.case(
            &format!("{name}: the other end hears the caller's tone and nothing else"),
            "true",
            all,
        );
        Ok(())
    }

    /// Digits, hold and mute, in one call that the caller ends.
    fn keys(&mut self) -> Result<()> {
        let uri = format!("sip:{BOB_NUMBER}@{BOB}");
        self.call(Answers::ByHand, &uri, ALICE_NUMBER)?;
        let ringing = self.alice.wait_for(Stage::Ringing, SOON).is_some();
        self.report.case("a phone rings", "true", ringing);
        let caller = seen(&self.bob, Stage::Incoming);
        let expected = format!("sip:{ALICE_NUMBER}@{ALICE}");
        self.report.case("it shows the caller", &expected, caller);
        self.bob.answer(BOB_NUMBER)?;
        let answered = self.alice.wait_for(Stage::Established, SOON).is_some();
        self.report.case("it is answered by hand", "true", answered);
        self.alice.press("0123456789*#00")?;
        self.report
            .case("digits are pressed", "0123456789*#00", self.bob.digits());
        self.alice.mute()?;
        let before = self.bob.heard()?;
        std::thread::sleep(Duration::from_secs(1));
        let after = self.bob.heard()?;
        let more = after.samples.get(before.samples.len()..);
        let silence = Sound {
            samples: more.unwrap_or_default().to_vec(),
        };
        let quiet = silence.length() > Duration::from_millis(800)
            && hearing::sound(&silence) < Duration::from_millis(200);
        self.report
            .case("a mute phone sends silence", "true", quiet);
        self.alice.hold()?;
        self.alice.resume()?;
        let held = self.bob.messages()?;
        let held = held
            .iter()
            .any(|message| message.text.contains("a=sendonly"));
        self.report
            .case("a call is put on hold by a re-INVITE", "true", held);
        self.alice.hang_up()?;
        let reason = seen(&self.bob, Stage::Closed);
        self.report
            .case("the caller hangs up", "Connection reset by peer", reason);
        Ok(())
    }

    /// Calls that are not answered.
    fn no_answer(&mut self) -> Result<()> {
        let uri = format!("sip:{BOB_NUMBER}@{BOB}");
        self.call(Answers::ByHand, &uri, ALICE_NUMBER)?;
        seen(&self.bob, Stage::Incoming);
        self.bob.hang_up()?;
        let reason = seen(&self.alice, Stage::Closed);
        self.report
            .case("a call is refused", "486 Rejected", reason);
        self.call(Answers::ByHand, &uri, ALICE_NUMBER)?;
        seen(&self.bob, Stage::Incoming);
        self.alice.hang_up()?;
        let reason = seen(&self.bob, Stage::Closed);
        self.report
            .case("a call is given up", "Connection reset by peer", reason);
        let heard = self.alice.heard()?.length();
        self.report
            .case("nothing was heard", "0ns", format!("{heard:?}"));
        Ok(())
    }

    /// A caller whose number is withheld, RFC 3323.
    fn withheld(&mut self) -> Result<()> {
        let uri = format!("sip:{BOB_NUMBER}@{BOB}");
        let anonymous = "sip:anonymous@anonymous.invalid";
        self.call(Answers::ByHand, &uri, anonymous)?;
        let caller = seen(&self.bob, Stage::Incoming);
        self.report.case("a number is withheld", anonymous, caller);
        self.alice.hang_up()?;
        seen(&self.bob, Stage::Closed);
        Ok(())
    }

    /// Two other phones, over IPv6.
    fn over_ipv6(&mut self) -> Result<()> {
        let (carrier, sbc) = (&self.lab.network.carrier, &self.lab.network.sbc);
        let address = "[fd00:b1ac::1]:5060".parse()?;
        let carol = Phone::start(self.lab, carrier, address, "carol", None)?;
        let address = BOB_V6.parse()?;
        let dave = Phone::start(self.lab, sbc, address, "dave", Some(&self.prompt))?;
        dave.has_number(BOB_NUMBER, Answers::AtOnce)?;
        carol.dial(&format!("sip:{BOB_NUMBER}@{BOB_V6}"), ALICE_NUMBER)?;
        let answered = carol.wait_for(Stage::Established, SOON).is_some();
        self.report.case("IPv6: answered", "true", answered);
        std::thread::sleep(self.prompt.length() + PAUSE);
        carol.hang_up()?;
        seen(&dave, Stage::Closed);
        let found = hearing::find(&self.prompt, &carol.heard()?).is_whole();
        self.report.case("IPv6: the prompt is heard", "true", found);
        let silence = dave.heard()?;
        let silent =
            silence.length() > self.prompt.length() && hearing::sound(&silence) == Duration::ZERO;
        self.report.case(
            "IPv6: a caller who says nothing sends silence",
            "true",
            silent,
        );
        carol.vanish()?;
        dave.vanish()
    }
}

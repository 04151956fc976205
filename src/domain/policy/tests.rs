//! A table of policies, people and clients, and what is required.

use proptest::prelude::*;

use super::*;
use crate::domain::HOUR;

const NOW: Millis = 1_700_000_000_000;

fn policy(required: Required) -> SecondFactor {
    SecondFactor { required, ..SecondFactor::default() }
}

fn essential() -> AcrAsk {
    AcrAsk { wishes: Vec::new(), essential: vec![Level::Mfa] }
}

fn wished() -> AcrAsk {
    AcrAsk { wishes: vec![Level::Mfa, Level::Sfa], essential: Vec::new() }
}

/// Cases that require two factors: by the client's settings, by the request, by both.
const INSISTENT: [(bool, fn() -> AcrAsk); 3] = [(true, AcrAsk::default), (false, essential), (true, wished)];

fn standing(demand: Demand, enrolled: bool) -> FactorStatus {
    FactorStatus {
        account: AccountId("a1".into()),
        demand,
        enrolled,
        remembered: false,
        grace_until: None,
        enrolment: Enrolment::Alone,
        policy_generation: 4,
        remembers: true,
    }
}

fn evidence(methods: &[Method]) -> Evidence {
    Evidence {
        account: AccountId("a1".into()),
        methods: methods.to_vec(),
        auth_time: NOW - HOUR,
        account_generation: 1,
        policy_generation: 4,
        password_set_at: None,
    }
}

#[test]
fn policy_client_and_request_can_each_require_a_factor() {
    use Required::{Everyone, Groups, Nobody, Optional};
    let none = AcrAsk::default();
    let (nothing, code, enrol) =
        (FactorRequest::Nothing, FactorRequest::Code, FactorRequest::Enrol { later: None });
    let rather_not = AcrAsk { wishes: vec![Level::Sfa, Level::Mfa], essential: vec![] };
    let one_will_do = AcrAsk { wishes: vec![], essential: vec![Level::Sfa] };
    #[rustfmt::skip]
    let table = [
        // policy, client requires, acr, in group; with a factor, and without one
        (Nobody, false, &none, false, nothing, nothing),
        (Optional, false, &none, false, code, nothing),
        (Everyone, false, &none, false, code, enrol),
        (Groups, false, &none, true, code, enrol),
        (Groups, false, &none, false, code, nothing),
        (Nobody, true, &none, false, code, enrol),
        (Optional, true, &none, false, code, enrol),
        (Nobody, false, &essential(), false, code, enrol),
        (Nobody, false, &wished(), false, code, nothing),
        (Nobody, false, &rather_not, false, nothing, nothing),
        (Everyone, false, &one_will_do, false, code, enrol),
    ];
    for (required, client, acr, in_group, with, without) in table {
        let demand = Demand::new(&policy(required), client, acr, in_group);
        let what = format!("{required:?} {client} {acr:?} {in_group}");
        for (enrolled, wanted) in [(true, with), (false, without)] {
            let standing = standing(demand, enrolled);
            assert_eq!(standing.of_a_login(None, false, NOW), wanted, "{what} {enrolled}");
            assert_eq!(standing.of_evidence(&evidence(&[Method::Pwd]), NOW), wanted, "{what} {enrolled}");
            for second in [Method::Otp, Method::Recovery] {
                assert_eq!(standing.of_a_login(Some(second), false, NOW), nothing, "{what} {enrolled}");
                let both = evidence(&[Method::Pwd, second]);
                assert_eq!(standing.of_evidence(&both, NOW), nothing, "{what} {enrolled}");
            }
        }
    }
}

#[test]
fn a_remembered_browser_replaces_the_factor_of_its_policy_but_never_an_acr() {
    let none = AcrAsk::default();
    let everyone = Demand::new(&policy(Required::Everyone), false, &none, false);
    let here = FactorStatus { remembered: true, ..standing(everyone, true) };
    let plain = evidence(&[Method::Pwd]);
    let kept = evidence(&[Method::Pwd, Method::Remembered]);
    assert_eq!(here.of_a_login(None, false, NOW), FactorRequest::Nothing);
    assert_eq!(here.of_evidence(&plain, NOW), FactorRequest::Nothing);
    let elsewhere = standing(everyone, true);
    assert_eq!(elsewhere.of_a_login(None, false, NOW), FactorRequest::Code);
    assert_eq!(elsewhere.of_evidence(&kept, NOW), FactorRequest::Nothing, "what a family remembers");
    let older = Evidence { policy_generation: 3, ..kept.clone() };
    assert_eq!(elsewhere.of_evidence(&older, NOW), FactorRequest::Code, "under another policy");
    let off = FactorStatus { remembers: false, ..elsewhere.clone() };
    assert_eq!(off.of_evidence(&kept, NOW), FactorRequest::Code, "switched off since");
    let unenrolled = FactorStatus { enrolled: false, ..here.clone() };
    assert_eq!(unenrolled.of_a_login(None, false, NOW), FactorRequest::Enrol { later: None });
    for (client, acr) in [(false, essential()), (false, wished()), (true, none)] {
        let demand = Demand::new(&policy(Required::Everyone), client, &acr, false);
        let here = FactorStatus { remembered: true, ..standing(demand, true) };
        assert_eq!(here.of_a_login(None, false, NOW), FactorRequest::Code, "{client} {acr:?}");
        assert_eq!(here.of_evidence(&kept, NOW), FactorRequest::Code, "{client} {acr:?}");
    }
}

#[test]
fn the_set_up_may_be_postponed_until_the_grace_period_ends() {
    let everyone = Demand::new(&policy(Required::Everyone), false, &AcrAsk::default(), false);
    let graced = |until| FactorStatus { grace_until: Some(until), ..standing(everyone, false) };
    let (later, plain) = (FactorRequest::Enrol { later: Some(NOW + 1) }, evidence(&[Method::Pwd]));
    assert_eq!(graced(NOW + 1).of_a_login(None, false, NOW), later, "asked, and may be put off");
    assert_eq!(graced(NOW + 1).of_a_login(None, true, NOW), FactorRequest::Nothing, "put off");
    assert_eq!(graced(NOW + 1).of_evidence(&plain, NOW), FactorRequest::Nothing, "shown at the sign-in");
    let closed = FactorRequest::Enrol { later: None };
    assert_eq!(graced(NOW).of_a_login(None, true, NOW), closed);
    assert_eq!(graced(NOW).of_evidence(&plain, NOW), closed);
    for (client, acr) in INSISTENT {
        let demand = Demand::new(&policy(Required::Everyone), client, &acr(), false);
        let asked = FactorStatus { grace_until: Some(NOW + 1), ..standing(demand, false) };
        assert_eq!(asked.of_a_login(None, true, NOW), closed, "the client can't use less");
        assert_eq!(asked.of_evidence(&plain, NOW), closed, "the client can't use less");
    }
    let enrolled = FactorStatus { grace_until: Some(NOW + 1), ..standing(everyone, true) };
    assert_eq!(enrolled.of_a_login(None, true, NOW), FactorRequest::Code, "who has a factor is asked for it");
}

#[test]
fn the_level_that_a_client_insists_on_is_reported_if_reached() {
    use Level::{Mfa, Sfa};
    let asked = |essential: &[Level]| AcrAsk { wishes: vec![], essential: essential.to_vec() };
    for (essential, reached, expected) in [
        (&[][..], Mfa, Mfa),
        (&[][..], Sfa, Sfa),
        (&[Sfa][..], Mfa, Sfa),
        (&[Sfa, Mfa][..], Mfa, Mfa),
        (&[Mfa][..], Mfa, Mfa),
        (&[Mfa][..], Sfa, Sfa),
    ] {
        assert_eq!(asked(essential).level_to_report(reached), expected, "{essential:?} {reached:?}");
    }
}

proptest! {
    /// Always two factors: whatever the policy, the grace period, the browser and the person's choice.
    #[test]
    fn nothing_weakens_a_client_or_request_that_insists(
        which in 0..INSISTENT.len(), required in 0..4_usize, in_group: bool, enrolled: bool, remembered: bool,
        put_off: bool, grace in -5_i64..5, second in prop::option::of(0..2_usize),
    ) {
        let required = [Required::Nobody, Required::Optional, Required::Everyone, Required::Groups][required];
        let (client, acr) = INSISTENT[which];
        let demand = Demand::new(&policy(required), client, &acr(), in_group);
        let standing = FactorStatus { remembered, grace_until: Some(NOW + grace), ..standing(demand, enrolled) };
        let second = second.map(|which| [Method::Otp, Method::Remembered][which]);
        let both = second == Some(Method::Otp);
        prop_assert_eq!(standing.of_a_login(second, put_off, NOW) == FactorRequest::Nothing, both);
        let methods: Vec<Method> = std::iter::once(Method::Pwd).chain(second).collect();
        prop_assert_eq!(standing.of_evidence(&evidence(&methods), NOW) == FactorRequest::Nothing, both);
    }

    #[test]
    fn a_required_factor_is_never_skipped(
        enrolled: bool, remembered: bool, put_off: bool, grace in prop::option::of(-5_i64..5), wish: bool,
    ) {
        let acr = if wish { wished() } else { AcrAsk::default() };
        let demand = Demand::new(&policy(Required::Everyone), false, &acr, false);
        let grace_until = grace.map(|grace| NOW + grace);
        let standing = FactorStatus { remembered, grace_until, ..standing(demand, enrolled) };
        let excused =
            (remembered && enrolled && !wish) || (!enrolled && put_off && grace.is_some_and(|left| left > 0));
        prop_assert_eq!(standing.of_a_login(None, put_off, NOW) == FactorRequest::Nothing, excused);
    }
}

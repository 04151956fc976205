//! A model of the log: rows, links and ends, which somebody without the key changes as they like.

use proptest::prelude::*;

use super::*;

/// Events end at their id.
const NOW: Millis = 100;

fn sign(data: &[u8]) -> ChainCode {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"key of the tests");
    let mut code = [0; 32];
    code.copy_from_slice(aws_lc_rs::hmac::sign(&key, data).as_ref());
    code
}

/// A stored event: id, text, end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: i64,
    text: String,
    kept_until: Millis,
}

impl Row {
    fn bytes(&self) -> EventBytes {
        EventBytes::default().number(Some(self.id)).text(Some(&self.text)).number(Some(self.kept_until))
    }
}

/// What the database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Log {
    rows: Vec<Row>,
    links: Vec<ChainLink>,
    first: Option<SealedEnd>,
    last: Option<SealedEnd>,
}

impl Log {
    /// Links the events in this order.
    fn of(rows: Vec<Row>) -> Self {
        let mut log = Self { rows, ..Self::default() };
        for row in log.rows.clone() {
            let end = log.last.map_or(ChainPlace::START, |last| last.place);
            let next = link(&sign, &end, row.id, row.kept_until, digest(&sign, &row.bytes()));
            log.last = Some(seal(&sign, ChainEnd::Last, ChainPlace::from(&next)));
            log.links.push(next);
        }
        log
    }

    /// Removes events past their end, and the first `links` links of such events.
    fn clean_up(mut self, links: usize) -> Self {
        self.rows.retain(|row| row.kept_until > NOW);
        let ended = self.links.iter().take(links).take_while(|link| link.kept_until <= NOW).count();
        if let Some(last) = self.links.drain(..ended).next_back() {
            self.first = Some(seal(&sign, ChainEnd::First, ChainPlace::from(&last)));
        }
        self
    }

    fn check(&self, head: Option<ChainPlace>) -> Result<Checked, ChainBreak> {
        let mut check = ChainCheck::begin(&sign, NOW, [self.first, self.last], head)?;
        for link in &self.links {
            let row = self.rows.iter().find(|row| row.id == link.event);
            check.next(link, row.map(Row::bytes).as_ref())?;
        }
        check.finish()
    }
}

/// What somebody without the key does.
#[derive(Clone, Debug)]
enum Attack {
    ChangeText(prop::sample::Index),
    ChangeEnd(prop::sample::Index),
    RemoveRow(prop::sample::Index),
    RemoveRowAndLink(prop::sample::Index),
    SwapRows(prop::sample::Index, prop::sample::Index),
    SwapLinks(prop::sample::Index, prop::sample::Index),
    /// All events from here on, with their links.
    CutEnd(prop::sample::Index),
    /// The same, and the end is said to be there.
    CutEndAndMoveIt(prop::sample::Index),
    /// All events before this one, as if they had ended.
    CutBeginning(prop::sample::Index),
    ForgetEnds,
}

fn attack() -> impl Strategy<Value = Attack> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Attack::ChangeText),
        index().prop_map(Attack::ChangeEnd),
        index().prop_map(Attack::RemoveRow),
        index().prop_map(Attack::RemoveRowAndLink),
        (index(), index()).prop_map(|(one, other)| Attack::SwapRows(one, other)),
        (index(), index()).prop_map(|(one, other)| Attack::SwapLinks(one, other)),
        index().prop_map(Attack::CutEnd),
        index().prop_map(Attack::CutEndAndMoveIt),
        index().prop_map(Attack::CutBeginning),
        Just(Attack::ForgetEnds),
    ]
}

impl Log {
    fn attacked(&self, attack: &Attack) -> Self {
        let mut log = self.clone();
        let many = log.rows.len();
        match attack {
            Attack::ChangeText(at) => log.rows[at.index(many)].text.push('x'),
            Attack::ChangeEnd(at) => log.rows[at.index(many)].kept_until -= 1,
            Attack::RemoveRow(at) => drop(log.rows.remove(at.index(many))),
            Attack::RemoveRowAndLink(at) => {
                let row = log.rows.remove(at.index(many));
                log.links.retain(|link| link.event != row.id);
            }
            Attack::SwapRows(one, other) => {
                let (one, other) = (one.index(many), other.index(many));
                let id = log.rows[one].id;
                log.rows[one].id = log.rows[other].id;
                log.rows[other].id = id;
            }
            Attack::SwapLinks(one, other) => {
                let many = log.links.len();
                log.links.swap(one.index(many), other.index(many));
            }
            Attack::CutEnd(at) | Attack::CutEndAndMoveIt(at) => {
                let at = at.index(log.links.len());
                let gone: Vec<i64> = log.links.drain(at..).map(|link| link.event).collect();
                log.rows.retain(|row| !gone.contains(&row.id));
                if let (Attack::CutEndAndMoveIt(_), Some(last)) = (attack, &mut log.last) {
                    last.place = log.links.last().map_or(ChainPlace::START, ChainPlace::from);
                }
            }
            Attack::CutBeginning(at) => {
                let at = at.index(log.links.len());
                let gone: Vec<ChainLink> = log.links.drain(..=at).collect();
                log.rows.retain(|row| gone.iter().all(|link| link.event != row.id));
                let place = gone.last().map_or(ChainPlace::START, ChainPlace::from);
                let seal = log.first.or(log.last).map_or([0; 32], |sealed| sealed.seal);
                log.first = Some(SealedEnd { place, seal });
            }
            Attack::ForgetEnds => (log.first, log.last) = (None, None),
        }
        log
    }
}

/// Some events, of which the first ones have ended, cleaned up to some place; at least one is left.
fn log() -> impl Strategy<Value = Log> {
    (0_i64..6, 1_i64..12, 0_usize..8).prop_map(|(ended, alive, links)| {
        let row = |id: i64| Row {
            id,
            text: format!("event {id}"),
            kept_until: if id <= ended { NOW - 1 } else { NOW + id },
        };
        Log::of((1..=ended + alive).map(row).collect()).clean_up(links)
    })
}

proptest! {
    #[test]
    fn a_log_that_nobody_touched_holds(log in log()) {
        let checked = log.check(None).expect("it holds");
        prop_assert_eq!(checked.events, log.rows.len() as u64);
        prop_assert_eq!(checked.expired, (log.links.len() - log.rows.len()) as u64);
        for link in &log.links {
            prop_assert_eq!(log.check(Some(ChainPlace::from(link))), Ok(checked));
        }
        prop_assert_eq!(log.check(log.first.map(|first| first.place)), Ok(checked));
    }

    #[test]
    fn any_changed_removed_or_swapped_event_is_found(log in log(), attack in attack()) {
        let attacked = log.attacked(&attack);
        prop_assert_eq!(attacked.check(None).is_err(), attacked != log, "{:?}", attacked);
    }

    #[test]
    fn a_log_that_was_replaced_misses_the_head_that_was_noted(log in log(), at in any::<prop::sample::Index>()) {
        let head = ChainPlace::from(&log.links[at.index(log.links.len())]);
        prop_assert_eq!(Log::default().check(Some(head)), Err(ChainBreak::HeadMissing));
    }
}

#[test]
fn a_place_is_read_as_it_was_written() {
    let place = ChainPlace { seq: 7, mac: [171; 32] };
    assert_eq!(place.to_string(), format!("7:{}", "ab".repeat(32)));
    assert_eq!(ChainPlace::parse(&format!(" {place}\n")), Some(place));
    for other in ["", "7", "7:", "7:ab", "x:ab", &format!("7:{}", "zz".repeat(32))] {
        assert_eq!(ChainPlace::parse(other), None, "{other}");
    }
}

#[test]
fn texts_cannot_move_between_fields() {
    let texts = |one: Option<&str>, other: Option<&str>| EventBytes::default().text(one).text(other);
    let all = [
        texts(Some("ab"), Some("c")),
        texts(Some("a"), Some("bc")),
        texts(Some("abc"), None),
        texts(None, Some("abc")),
        texts(Some("abc"), Some("")),
        EventBytes::default().text(Some("\0\0\0\0\0\0\0\u{1}")),
        EventBytes::default().number(Some(1)).text(None),
    ];
    for (place, one) in all.iter().enumerate() {
        assert!(all[place + 1..].iter().all(|other| other != one), "{one:?}");
    }
}

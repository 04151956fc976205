//! One action of a sequence.

use crate::domain::random_sequences::Dice;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Answered with this status, without an effect.
    Status(u16),
    /// Never sent.
    NotSent,
    LostBefore,
    LostAfter,
    /// 500 after the effect.
    BrokenAfter,
    /// 503 of a gateway after the effect.
    BusyAfter,
    GarbageAfter,
}

const FAULTS: &[Fault] = &[
    Fault::Status(400),
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(409),
    Fault::Status(412),
    Fault::Status(413),
    Fault::Status(429),
    Fault::Status(500),
    Fault::Status(503),
    Fault::NotSent,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::LostAfter,
    Fault::BrokenAfter,
    Fault::BusyAfter,
    Fault::GarbageAfter,
];

/// An action; the numbers choose among those there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Hire(u64),
    Rename(u64),
    Retitle(u64, u64),
    Suspend(u64),
    Reactivate(u64),
    Erase(u64),
    Map(u64),
    RenameShare(u64),
    /// Joins a Team Share, or leaves it.
    Toggle(u64, u64),
    Start(u64),
    Serve(u64, Fault),
    Receive(u64),
    /// Starts, serves and receives until nothing is ready.
    Run(u64),
    Crash(u64),
    Wait(u64),
    Resume,
    /// Deleted over there, and found out by a comparison.
    DeletedThere(u64),
    DeletedUnnoticed(u64, u64),
    ShareDeletedThere(u64),
    CreatedThere,
    InvitedThere(u64),
}

impl Deed {
    pub(super) fn any(dice: &mut Dice) -> Self {
        let (one, other) = (dice.below(1 << 16), dice.below(1 << 16));
        let fault = if dice.below(3) == 0 { dice.pick(FAULTS) } else { Fault::None };
        match dice.below(100) {
            0..6 => Self::Hire(one),
            6..10 => Self::Rename(one),
            10..16 => Self::Retitle(one, other),
            16..21 => Self::Suspend(one),
            21..24 => Self::Reactivate(one),
            24..26 => Self::Erase(one),
            26..28 => Self::Map(one),
            28..30 => Self::RenameShare(one),
            30..42 => Self::Toggle(one, other),
            42..56 => Self::Start(one),
            56..70 => Self::Serve(one, fault),
            70..84 => Self::Receive(one),
            84..89 => Self::Run(one),
            89 => Self::Crash(one),
            90..93 => Self::Wait(one),
            93 => Self::Resume,
            94 => Self::DeletedThere(one),
            95 | 96 => Self::DeletedUnnoticed(one, other),
            97 => Self::ShareDeletedThere(one),
            98 => Self::CreatedThere,
            _ => Self::InvitedThere(one),
        }
    }
}

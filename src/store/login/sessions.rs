//! Store browser sessions. They are written only by a transaction that compares account and settings again.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::evidence::{Evidence, Generations, Method};
use crate::domain::place::Place;
use crate::domain::secret::Hashed;
use crate::domain::session::Session;

use super::spent::{SpentLogin, spend};
use super::unchanged::{newest_password, unchanged, unchanged_since};
use crate::store::LoginStore;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Cells, DbRow, Sql, Tx, held, locked};
use crate::store::engine::value::values;
use crate::store::identity::accounts::CONFIRM;
use crate::store::identity::endings::{self, Ending};
use crate::store::trail::audit;

/// What a finished login does to the browser's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issue {
    New {
        session: Session,
        /// The session that this browser had before: it ends.
        replaces: Option<Hashed>,
        /// When the directory confirmed the account; none if that is not to be recorded.
        confirmed_at: Option<Millis>,
    },
    /// Continues the existing session with more evidence and under a new id.
    Raised { session: Session, from: Hashed },
    /// Uses the existing session unchanged.
    Existing { id_hash: Hashed, used_at: Millis, place: Place },
}

/// The result of issuing a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueOutcome {
    Issued,
    /// Account, settings or session have changed since the judgement, or the login was used up; nothing was
    /// written.
    Stale,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id_hash, sid, account, methods, auth_time, account_generation, policy_generation, password_set_at, ",
            "created_at, used_at, browser, system, network, factor_at FROM sessions ",
            $rest
        )
    };
}

/// The account row stays locked until the session is written, so that a suspension comes before or after,
/// never between.
const IF_UNCHANGED: Sql = held!(
    concat!("FROM accounts WHERE accounts.id = :account AND ", unchanged!(), " AND ", newest_password!()),
    ""
);

/// Locks the account of a session before the session itself (see [`super`]).
const OWNER_LOCKED: Sql =
    locked!("SELECT id FROM accounts WHERE id = (SELECT account FROM sessions WHERE id_hash = $1)");

const USE: &str = concat!(
    "UPDATE sessions SET used_at = CASE WHEN used_at < :used_at THEN :used_at ELSE used_at END, \
     browser = :browser, system = :system, network = :network \
     WHERE id_hash = :id_hash AND account = :account \
     AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = :account AND ",
    unchanged!(),
    ")"
);

impl LoginStore<'_> {
    /// The session with this digest. The caller decides by its settings whether it has expired.
    pub async fn session(&self, id_hash: &Hashed) -> Result<Option<Session>> {
        let row = self.store.db.row(select!("WHERE id_hash = $1"), values![id_hash]).await?;
        row.as_ref().map(session).transpose()
    }

    /// The sessions of an account, the newest first.
    pub async fn sessions_of(&self, account: &AccountId) -> Result<Vec<Session>> {
        let sql = select!("WHERE account = $1 ORDER BY created_at DESC, sid");
        self.store.db.rows(sql, values![account]).await?.iter().map(session).collect()
    }

    /// Finishes a login: uses it up, compares account and settings again (at the event's time), creates or
    /// uses the session, and writes the event, all in one transaction.
    pub async fn issue(
        &self,
        issue: Issue,
        login: Option<SpentLogin<'_>>,
        checks: Generations,
        account: &AccountId,
        event: &Event,
    ) -> Result<IssueOutcome> {
        retry(|| self.try_issue(&issue, login, checks, account, event)).await
    }

    async fn try_issue(
        &self,
        issue: &Issue,
        login: Option<SpentLogin<'_>>,
        checks: Generations,
        account: &AccountId,
        event: &Event,
    ) -> Result<IssueOutcome> {
        let mut tx = self.store.db.begin().await?;
        if let Some(login) = login
            && !spend(&mut tx, login).await?
        {
            return Ok(IssueOutcome::Stale);
        }
        let written = match issue {
            Issue::New { session, replaces, confirmed_at } => {
                // The account first, which comes before its sessions. To lock it as the session does and write it
                // after that would be a deadlock of two sign-ins.
                if let Some(at) = confirmed_at {
                    tx.execute(CONFIRM, values![account, *at]).await?;
                }
                let written = insert(&mut tx, session, checks, account, event.at).await?;
                if let Some(old) = replaces {
                    tx.execute("DELETE FROM sessions WHERE id_hash = $1", values![old]).await?;
                }
                written
            }
            Issue::Raised { session, from } => {
                let written = insert(&mut tx, session, checks, account, event.at).await?;
                // A person who has signed out meanwhile is not signed in again.
                let ended = tx.execute("DELETE FROM sessions WHERE id_hash = $1", values![from]).await?;
                written.min(ended)
            }
            Issue::Existing { id_hash, used_at, place } => {
                let row = columns! { "id_hash" => id_hash, "used_at" => *used_at, "account" => account };
                let row = row.and(place_columns(place)).and(unchanged_since(checks, event.at));
                let (sql, values) = row.bind(USE);
                tx.execute(sql, values).await?
            }
        };
        if written == 0 {
            return Ok(IssueOutcome::Stale);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(IssueOutcome::Issued)
    }

    /// Ends a session and revokes its grants. True if there was one.
    pub async fn end_session(&self, id_hash: &Hashed, event: &Event) -> Result<bool> {
        retry(|| self.try_end_session(id_hash, event)).await
    }

    async fn try_end_session(&self, id_hash: &Hashed, event: &Event) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        tx.row(OWNER_LOCKED, values![id_hash]).await?;
        let sql = "SELECT sid, account FROM sessions WHERE id_hash = $1";
        let Some(row) = tx.row(sql, values![id_hash]).await? else { return Ok(false) };
        let cells = row.of("sessions", "sid");
        let (account, sid) = (AccountId(cells.cell("account")?), cells.cell::<String>("sid")?);
        endings::end(&mut tx, &account, Ending::One(&sid), event.at).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// How many valid grants an account has, not counting those of one session.
    pub async fn count_grants_of(
        &self,
        account: &AccountId,
        except: Option<&Session>,
        now: Millis,
    ) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM grants \
                   WHERE account = $1 AND revoked_at IS NULL AND expires_at > $2 AND sid <> $3";
        let sid = except.map_or("", |session| session.sid.as_str());
        let row = self.store.db.row(sql, values![account, now, sid]).await?;
        row.map_or(Ok(0), |row| row.of("grants", "many").cell("many"))
    }

    /// Records when accounts got new passwords (by the directory's clock): what older passwords opened ends.
    pub async fn passwords_changed(&self, changed: &[(AccountId, Millis)], now: Millis) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        retry(|| self.try_passwords_changed(changed, now)).await
    }

    async fn try_passwords_changed(&self, changed: &[(AccountId, Millis)], now: Millis) -> Result<()> {
        let mut changed: Vec<_> = changed.iter().collect();
        changed.sort_by(|one, other| one.0.0.cmp(&other.0.0));
        let mut tx = self.store.db.begin().await?;
        for (account, set_at) in changed {
            end_older(&mut tx, account, *set_at, now).await?;
        }
        tx.commit().await
    }

    /// Records that these accounts differ from their entries: their sessions and refreshes are judged on a live
    /// read until they do not.
    pub(in crate::store) async fn unconfirm(&self, accounts: Vec<AccountId>) -> Result<()> {
        for account in accounts {
            let sql = "UPDATE accounts SET seen_at = NULL WHERE id = $1";
            self.store.db.execute(sql, values![&account]).await?;
        }
        Ok(())
    }
}

/// Ends what was opened by a password older than `set_at`, if `set_at` is newer than the recorded time.
pub(in crate::store) async fn end_older(
    tx: &mut Tx,
    account: &AccountId,
    set_at: Millis,
    now: Millis,
) -> Result<()> {
    let sql = "UPDATE accounts SET password_changed_at = $2 \
             WHERE id = $1 AND (password_changed_at IS NULL OR password_changed_at < $2)";
    if tx.execute(sql, values![account, set_at]).await? == 0 {
        return Ok(());
    }
    endings::end(tx, account, Ending::OlderPassword(set_at), now).await.map(drop)
}

pub(in crate::store) async fn insert(
    tx: &mut Tx,
    session: &Session,
    checks: Generations,
    account: &AccountId,
    now: Millis,
) -> Result<u64> {
    let row = columns! {
        "id_hash" => &session.id_hash,
        "sid" => &session.sid,
        "account" => account,
        "created_at" => session.created_at,
        "used_at" => session.used_at,
        "factor_at" => session.factor_at,
    };
    let row = row.and(evidence_columns(&session.evidence)).and(place_columns(&session.place));
    let (sql, values) = row.insert_select("sessions", IF_UNCHANGED, unchanged_since(checks, now));
    tx.execute(sql, values).await
}

fn session(row: &DbRow) -> Result<Session> {
    SessionRow(row.of("sessions", "sid")).try_into()
}

/// A row that is not validated yet.
struct SessionRow<'r>(Cells<'r>);

impl TryFrom<SessionRow<'_>> for Session {
    type Error = StoreError;

    fn try_from(SessionRow(cells): SessionRow<'_>) -> Result<Self> {
        let (created_at, used_at) = (cells.cell("created_at")?, cells.cell("used_at")?);
        if used_at < created_at {
            return Err(cells.corrupt("used_at is before created_at"));
        }
        Ok(Self {
            id_hash: cells.parsed("id_hash", hashed)?,
            sid: cells.cell("sid")?,
            evidence: evidence(cells)?,
            factor_at: cells.cell("factor_at")?,
            created_at,
            used_at,
            place: place(&cells.cell::<String>("browser")?, cells)?,
        })
    }
}

/// Evidence, which sessions and grants keep in columns of the same names.
pub(in crate::store) fn evidence(cells: Cells<'_>) -> Result<Evidence> {
    let methods = cells.parsed("methods", |words: String| words.split(' ').map(Method::parse).collect())?;
    Ok(Evidence {
        account: AccountId(cells.cell("account")?),
        methods,
        auth_time: cells.cell("auth_time")?,
        account_generation: cells.cell("account_generation")?,
        policy_generation: cells.cell("policy_generation")?,
        password_set_at: cells.cell("password_set_at")?,
    })
}

/// The place of a browser: its name, and the columns `system` and `network`.
pub(in crate::store) fn place(browser: &str, cells: Cells<'_>) -> Result<Place> {
    Ok(Place::restored(browser, &cells.cell::<String>("system")?, cells.cell("network")?))
}

fn place_columns(place: &Place) -> Columns {
    columns! { "browser" => place.browser(), "system" => place.system(), "network" => place.network() }
}

/// The columns of evidence without its account.
pub(super) fn evidence_columns(evidence: &Evidence) -> Columns {
    let methods: Vec<&str> = evidence.methods.iter().map(|method| method.as_str()).collect();
    columns! {
        "methods" => methods.join(" "),
        "auth_time" => evidence.auth_time,
        "account_generation" => evidence.account_generation,
        "policy_generation" => evidence.policy_generation,
        "password_set_at" => evidence.password_set_at,
    }
}

pub(in crate::store) fn hashed(bytes: Vec<u8>) -> Option<Hashed> {
    bytes.try_into().ok().map(Hashed)
}

//! Wishes that a transaction writes itself; most are written by the commit (`store::engine::commit`).

use std::collections::BTreeSet;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::delivery::{Kind, Known, RemoteId, Subject, Urgency, Values};

use crate::store::DeliveryStore;
use crate::store::engine::commit::{kind_word, known_text};
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Sql, Tx, locked};
use crate::store::engine::value::values;
use crate::store::engine::wishes::{self, Wishes};

const KNOWN: Sql =
    locked!("SELECT target, known FROM deliveries WHERE kind = 'person' AND subject = $1 ORDER BY target");
const ERASE: &str = "UPDATE deliveries SET known = $3, wished = wished + 1, \
     urgency = CASE WHEN wished > delivered AND urgency < 1 THEN urgency ELSE 1 END, \
     dirty_since = CASE WHEN wished > delivered THEN dirty_since ELSE $4 END, \
     attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL \
     WHERE target = $1 AND kind = 'person' AND subject = $2";

/// The log has the words of services, which may name the person; the list of a service is removed soon anyway.
const FORGET: [&str; 2] = [
    "DELETE FROM delivery_log WHERE kind = 'person' AND subject = $1",
    "DELETE FROM delivery_findings WHERE kind = 'person' AND subject = $1",
];

impl DeliveryStore<'_> {
    /// Notes at every service that there is a newer wish about each of these, in one transaction.
    pub async fn wish(&self, subjects: &[Subject], urgency: Urgency, now: Millis) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            subjects.iter().for_each(|subject| tx.wish(subject.clone(), urgency, now));
            tx.commit().await
        })
        .await
    }

    /// Has the people with these ids at a service read there before anything else: it has refused them as members.
    pub async fn verify(&self, target: &str, refused: &BTreeSet<RemoteId>, now: Millis) -> Result<()> {
        let mut people = Vec::new();
        for id in refused {
            people.extend(self.delivered_as(target, Kind::User, id).await?);
        }
        people.sort_unstable();
        retry(|| self.try_verify(target, &people, now)).await
    }

    async fn try_verify(&self, target: &str, people: &[Subject], now: Millis) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let mut wishes = Wishes::default();
        for person in people {
            let sql = locked!(
                "SELECT target, known FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3"
            );
            let key = || values![target, kind_word(person.kind()), person.external_id()];
            let Some(row) = tx.row(sql, key()).await? else { continue };
            let (_, known) = known_at(&row)?;
            let sql = "UPDATE deliveries SET known = $4 WHERE target = $1 AND kind = $2 AND subject = $3";
            let known = known_text(&Known { verify: true, ..known });
            tx.execute(sql, [key(), values![known]].concat()).await?;
            wishes.add(person.clone(), Urgency::Change, now);
        }
        tx.write_wishes_at(&[target.to_owned()], &wishes).await?;
        tx.commit().await?;
        wishes::wake();
        Ok(())
    }
}

/// Notes newer wishes about the Team Shares of a person at one service: the person has another id there.
pub(super) async fn wish_shares(
    tx: &mut Tx,
    target: &str,
    (person, urgency): (&AccountId, Urgency),
    now: Millis,
) -> Result<()> {
    let mut wishes = Wishes::default();
    for share in shares_of(tx, person).await? {
        wishes.add(share, urgency, now);
    }
    tx.write_wishes_at(&[target.to_owned()], &wishes).await
}

async fn shares_of(tx: &mut Tx, person: &AccountId) -> Result<Vec<Subject>> {
    let sql = "SELECT DISTINCT team_share FROM share_memberships WHERE account = $1";
    let rows = tx.rows(sql, values![person]).await?;
    let name = |row: &DbRow| row.of("share_memberships", "team_share").cell("team_share").map(Subject::Share);
    rows.iter().map(name).collect()
}

/// Notes in the transaction that erases an account that the person is to be erased at each service that may know them, and
/// forgets the values that were delivered. The memberships are still there.
pub(in crate::store) async fn erase(tx: &mut Tx, person: &AccountId, now: Millis) -> Result<()> {
    for row in &tx.rows(KNOWN, values![person]).await? {
        let (target, known) = known_at(row)?;
        let known = known_text(&Known { values: Values::new(), ..known });
        tx.execute(ERASE, values![&target, person, known, now]).await?;
    }
    for sql in FORGET {
        tx.execute(sql, values![person]).await?;
    }
    for share in shares_of(tx, person).await? {
        tx.wish(share, Urgency::Change, now);
    }
    Ok(())
}

/// Has a person read at each service with the next wish: somebody there may have changed them.
pub(in crate::store) async fn verify_everywhere(tx: &mut Tx, person: &AccountId) -> Result<()> {
    for row in &tx.rows(KNOWN, values![person]).await? {
        let (target, known) = known_at(row)?;
        let sql = "UPDATE deliveries SET known = $3 WHERE target = $1 AND kind = 'person' AND subject = $2";
        let known = known_text(&Known { verify: true, ..known });
        tx.execute(sql, values![&target, person, known]).await?;
    }
    Ok(())
}

fn known_at(row: &DbRow) -> Result<(String, Known)> {
    let cells = row.of("deliveries", "target");
    Ok((cells.cell("target")?, cells.word("known", |text| serde_json::from_str(text).ok())?))
}

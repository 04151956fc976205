//! The buttons of the form that save nothing: test, look something up, edit the list of servers. What was typed is
//! kept with each of them, so that no page repeats a password.

use axum::response::Response;

use super::configure::{Shown, draw, refuse, sent, tested, wrong};
use super::form::{TypedDirectory, word};
use super::{draft_url, expired, keep};
use crate::domain::settings::Settings;
use crate::flow::admin::connection_test::TestOrder;
use crate::flow::admin::directory::{self, DirectoryChange};
use crate::flow::admin::look::{self, LookFailure};
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::flow::support::doctor::ConnectionTest;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::pages::ConfigureNotice;
use crate::web::admin::permission::TestConnection;
use crate::web::reply::see_other;

type Asking = Admin<TestConnection>;

/// `POST …/configure/draft?do=…`.
pub(super) async fn change(form: AdminForm<TestConnection>) -> Response {
    let response = changed(&form).await;
    form.admin.answer(response)
}

async fn changed(form: &AdminForm<TestConnection>) -> Result<Response, Fault> {
    let admin = &form.admin;
    let stored = settings::stored(&admin.request.web.panel).await?;
    let Some(mut typed) = sent(admin, &form.fields, &stored.settings).await? else {
        return Ok(expired(admin));
    };
    let (todo, value) = (admin.query.text("do"), admin.query.text("value"));
    let row = admin.query.text("row").parse().unwrap_or(usize::MAX);
    match todo {
        "test" => return test(admin, &stored.settings, stored.generation, typed).await,
        "ask" | "chain" | "trust" => {
            let row = typed.tidy(row);
            let change = match typed.change() {
                Ok(change) => change,
                Err(problems) => return wrong(admin, &stored.settings, &typed, problems).await,
            };
            let asked = match todo {
                "ask" => ask(admin, &stored.settings, &mut typed, &change).await,
                "chain" => chain(admin, &stored.settings, &change, row).await,
                _ => trust(admin, &stored.settings, &mut typed, &change, (row, value)).await,
            };
            return looked(admin, &stored.settings, &typed, asked).await;
        }
        "base" => typed.set("base_dn", value),
        "name" => {
            if let Some(row) = typed.rows.get_mut(row) {
                value.clone_into(&mut row.tls_name);
            }
        }
        edit => typed.edit_rows(edit, row),
    }
    redrawn(admin, &stored.settings, &typed).await
}

/// Leads to the form with what was kept.
async fn redrawn(admin: &Asking, settings: &Settings, typed: &TypedDirectory) -> Result<Response, Fault> {
    match keep(admin, typed).await? {
        Ok(draft) => Ok(see_other(&draft_url(&draft))),
        Err(notice) => draw(admin, settings, typed, Shown { notice: Some(notice), ..Shown::default() }).await,
    }
}

async fn test(
    admin: &Asking,
    settings: &Settings,
    generation: i64,
    mut typed: TypedDirectory,
) -> Result<Response, Fault> {
    typed.tidy(0);
    let mut change = match typed.change() {
        Ok(change) => change,
        Err(problems) => return wrong(admin, settings, &typed, problems).await,
    };
    // A test overwrites nothing, whoever has saved meanwhile.
    change.settings.expected = generation;
    let directory = match directory::review(&admin.request.web.panel, &change).await? {
        Ok(reviewed) => reviewed.directory,
        Err(refused) => return refuse(admin, settings, &typed, refused).await,
    };
    let password = change.password;
    tested(admin, settings, &typed, |draft| TestOrder { draft, directory, password, save: None }).await
}

/// Asks the directory for its base DNs and its kind. One base DN is taken, several are offered.
async fn ask(
    admin: &Asking,
    settings: &Settings,
    typed: &mut TypedDirectory,
    change: &DirectoryChange,
) -> Result<Shown, LookFailure> {
    let directory = change.connection(settings);
    let test = ConnectionTest { directory: &directory, password: change.password.clone(), by_command: false };
    let identity = look::identity(&admin.request.web.panel, &admin.checked, &test).await?;
    typed.set("schema", word(identity.schema));
    typed.set("netbios_name", identity.netbios_name.as_deref().unwrap_or_default());
    if let [only] = identity.heads.as_slice() {
        typed.set("base_dn", only);
    }
    let found = identity.heads.len();
    typed.bases = identity.heads;
    Ok(Shown { notice: Some(ConfigureNotice::Asked(found)), ..Shown::default() })
}

async fn chain(
    admin: &Asking,
    settings: &Settings,
    change: &DirectoryChange,
    row: usize,
) -> Result<Shown, LookFailure> {
    let directory = change.connection(settings);
    let chain = look::chain(&admin.request.web.panel, &admin.checked, &directory, row).await?;
    Ok(Shown { chain: Some((row, chain)), ..Shown::default() })
}

/// Takes the CA whose fingerprint the admin has seen, if the server still sends it.
async fn trust(
    admin: &Asking,
    settings: &Settings,
    typed: &mut TypedDirectory,
    change: &DirectoryChange,
    (row, fingerprint): (usize, &str),
) -> Result<Shown, LookFailure> {
    let (panel, directory) = (&admin.request.web.panel, change.connection(settings));
    let anchor = look::trust(panel, &admin.checked, &directory, row, fingerprint).await?;
    let notice = match anchor {
        Some(anchor) => {
            typed.set("ca_pem", &anchor.pem);
            ConfigureNotice::Trusted(anchor.subject)
        }
        None => ConfigureNotice::OtherCa,
    };
    Ok(Shown { notice: Some(notice), ..Shown::default() })
}

/// The form with the result of a look-up.
async fn looked(
    admin: &Asking,
    settings: &Settings,
    typed: &TypedDirectory,
    asked: Result<Shown, LookFailure>,
) -> Result<Response, Fault> {
    let notice = |notice| Shown { notice: Some(notice), ..Shown::default() };
    let shown = match asked {
        Ok(shown) => shown,
        Err(LookFailure::Found(findings)) => notice(ConfigureNotice::NotFound(findings)),
        Err(LookFailure::Fault(Fault::Throttled { seconds })) => notice(ConfigureNotice::TooMany(seconds)),
        Err(LookFailure::Fault(fault)) => return Err(fault),
    };
    let draft = keep(admin, typed).await?.ok();
    draw(admin, settings, typed, Shown { draft, ..shown }).await
}

//! A new directory: its domain, by which DNS lists the servers.

use axum::http::StatusCode;
use axum::response::Response;

use super::configure::{Shown, draw};
use super::form::TypedDirectory;
use super::{NEW_DIRECTORY, keep, with_status};
use crate::domain::settings::Server;
use crate::flow::admin::look::{self, FoundServers, LookFailure};
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::flow::support::setup;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::pages::{ConfigureNotice, NewDirectoryPage};
use crate::web::admin::permission::{Permission, TestConnection};
use crate::web::admin::problem::wrong_field;
use crate::web::pages::Language;
use crate::web::reply::html;

const LONGEST_DOMAIN: usize = 253;

/// `GET …/new`.
pub(super) async fn page(admin: Admin<TestConnection>) -> Response {
    let response = ask(&admin, "", "").await;
    admin.answer(response)
}

/// `POST …/new`.
pub(super) async fn find(form: AdminForm<TestConnection>) -> Response {
    let response = found(&form).await;
    form.admin.answer(response)
}

async fn ask<C: Permission>(admin: &Admin<C>, domain: &str, wrong: &'static str) -> Result<Response, Fault> {
    let frame = admin.frame().await?;
    let language = frame.language;
    let csrf = form_token(&admin.request.web.parts, &admin.checked.session, NEW_DIRECTORY);
    let wrong = (!wrong.is_empty()).then(|| language.text(wrong).into_owned());
    let page = NewDirectoryPage { language, frame, csrf, domain: domain.to_owned(), wrong };
    Ok(html(&page))
}

async fn found(form: &AdminForm<TestConnection>) -> Result<Response, Fault> {
    let admin = &form.admin;
    let panel = &admin.request.web.panel;
    let domain = form.fields.text("domain").trim().trim_end_matches('.').to_owned();
    if !is_domain(&domain) {
        return wrong(admin, &domain, "directory-new.no-domain").await;
    }
    let stored = settings::stored(panel).await?;
    let mut directory = setup::draft(&domain, Vec::new());
    if stored.settings.directory(&directory.id).is_some() {
        // Another domain with the same first label.
        directory.id.0 = domain.to_lowercase().replace('.', "-").chars().take(64).collect();
    }
    if stored.settings.directory(&directory.id).is_some() {
        return wrong(admin, &domain, "directory-new.exists").await;
    }
    let notice = match look::servers(panel, &admin.checked, &domain).await {
        Ok(FoundServers { servers, foreign }) => {
            let server = |host: String| Server { host, port: None, tls_name: None, via: None };
            directory.servers = servers.into_iter().map(server).collect();
            ConfigureNotice::Servers(directory.servers.len(), foreign)
        }
        Err(LookFailure::Found(findings)) => ConfigureNotice::NotFound(findings),
        Err(LookFailure::Fault(Fault::Throttled { seconds })) => ConfigureNotice::TooMany(seconds),
        Err(LookFailure::Fault(fault)) => return Err(fault),
    };
    let mut typed = TypedDirectory::of(&directory, stored.generation);
    if typed.rows.is_empty() {
        typed.edit_rows("add", 0);
    }
    let kept = keep(admin, &typed).await?;
    let notice = kept.as_ref().err().cloned().unwrap_or(notice);
    let shown = Shown { draft: kept.ok(), notice: Some(notice), ..Shown::default() };
    draw(admin, &stored.settings, &typed, shown).await
}

/// The form with what is wrong with the domain.
async fn wrong<C: Permission>(admin: &Admin<C>, domain: &str, why: &'static str) -> Result<Response, Fault> {
    let page = with_status(StatusCode::UNPROCESSABLE_ENTITY, ask(admin, domain, why).await?);
    Ok(wrong_field(page, "domain", &Language::English.text(why)))
}

/// Labels of letters, digits and hyphens.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    text.len() <= LONGEST_DOMAIN && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_labels() {
        for domain in ["corp.example.com", "CORP.local", "a_b.c-d"] {
            assert!(is_domain(domain), "{domain}");
        }
        let long = "a.".repeat(130);
        for other in ["", "corp", ".corp.x", "corp..x", "corp.x/", "corp.x:53", "co rp.x", "DC=corp.x", &long]
        {
            assert!(!is_domain(other), "{other}");
        }
    }
}

//! The pages: plain HTML, escaped in one place, one style for all.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::accounts;
use super::provider::{SignedIn, Trouble};
use super::scim::overview::Overview;

const STYLE: &str = include_str!("style.css");
const CLOUD: &str = "<svg viewBox='0 0 24 24' width='28' height='28' aria-hidden='true'><path fill='currentColor' \
    d='M7 19a5 5 0 0 1-.6-9.96A6.5 6.5 0 0 1 18.9 10 4.5 4.5 0 0 1 18.5 19Z'/></svg>";

/// Claims in the order that interests a reader; all others come after.
const CLAIMS: [(&str, &str); 18] = [
    ("name", "The full name in the directory"),
    ("email", "The email address of this person in CloudSync"),
    ("email_verified", "Whether only administrators can change that address"),
    ("preferred_username", "The account name in the domain"),
    ("given_name", "First name"),
    ("family_name", "Last name"),
    ("groups", "Groups of the directory, nested ones included"),
    ("sub", "The account id: never changes, even after a rename"),
    ("auth_time", "When the password was typed"),
    ("amr", "The methods of authentication"),
    ("acr", "The level of authentication"),
    ("sid", "The session at the provider"),
    ("iss", "The issuer of this token"),
    ("aud", "The client that it was issued to"),
    ("iat", "When it was issued"),
    ("exp", "When it expires"),
    ("nonce", "Binds the token to our request"),
    ("at_hash", "Binds the access token to this token"),
];

pub fn start(issuer: &str, delivered: &Overview) -> String {
    let body = format!(
        "<section class='hero'><h1>Your team&rsquo;s files, in sync everywhere</h1>\
         <p>Sign in with the user name and password of your company. CloudSync never sees the password.</p>\
         <p><a class='button' href='/sign-in'>Sign in with your company account</a></p></section>\
         <section class='card'><h2>What happens when you sign in</h2><ol class='steps'>\
         <li><b>You go to your company&rsquo;s sign-in page</b> at <code>{}</code>.</li>\
         <li><b>It asks the company&rsquo;s directory</b> whether the password is right and whether you may use CloudSync.</li>\
         <li><b>You come back here</b> with a signed statement of who you are, and CloudSync checks the signature.</li>\
         </ol></section>{}",
        escape(issuer),
        accounts::card(delivered)
    );
    page("CloudSync", &body)
}

pub fn signed_in(person: &SignedIn, delivered: &Overview) -> String {
    let name = ["given_name", "name", "preferred_username"]
        .into_iter()
        .find_map(|key| person.claims.get(key)?.as_str());
    let name = escape(name.unwrap_or("there"));
    let count = match person.refreshed {
        0 => String::new(),
        1 => "<p class='note' role='status'>Refreshed once. The directory was checked again.</p>".to_owned(),
        n => format!(
            "<p class='note' role='status'>Refreshed {n} times. The directory was checked each time.</p>"
        ),
    };
    let mut body = format!(
        "<section class='hero'><p class='ok'>Signed in</p><h1>Hello, {name}</h1>\
         <div class='actions'>\
         <form method='post' action='/refresh'><button class='button'>Refresh</button></form>\
         <form method='post' action='/userinfo'><button class='button quiet'>Ask userinfo</button></form>\
         <form method='post' action='/sign-out'><button class='button quiet'>Sign out everywhere</button></form>\
         </div>{count}</section>"
    );
    let _ = write!(
        body,
        "<section class='card'><h2>What the ID token says</h2>\
         <p>Signed with <code>{}</code>. Checked here: signature, issuer, audience, times, access token hash and {}.</p>{}</section>",
        escape(&person.algorithm),
        if person.refreshed == 0 { "nonce" } else { "that it is about the same person" },
        table(&person.claims)
    );
    body.push_str(&tokens(person));
    if let Some(claims) = &person.userinfo {
        let answer = table(claims);
        let _ = write!(
            body,
            "<section class='card' id='userinfo'><h2>What userinfo says</h2>\
             <p>Asked with the access token, about the same person.</p>{answer}</section>"
        );
    }
    body.push_str(&accounts::card(delivered));
    page("Signed in to CloudSync", &body)
}

fn tokens(person: &SignedIn) -> String {
    let lasts = person.access_seconds.map_or_else(|| "an unknown time".to_owned(), seconds);
    let refresh = match person.refresh_token {
        Some(_) => "Gets new tokens without a sign-in. Each works once, and the directory is checked again.",
        None => "Not given: this client may not ask for <code>offline_access</code>.",
    };
    format!(
        "<section class='card'><h2>What the tokens are good for</h2><dl>\
         <dt>ID token</dt><dd>Tells CloudSync who signed in. It gives no access.</dd>\
         <dt>Access token</dt><dd>Gives access to the provider&rsquo;s userinfo and CloudSync&rsquo;s own services for {lasts}, \
         for <code>{}</code>.</dd><dt>Refresh token</dt><dd>{refresh}</dd></dl></section>",
        escape(&person.scopes.join(" "))
    )
}

pub fn signed_out() -> String {
    page(
        "Signed out of CloudSync",
        "<section class='hero'><h1>You are signed out</h1><p>Here and at your company&rsquo;s sign-in page.</p>\
         <p><a class='button' href='/sign-in'>Sign in again</a></p></section>",
    )
}

pub fn not_found() -> String {
    page(
        "CloudSync",
        "<section class='hero'><h1>There is no such page</h1><p><a class='button' href='/'>To the start page</a></p></section>",
    )
}

pub fn trouble(trouble: &Trouble) -> String {
    let (title, what, code, details) = match trouble {
        Trouble::NotOurs => (
            "This sign-in is not valid",
            "It was started in another browser, was used already, or took too long. Nothing was lost: sign in again.",
            "state",
            "",
        ),
        Trouble::Away(cause) => (
            "The sign-in page does not answer",
            "Your company&rsquo;s sign-in service can&rsquo;t be reached at the moment.",
            "unreachable",
            cause.as_str(),
        ),
        Trouble::NotVerified(cause) => (
            "The response could not be verified",
            "A check of the sign-in service&rsquo;s response failed, so CloudSync did not use it.",
            "not_verified",
            cause.as_str(),
        ),
        Trouble::Refused { code, words } => {
            ("You are not signed in", in_words(code), code.as_str(), words.as_str())
        }
    };
    let details = if details.is_empty() { String::new() } else { format!("<p>{}</p>", escape(details)) };
    let body = format!(
        "<section class='hero'><h1>{title}</h1><p>{what}</p>{details}<p class='note'>Code: <code>{}</code></p>\
         <p><a class='button' href='/sign-in'>Try again</a></p></section>",
        escape(code)
    );
    page(title, &body)
}

fn in_words(code: &str) -> &'static str {
    match code {
        "access_denied" => "Your company did not allow the sign-in, or you cancelled it.",
        "login_required" | "interaction_required" => {
            "You have to sign in again: it cannot be done in the background."
        }
        "invalid_grant" => {
            "CloudSync&rsquo;s code or token is no longer valid: it was used, has expired, or your access has ended."
        }
        "invalid_token" => "The access token is no longer accepted.",
        "invalid_client" | "unauthorized_client" => {
            "The provider does not accept CloudSync&rsquo;s own credentials."
        }
        "temporarily_unavailable" => "The company&rsquo;s directory does not answer at the moment.",
        "server_error" => "Something went wrong at the sign-in service.",
        _ => "The sign-in service refused.",
    }
}

fn table(claims: &Map<String, Value>) -> String {
    let known = CLAIMS.iter().filter_map(|(key, about)| Some((*key, claims.get(*key)?, *about)));
    let others = claims.iter().filter(|(key, _)| !CLAIMS.iter().any(|(known, _)| known == key));
    let rows = known.chain(others.map(|(key, value)| (key.as_str(), value, "")));
    let mut html = String::from("<table><thead><tr><th>Claim</th><th>Value</th></tr></thead><tbody>");
    for (key, value, about) in rows.filter(|(_, value, _)| !value.is_null()) {
        let (key, value) = (escape(key), readable(key, value));
        let _ = write!(
            html,
            "<tr><th scope='row'><code>{key}</code><small>{about}</small></th><td>{value}</td></tr>"
        );
    }
    html + "</tbody></table>"
}

fn readable(key: &str, value: &Value) -> String {
    match value {
        Value::Array(all) => {
            all.iter().map(|one| format!("<span class='chip'>{}</span>", readable("", one))).collect()
        }
        Value::Number(number) if matches!(key, "iat" | "exp" | "auth_time" | "updated_at") => {
            let time = number.as_i64().and_then(|at| jiff::Timestamp::from_second(at).ok());
            time.map_or_else(|| number.to_string(), |at| at.strftime("%F %T UTC").to_string())
        }
        Value::String(text) => escape(text),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => escape(&other.to_string()),
    }
}

fn seconds(all: u64) -> String {
    match all {
        60 => "1 minute".to_owned(),
        n if n % 60 == 0 => format!("{} minutes", n / 60),
        n => format!("{n} seconds"),
    }
}

pub fn page(title: &str, body: &str) -> String {
    whole(title, "", body)
}

/// A page that is read again every three seconds, without a script.
pub fn live_page(title: &str, body: &str) -> String {
    whole(title, "<meta http-equiv='refresh' content='3'>", body)
}

fn whole(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>\
         <meta name='viewport' content='width=device-width, initial-scale=1'>\
         <meta name='color-scheme' content='light dark'><link rel='icon' href='data:,'>{head}<style>{STYLE}</style></head>\
         <body><header><a class='brand' href='/'>{CLOUD}CloudSync</a><span class='badge'>demo stand-in</span></header>\
         <main>{body}</main></body></html>"
    )
}

/// The only place where text becomes HTML.
pub fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\'' => html.push_str("&#39;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
        html
    })
}

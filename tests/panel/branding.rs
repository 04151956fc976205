//! Branding: saved with the checks of the settings, and shown in a frame before it is saved.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloudsync_idp::domain::admin::Role;
use reqwest::StatusCode;

use super::PanelStory;
use crate::support::browser::Page;

const PATH: &str = "/admin/settings/integrations/single-sign-on/branding";
const PREVIEW: &str = "/admin/settings/integrations/single-sign-on/branding/preview";
const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><circle r=\"4\"/></svg>";

#[tokio::test]
async fn the_look_is_saved_with_the_checks_of_the_settings() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, PATH).await;
    for (key, typed, words) in [
        ("product_name", " ", "is empty; give the name"),
        ("accent_color", "#ffff00", "has a contrast of"),
        ("accent_color", "red", "is not a colour such as"),
        ("logo", "<script>alert(1)</script>", "is neither a PNG nor an SVG"),
        ("logo", "!!!", "is not base64"),
        ("help", "en | | javascript:alert(1)", "the scheme javascript is not allowed"),
        ("help", "en\nen", "has an entry already"),
        ("legal_links", "fr | Vie | https://a.example", "use one of"),
        ("legal_links", "en | Privacy | https://a.example | more", "https://a.example | more"),
        ("help", "en | | | | +49 30 | more", "is not a telephone number"),
    ] {
        let name = format!("branding.{key}");
        let page = story.saves(&inside, PATH, &[("version", &version), (&name, typed)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{key} {typed:?}: {}", page.text());
        assert!(page.text().contains(words), "{key} {typed:?}: {}", page.text());
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
    // A logo as large as is allowed is longer than other forms may be.
    let large = LOGO.replace("</svg>", &format!("<!--{}--></svg>", "x".repeat(120 * 1024)));
    let fields = [
        ("version", version.as_str()),
        ("branding.product_name", "Files"),
        ("branding.logo", large.as_str()),
        ("branding.help", "en | the desk | https://help.example | | +49 30 12"),
        (
            "branding.legal_links",
            "en | Privacy | https://a.example/p\r\nde | Datenschutz | https://a.example/d",
        ),
    ];
    let saved = story.saves(&inside, PATH, &fields).await;
    assert_eq!(saved.told(), Some(format!("{PATH}|saved=yes")), "{}", saved.text());
    let branding = story.settings().await.branding;
    assert_eq!((branding.product_name.as_str(), branding.help[0].phone.as_str()), ("Files", "+49 30 12"));
    assert_eq!((branding.legal_links.len(), branding.logo), (2, BASE64_STANDARD.encode(&large)));
    let page = inside.browser.open(&story.url(PATH)).await;
    assert!(page.body.contains("de | Datenschutz | https://a.example/d"), "{}", page.text());
}

#[tokio::test]
async fn the_preview_shows_what_was_typed_in_a_frame_where_nothing_runs() {
    let story = PanelStory::new("").await;
    let (inside, auditor) = (story.inside(Role::Owner).await, story.inside(Role::Auditor).await);
    let before = story.settings().await;
    let editor = inside.browser.open(&story.url(PATH)).await;
    assert!(editor.headers["content-security-policy"].contains("frame-src 'self'"), "{:?}", editor.headers);
    assert!(editor.body.contains("sandbox=\"\"") && editor.headers["x-frame-options"] == "DENY");
    let fields = [
        ("branding.product_name", "Files & <b>more</b>"),
        ("branding.accent_color", "#8a1538"),
        ("branding.logo", LOGO),
        ("branding.help", "en | the desk"),
        ("branding.logo_file", "/etc/passwd"),
    ];
    let page = story.saves(&inside, PREVIEW, &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    for shown in ["Files &#38; &#60;b&#62;more", "the desk", "name=\"password\""] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let logo = format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(LOGO));
    assert!(page.body.contains(&logo) && page.body.contains("data:text/css"), "{}", page.body);
    let policy = &page.headers["content-security-policy"];
    for part in ["default-src 'none'", "form-action 'none'", "frame-ancestors 'self'", "sandbox"] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["x-frame-options"], "SAMEORIGIN");
    let wrong = story.saves(&inside, PREVIEW, &[("branding.accent_color", "\"><script>")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("is not a colour") && !wrong.body.contains("<script>"), "{}", wrong.body);
    // Who only reads sees the stored look; nothing was saved by any of it.
    assert_eq!(story.saves(&auditor, PREVIEW, &[]).await.status, StatusCode::OK);
    assert_eq!(story.saves(&auditor, PATH, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(story.settings().await, before);
}

#[tokio::test]
async fn a_logo_is_uploaded_as_a_file() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let editor = inside.browser.open(&story.url(PATH)).await;
    assert!(editor.body.contains("enctype=\"multipart/form-data\""), "{}", editor.body);
    assert!(editor.body.contains("name=\"branding.logo_upload\" type=\"file\""), "{}", editor.body);
    let before = LOGO.replace("circle", "ellipse");
    let upload = async |path: &str, file: &[u8]| {
        let (token, version) = (story.token(&inside.cookie, path).await, story.version(&inside, PATH).await);
        let field = |head: &str, content: &[u8]| {
            let head = format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
            [head.as_bytes(), content, b"\r\n"].concat()
        };
        let body = [
            field("name=\"csrf\"", token.as_bytes()),
            field("name=\"version\"", version.as_bytes()),
            field("name=\"branding.logo\"", before.as_bytes()),
            field("name=\"branding.logo_upload\"; filename=\"logo.png\"", file),
            b"--b--\r\n".to_vec(),
        ];
        let request = inside.browser.http.post(story.url(path)).header("origin", &story.provider.url);
        let request = request.header("content-type", "multipart/form-data; boundary=b").body(body.concat());
        Page::of(request).await
    };
    let shown = upload(PREVIEW, LOGO.as_bytes()).await;
    let logo = format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(LOGO));
    assert!(shown.body.contains(&logo), "{}", shown.body);
    let wrong = upload(PATH, b"\xff\xd8\xff\xe0 a JPEG").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    assert!(wrong.text().contains("is neither a PNG nor an SVG"), "{}", wrong.text());
    let saved = upload(PATH, LOGO.as_bytes()).await;
    assert_eq!(saved.told(), Some(format!("{PATH}|saved=yes")), "{}", saved.text());
    assert_eq!(story.settings().await.branding.logo, BASE64_STANDARD.encode(LOGO));
    let kept = upload(PATH, b"").await;
    assert_eq!(kept.told(), Some(format!("{PATH}|saved=yes")), "the text counts: {}", kept.text());
    assert_eq!(story.settings().await.branding.logo, BASE64_STANDARD.encode(&before));
}

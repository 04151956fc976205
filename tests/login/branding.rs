//! A company's branding: on every page at once, from our own origin, under the same Content-Security-Policy.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::at_openldap;
use crate::support::browser::{Browser, Page};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

fn branding() -> String {
    format!(
        "[branding]\nproduct_name = \"Files & <Co>\"\ncompany_name = \"Example Corp\"\nlogo = \"{}\"\n\
         accent_color = \"#8a1538\"\n\
         help = [{{ language = \"en\", text = \"the desk\", email = \"desk@corp.example\" }}]\n\
         legal_links = [{{ language = \"en\", label = \"Privacy\", url = \"https://corp.example/privacy\" }}]\n",
        BASE64_STANDARD.encode(SVG)
    )
}

fn assets(page: &Page) -> Vec<&str> {
    let parts = page.body.split('"').filter(|part| part.starts_with("/assets/brand."));
    parts.collect()
}

#[tokio::test]
async fn pages_use_the_companys_branding_from_our_own_origin() {
    let provider = at_openldap().await;
    let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
    let before = browser.follow(&cloudsync.authorize(&[]).url).await;
    assert!(assets(&before).is_empty() && before.body.contains("<bdi>CloudSync</bdi>"), "{}", before.body);
    provider.apply(&branding(), Mode::Merge).await.expect("good settings");

    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    assert!(page.body.contains("<bdi>Files &#38; &#60;Co&#62;</bdi>"), "{}", page.body);
    for part in ["mailto:desk@corp.example", "href=\"https://corp.example/privacy\"", "Example Corp"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let policy = &page.headers["content-security-policy"];
    assert!(policy.contains("style-src 'self'; img-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let missing = browser.open(&format!("{}/nothing-here", provider.url)).await;
    assert!(missing.text().contains("Example Corp") && missing.body.contains("mailto:"), "{}", missing.body);

    assert_eq!(assets(&page).len(), 3, "the sheet, the icon, the logo: {:?}", assets(&page));
    for asset in assets(&page) {
        let served = browser.open(&page.absolute(asset)).await;
        assert_eq!(served.status, StatusCode::OK, "{asset}");
        assert!(served.headers["content-security-policy"].ends_with("sandbox"), "{:?}", served.headers);
        assert_eq!(served.headers["x-content-type-options"], "nosniff");
        let kind = if asset.ends_with(".css") { "text/css; charset=utf-8" } else { "image/svg+xml" };
        assert_eq!(served.headers["content-type"], kind);
    }
    provider
        .apply("[branding]\nlogo = \"\"\naccent_color = \"\"\n", Mode::Merge)
        .await
        .expect("good settings");
    let gone = browser.open(&page.absolute(assets(&page)[0])).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

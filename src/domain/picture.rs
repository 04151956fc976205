//! Check a logo: its format is found from its content, not its name.

/// More than any logo for a web page needs.
pub const LARGEST: usize = 128 * 1_024;
/// A larger picture only costs memory in every browser.
const LONGEST_SIDE: u32 = 4_096;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The supported formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    Png,
    /// Browsers show it as an image, without scripts.
    Svg,
}

/// Why a file is not accepted as a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    #[error("is larger than 128 KiB; make it smaller, or use SVG")]
    TooLarge,
    #[error("is neither a PNG nor an SVG (checked by its content, not its name)")]
    OtherKind,
    #[error("is a PNG with a side outside 1 to 4096 pixels; 256 are enough")]
    Sides,
}

impl LogoFormat {
    /// Detects the format and checks the limits.
    pub fn of(bytes: &[u8]) -> Result<Self, NoPicture> {
        if bytes.len() > LARGEST {
            return Err(NoPicture::TooLarge);
        }
        if bytes.starts_with(PNG) {
            return sides(bytes).map(|()| Self::Png).ok_or(NoPicture::Sides);
        }
        std::str::from_utf8(bytes)
            .ok()
            .filter(|text| is_svg(text))
            .map(|_| Self::Svg)
            .ok_or(NoPicture::OtherKind)
    }

    /// The `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }

    /// The file name extension.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// The header chunk comes first (PNG, 11.2.2): its length and name, then width and height.
fn sides(bytes: &[u8]) -> Option<()> {
    let header = bytes.get(PNG.len()..PNG.len() + 16)?;
    let side = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let fits = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    (header.get(4..8)? == b"IHDR" && fits(side(8)?) && fits(side(12)?)).then_some(())
}

/// True if the first element is `svg`, after declaration, comments and document type.
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!") => ">",
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    let Some(after) = rest.strip_prefix("<svg") else { return false };
    after.starts_with(|next: char| next.is_whitespace() || next == '>' || next == '/')
        && after.contains("http://www.w3.org/2000/svg")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        [PNG, &[0, 0, 0, 13], b"IHDR", &width.to_be_bytes(), &height.to_be_bytes()].concat()
    }

    #[test]
    fn a_logo_is_recognised_by_its_content() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        let headed = format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- <svg> -->\n<!DOCTYPE svg>\n{svg}");
        let html = format!("<html>{svg}</html>");
        let long = format!("{svg}{}", " ".repeat(LARGEST));
        for (bytes, expected) in [
            (png(64, 64), Ok(LogoFormat::Png)),
            (png(0, 64), Err(NoPicture::Sides)),
            (png(64, 100_000), Err(NoPicture::Sides)),
            (PNG.to_vec(), Err(NoPicture::Sides)),
            (svg.into(), Ok(LogoFormat::Svg)),
            (headed.into(), Ok(LogoFormat::Svg)),
            (html.into(), Err(NoPicture::OtherKind)),
            (b"<svgx>".to_vec(), Err(NoPicture::OtherKind)),
            (b"<!-- never ends".to_vec(), Err(NoPicture::OtherKind)),
            (b"\xff\xd8\xff\xe0 a photograph".to_vec(), Err(NoPicture::OtherKind)),
            (Vec::new(), Err(NoPicture::OtherKind)),
            (long.into(), Err(NoPicture::TooLarge)),
        ] {
            assert_eq!(
                LogoFormat::of(&bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_a_result(bytes: Vec<u8>) {
            let _ = LogoFormat::of(&bytes);
            let _ = LogoFormat::of(&[PNG, bytes.as_slice()].concat());
        }
    }
}

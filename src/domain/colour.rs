//! Colours of pages: contrast (WCAG 2.2, 1.4.3), and the shades computed from one accent colour. The colours
//! of the style sheet that an accent is shown next to are repeated here; a test compares them with the sheet.

use std::fmt;

/// The contrast that WCAG 2.2 requires for text at level AA.
pub const ENOUGH: f64 = 4.5;

/// One sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The two colour schemes of each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// An accent and its derived colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    pub plain: Colour,
    /// Links and buttons on hover.
    pub strong: Colour,
    /// The background of badges and of the signed-in person's name.
    pub wash: Colour,
    /// Text on a button.
    pub on: Colour,
}

impl Colour {
    pub const WHITE: Self = Self([0xff; 3]);

    /// Parses `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let mut bytes = [0; 3];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// This colour mixed with so many percent of another one.
    #[must_use]
    pub fn mixed(self, other: Self, hundredths: u16) -> Self {
        let share = hundredths.min(100);
        let mix = |one: u8, two: u8| {
            let sum = u16::from(one) * (100 - share) + u16::from(two) * share;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        Self([mix(a, x), mix(b, y), mix(c, z)])
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.2, "contrast ratio": 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }
}

impl Scheme {
    /// The backgrounds of links: the page, a card, and a notice on a card.
    #[must_use]
    pub fn grounds(self) -> [Colour; 3] {
        match self {
            Self::Light => [Colour([0xee, 0xf2, 0xfa]), Colour::WHITE, Colour([0xfd, 0xf1, 0xed])],
            Self::Dark => {
                [Colour([0x0b, 0x10, 0x1d]), Colour([0x14, 0x1b, 0x2d]), Colour([0x2c, 0x1b, 0x1c])]
            }
        }
    }

    /// The lowest contrast of this accent as text on page, card, notice and wash.
    #[must_use]
    pub fn contrast_of(self, accent: Colour) -> f64 {
        let [page, card, notice] = self.grounds();
        let wash = self.wash(accent);
        [page, card, notice, wash]
            .into_iter()
            .map(|under| accent.contrast(under))
            .fold(f64::INFINITY, f64::min)
    }

    fn wash(self, accent: Colour) -> Colour {
        let [_, card, _] = self.grounds();
        match self {
            Self::Light => card.mixed(accent, 8),
            Self::Dark => card.mixed(accent, 12),
        }
    }

    /// The colour towards which an accent is changed until it is readable.
    fn readable_end(self) -> Colour {
        match self {
            Self::Light => Colour([0; 3]),
            Self::Dark => Colour::WHITE,
        }
    }

    /// This colour if it is readable, else the nearest shade that is.
    #[must_use]
    pub fn readable(self, colour: Colour) -> Colour {
        let shades = (0..=100).map(|share| colour.mixed(self.readable_end(), share));
        shades.into_iter().find(|shade| self.contrast_of(*shade) >= ENOUGH).unwrap_or(self.readable_end())
    }

    /// The accent and its shades.
    #[must_use]
    pub fn accent(self, plain: Colour) -> Accent {
        let strong = plain.mixed(self.readable_end(), 22);
        let [ground, ..] = Self::Dark.grounds();
        let both = |text: Colour| text.contrast(plain).min(text.contrast(strong));
        let on = if both(Colour::WHITE) >= both(ground) { Colour::WHITE } else { ground };
        Accent { plain, strong, wash: self.wash(plain), on }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHEET: &str = include_str!("../../templates/assets/style.css");
    const BOTH: [Scheme; 2] = [Scheme::Light, Scheme::Dark];

    fn colour(text: &str) -> Colour {
        Colour::parse(text).expect("a colour")
    }

    #[test]
    fn contrast_matches_the_standard() {
        for (one, two, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#ff0000", "#ffffff", 4.0),
        ] {
            let found = colour(one).contrast(colour(two));
            assert!((found - expected).abs() < 0.01, "{one} on {two}: {found}");
        }
    }

    #[test]
    fn only_a_hash_and_six_digits_are_a_colour() {
        assert_eq!(colour("#2450D8").to_string(), "#2450d8");
        for wrong in ["", "2450d8", "#245", "#2450dg", "#2450d8ff", "red", "#2450d8;}"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_backgrounds_match_the_style_sheet() {
        let (light, dark) = SHEET.split_once("prefers-color-scheme: dark").expect("two schemes");
        for (scheme, part) in [(Scheme::Light, light), (Scheme::Dark, dark)] {
            let names = ["ground", "card", "trouble-wash"];
            for (name, colour) in names.iter().zip(scheme.grounds()) {
                assert!(part.contains(&format!("--{name}: {colour};")), "{scheme:?} {name}");
            }
        }
    }

    #[test]
    fn a_readable_colour_stays_and_others_are_shaded() {
        assert_eq!(Scheme::Light.readable(colour("#2450d8")), colour("#2450d8"));
        assert!(Scheme::Light.contrast_of(colour("#ffd500")) < 1.5);
        assert_ne!(Scheme::Dark.readable(colour("#2450d8")), colour("#2450d8"));
    }

    proptest! {
        #[test]
        fn everything_on_an_accent_is_readable(bytes: [u8; 3]) {
            for scheme in BOTH {
                let plain = scheme.readable(Colour(bytes));
                let accent = scheme.accent(plain);
                let [ground, card, notice] = scheme.grounds();
                prop_assert!(scheme.contrast_of(plain) >= ENOUGH);
                for (text, under) in [
                    (accent.on, plain),
                    (accent.on, accent.strong),
                    (accent.strong, ground),
                    (accent.strong, card),
                    (accent.strong, notice),
                ] {
                    prop_assert!(text.contrast(under) >= ENOUGH, "{:?} {} on {}", scheme, text, under);
                }
                // The names shown on the wash.
                let (text, soft) = match scheme {
                    Scheme::Light => ("#111a30", "#525d78"),
                    Scheme::Dark => ("#e9edf7", "#a6b1ca"),
                };
                for words in [text, soft] {
                    let contrast = colour(words).contrast(accent.wash);
                    prop_assert!(contrast >= ENOUGH, "{:?} {} on {}", scheme, words, accent.wash);
                }
            }
        }
    }
}

//! Draws a QR code as one inline SVG path: the pages' policy allows no inline style, and no image is needed.

use qrcode::{Color, QrCode};

/// ISO/IEC 18004, 9.1: four light modules on every side, or phones do not recognise the code.
const QUIET: usize = 4;

/// The drawing, in modules. It is dark on light in both colour schemes: many phones read no other.
#[derive(Clone, Debug)]
pub(super) struct QrPicture {
    /// Width and height, including the quiet zone.
    pub(super) side: usize,
    /// The dark modules, one run at a time.
    pub(super) path: String,
}

impl QrPicture {
    /// `None` for a text that is too long for a QR code.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let rows = code.to_colors();
        let mut path = String::new();
        for (y, row) in rows.chunks(code.width()).enumerate() {
            draw_row(&mut path, row, y + QUIET);
        }
        Some(Self { side: code.width() + 2 * QUIET, path })
    }
}

fn draw_row(path: &mut String, row: &[Color], y: usize) {
    let mut x = QUIET;
    for run in row.chunk_by(|one, next| one == next) {
        if run[0] == Color::Dark {
            path.push_str(&format!("M{x} {y}h{0}v1h-{0}z", run.len()));
        }
        x += run.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_the_code() {
        let text = "otpauth://totp/CloudSync:alice?secret=JBSWY3DPEHPK3PXP&issuer=CloudSync";
        let picture = QrPicture::of(text).unwrap();
        let code = QrCode::new(text).unwrap();
        let mut dark = vec![false; picture.side * picture.side];
        for run in picture.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let length = rest.split_once('v').unwrap().0;
            let (x, y, length): (usize, usize, usize) =
                (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
            dark[y * picture.side + x..][..length].fill(true);
        }
        for (place, dark) in dark.iter().enumerate() {
            let (x, y) = (place % picture.side, place / picture.side);
            let inside = |at: usize| (QUIET..picture.side - QUIET).contains(&at);
            let wanted = inside(x) && inside(y) && code[(x - QUIET, y - QUIET)] == Color::Dark;
            assert_eq!(*dark, wanted, "{x} {y}");
        }
    }
}

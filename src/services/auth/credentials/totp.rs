//! Codes of a second factor, as authenticator apps make them: TOTP (RFC 6238) with SHA-1, six digits and thirty
//! seconds. A code counts one step early or late, since clocks differ; that each is used only once, the caller has to
//! ensure.

use png::{BitDepth, ColorType, Encoder};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Secret, Totp};

use crate::error::{Error, Result};
use crate::services::platform::keys::random;
use crate::wire::Millis;

/// Pixels of a module of the QR code, and modules of the border that readers need.
const SCALE: i32 = 5;
const BORDER: i32 = 4;

/// The TOTP codes of one account.
pub struct Codes(Totp);

impl Codes {
    /// Bytes for a new secret.
    pub fn secret() -> Result<Vec<u8>> {
        Ok(random::<20>()?.to_vec())
    }

    /// The codes of `secret`, which apps list under `house`, the issuer, and `account`.
    pub fn new(secret: &[u8], house: &str, account: &str) -> Result<Self> {
        // A colon separates the two in the link.
        let plain = |text: &str| text.replace(':', " ");
        let built = Builder::new()
            .with_secret(Secret::new(secret.into()))
            .with_issuer(Some(plain(house)))
            .with_account_name(plain(account))
            .build();
        Ok(Self(built.map_err(|e| Error::internal(format!("second factor: {e}")))?))
    }

    /// The secret as base32, for typing.
    pub fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// A QR code (PNG) of the link that apps read.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let link = self.0.to_url().map_err(|e| Error::internal(format!("second factor: {e}")))?;
        draw(&link)
    }

    /// The time step that `code` belongs to; `None` if it is not valid now.
    pub fn step(&self, code: &str, now: Millis) -> Option<i64> {
        let digits = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        let seconds = u64::try_from(now / 1000).ok().filter(|_| digits)?;
        self.0.check(code, seconds).and_then(|step| i64::try_from(step).ok())
    }
}

fn draw(link: &str) -> Result<Vec<u8>> {
    let failed = |e: String| Error::internal(format!("drawing a code: {e}"));
    let code = QrCode::encode_text(link, QrCodeEcc::Medium).map_err(|e| failed(e.to_string()))?;
    let side = (code.size() + 2 * BORDER) * SCALE;
    let is_dark = |x: i32, y: i32| code.get_module(x / SCALE - BORDER, y / SCALE - BORDER);
    let pixels: Vec<u8> =
        (0..side * side).map(|at| if is_dark(at % side, at / side) { 0 } else { 255 }).collect();
    let side = side.unsigned_abs();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|e| failed(e.to_string()))?;
    writer.write_image_data(&pixels).map_err(|e| failed(e.to_string()))?;
    writer.finish().map_err(|e| failed(e.to_string()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret, and the last six digits of its codes.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        let codes = Codes::new(SECRET, "Acme: Chat", "ann").expect("a secret of 20 bytes");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(codes.step(code, seconds * 1000), Some(seconds / 30), "{code}");
        }
        assert_eq!(codes.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_a_step_early_or_late_and_no_longer() {
        let codes = Codes::new(SECRET, "Acme", "ann").expect("a secret of 20 bytes");
        let at = |seconds: i64| codes.step("287082", seconds * 1000);
        assert_eq!((at(29), at(30), at(60), at(89)), (Some(1), Some(1), Some(1), Some(1)));
        assert_eq!((at(90), at(0)), (None, Some(1)));
        for wrong in ["287083", "28 7082", "", "0287082", "２８７０８２", "-87082"] {
            assert_eq!(codes.step(wrong, 59_000), None, "{wrong}");
        }
    }

    #[test]
    fn the_picture_is_a_png_with_a_border() {
        let picture = Codes::new(SECRET, "Acme", "ann").expect("a secret").picture().expect("drawn");
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let frame = reader.next_frame(&mut pixels).expect("a picture");
        let width = usize::try_from(frame.width).expect("small");
        assert!(pixels[..width * 20].iter().all(|p| *p == 255), "a quiet border");
        assert_eq!(pixels[width * 20 + 20], 0, "the corner of the code");
    }
}

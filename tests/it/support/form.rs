//! Forms as browsers send them, and files as they come back.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::{Answer, Person};

const BOUNDARY: &str = "----------7d4a6d158c9";

/// A form: fields, and files with what they call themselves.
#[derive(Default)]
pub(crate) struct Form {
    body: Vec<u8>,
}

impl Form {
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        self.body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        self
    }

    pub(crate) fn file(self, name: &str, called: &str, file: &[u8]) -> Self {
        self.file_as("application/octet-stream", name, called, file)
    }

    /// A file that says that it is of some type.
    pub(crate) fn file_as(mut self, said: &str, name: &str, called: &str, file: &[u8]) -> Self {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\n\
             Content-Type: {said}\r\n\r\n"
        );
        self.body.extend([head.as_bytes(), file, b"\r\n"].concat());
        self
    }

    /// A part that says itself what it is.
    pub(crate) fn headed(mut self, says: &str, file: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {says}\r\n\r\n");
        self.body.extend([head.as_bytes(), file, b"\r\n"].concat());
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.body
    }
}

impl Person {
    /// Sends a form.
    pub(crate) async fn sends(&self, path: &str, form: Form) -> Answer {
        let request = self.request(Method::POST, path).body(form.end());
        Answer::of(request.header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))).await
    }

    /// Fetches a file: its status, its headers, its bytes.
    pub(crate) async fn fetches(&self, path: &str) -> (u16, HeaderMap, Vec<u8>) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }
}

/// A PNG, red on the left and blue on the right.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(width, height, image::ImageFormat::Png)
}

/// The same in another kind of file.
pub(crate) fn encoded(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let flag = image::RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 { [220, 20, 20] } else { [20, 20, 220] })
    });
    let mut file = std::io::Cursor::new(Vec::new());
    flag.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A GIF of `frames` pictures.
pub(crate) fn gif(width: u32, height: u32, frames: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut file, 30);
    for n in 0..frames {
        let shade = image::RgbaImage::from_pixel(width, height, image::Rgba([n * 9, 90, 10, 255]));
        encoder.encode_frame(image::Frame::new(shade)).unwrap();
    }
    drop(encoder);
    file
}

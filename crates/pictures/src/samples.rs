//! Generated pictures for tests: valid, rotated, animated, cut off, with false headers, and decompression bombs.

use image::{DynamicImage, ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

/// Left half red, right half blue, the top row white.
pub(crate) fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x, y) {
        (_, 0) => Rgb([255, 255, 255]),
        (x, _) if x < width / 2 => Rgb([220, 20, 20]),
        (_, _) => Rgb([20, 20, 220]),
    })
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    super::png::encode(&DynamicImage::from(flag(width, height)), None).expect("encoded")
}

pub(crate) fn glass(width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbaImage::from_pixel(width, height, Rgba([10, 200, 10, 100]));
    super::png::encode(&DynamicImage::from(pixels), None).expect("encoded")
}

pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    super::jpeg::encode(&DynamicImage::from(flag(width, height)), None).expect("encoded")
}

pub(crate) fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut file);
    encoder.write_image(&flag(width, height), width, height, ExtendedColorType::Rgb8).expect("encoded");
    file
}

pub(crate) fn gif(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut file, 30);
    for n in 0..frames {
        let shade = u8::try_from(n * 7 % 256).expect("a byte");
        let pixels = RgbaImage::from_pixel(width, height, Rgba([shade, 90, 10, 255]));
        encoder.encode_frame(image::Frame::new(pixels)).expect("encoded");
    }
    drop(encoder);
    file
}

/// A JPEG with an orientation, a location, and hidden data after its end.
pub(crate) fn camera(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = jpeg(width, height);
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    *tiff.get_mut(25).expect("the value") = orientation;
    tiff.extend(b"GPS 48.8584 N 2.2945 E");
    let length = u16::try_from(tiff.len() + 2).expect("short").to_be_bytes();
    let note = b"\xff\xfe\0\x0fsecret of Ann";
    [&plain[..2], &[0xff, 0xe1], &length, &tiff, note, &plain[2..], b"PK\x03\x04 an archive"].concat()
}

/// A PNG with a comment.
pub(crate) fn noted_png(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(width, height);
    file.splice(33..33, *b"\0\0\0\x04tEXtHome\x11\x22\x33\x44");
    file
}

/// A GIF with a comment, and hidden data after its end.
pub(crate) fn noted_gif(width: u32, height: u32) -> Vec<u8> {
    let mut file = gif(width, height, 3);
    file.pop();
    file.extend(b"\x21\xfe\x04Home\0\x3b<script>");
    file
}

/// A WebP that declares metadata, and has it.
pub(crate) fn noted_webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = webp(width, height);
    let side = |n: u32| (n - 1).to_le_bytes()[..3].to_vec();
    let head = [&b"VP8X\x0a\0\0\0\x0c\0\0\0"[..], &side(width), &side(height)].concat();
    file.splice(12..12, head);
    file.extend(b"EXIF\x04\0\0\0HomeXMP \x05\0\0\0Home!\0");
    let length = u32::try_from(file.len() - 8).expect("short").to_le_bytes();
    file.splice(4..8, length);
    file
}

/// A PNG of `width` × `height` pixels of zeros, of a few kilobytes a megapixel.
pub(crate) fn blank(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    let mut stream = writer.stream_writer().expect("a stream");
    let line = vec![0; usize::try_from(width * 4).expect("a line")];
    for _ in 0..height {
        std::io::Write::write_all(&mut stream, &line).expect("written");
    }
    stream.finish().expect("finished");
    drop(writer);
    file
}

/// The same file with a header that claims `width` × `height`.
pub(crate) fn lying_png(mut file: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    file.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
    let sum = crc32(&file[12..29]).to_be_bytes();
    file.splice(29..33, sum);
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    })
}

//! Pictures on their way in: looked at, turned upright, made small, and written anew, so that nothing of the file that was
//! sent is kept but what can be seen: no place, no time, no camera, no owner.
//!
//! The bytes come from strangers. Size and format are read from the header before anything is decoded, and the memory for
//! it is taken from the budget of all uploads; decoding runs on a thread where it may take its time.

use std::io::Cursor;
use std::sync::Arc;

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::app::AppState;
use crate::error::AppError;

/// Longest side of a course picture, in pixels; what was smaller stays as it is.
pub const SIDE: u32 = 1024;
/// Shortest side of anything that shows something, in pixels.
const LEAST_SIDE: u32 = 16;
/// Most pixels that are decoded; cameras of phones make 12 million.
const MAX_PIXELS: u64 = 25_000_000;
/// Longest side of what is decoded, in pixels.
const LONGEST_SIDE: u32 = 20_000;
/// Memory for decoding beyond the pixels themselves, in bytes.
const MARGIN: u64 = 16 << 20;
/// So many times as large as the square is the picture that it is cut out of.
const CROPPED_FROM: u32 = 4;
/// Quality of JPEG, of 100: what nobody sees the difference of.
const QUALITY: u8 = 85;

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Media type: JPEG, or PNG where one can see through it.
    pub mime: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a file is not taken as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// No file was sent.
    #[error("no file")]
    Missing,
    /// Not JPEG, PNG, WebP or GIF.
    #[error("not a picture of a known format")]
    Format,
    /// More pixels than are decoded.
    #[error("too many pixels")]
    Large,
    /// Too few pixels to show anything.
    #[error("too few pixels")]
    Small,
    /// It cannot be decoded.
    #[error("damaged")]
    Damaged,
}

impl PictureError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Missing => "picture-error-missing",
            Self::Format => "picture-error-format",
            Self::Large => "picture-error-large",
            Self::Small => "picture-error-small",
            Self::Damaged => "picture-error-damaged",
        }
    }
}

/// Which square of an upright picture is wanted, in percent: how far from the left and from the top of what is left over
/// beside the square, and its side, of the shorter side of the picture. Whatever the numbers, it lies within the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    /// 0 is at the left, 100 at the right.
    pub x: f32,
    /// 0 is at the top, 100 at the bottom.
    pub y: f32,
    /// 100 is as large as it can be.
    pub size: f32,
}

impl Default for Crop {
    /// The largest square in the middle.
    fn default() -> Self {
        Self { x: 50.0, y: 50.0, size: 100.0 }
    }
}

impl Crop {
    /// Left, top and side in pixels of a picture.
    fn within(&self, width: u32, height: u32) -> (u32, u32, u32) {
        let share = |percent: f32| f64::from(percent.clamp(0.0, 100.0)) / 100.0;
        let shorter = width.min(height);
        let side = ((f64::from(shorter) * share(self.size)).round() as u32).clamp(LEAST_SIDE.min(shorter), shorter);
        let at = |length: u32, percent| (f64::from(length - side) * share(percent)).round() as u32;
        (at(width, self.x), at(height, self.y), side)
    }
}

/// Makes a square picture of a part of a file, its side no longer than `side` pixels; as [`take`] otherwise.
///
/// # Errors
/// As for [`take`].
pub async fn take_square(
    app: &AppState,
    file: Bytes,
    side: u32,
    crop: Crop,
) -> Result<Result<Picture, PictureError>, AppError> {
    taken(app, file, move |file| make_square(file, side, crop)).await
}

/// Makes a picture of a file, no side longer than `side` pixels. The outer error is ours, the inner one the file's.
///
/// # Errors
/// [`AppError::Busy`] if there is no memory for it now; inside, what is wrong with the file.
pub async fn take(app: &AppState, file: Bytes, side: u32) -> Result<Result<Picture, PictureError>, AppError> {
    taken(app, file, move |file| make(file, side)).await
}

async fn taken(
    app: &AppState,
    file: Bytes,
    make: impl FnOnce(&[u8]) -> Result<Picture, PictureError> + Send + 'static,
) -> Result<Result<Picture, PictureError>, AppError> {
    if file.is_empty() {
        return Ok(Err(PictureError::Missing));
    }
    let needed = match memory_for(&file) {
        Ok(needed) => u32::try_from(needed.div_ceil(1000)).unwrap_or(u32::MAX),
        Err(error) => return Ok(Err(error)),
    };
    let all = app.config.upload_memory_mb.saturating_mul(1000);
    // A picture that takes more than there is at all, on a server with little, is too large for it.
    if needed > all {
        return Ok(Err(PictureError::Large));
    }
    let Ok(memory) = Arc::clone(&app.upload_memory).try_acquire_many_owned(needed) else {
        app.metrics.refused();
        return Err(AppError::Busy { retry_after_s: 5 });
    };
    let made = tokio::task::spawn_blocking(move || {
        let made = make(&file);
        drop(memory);
        made
    });
    // A decoder that panics has met a file that nobody can see.
    Ok(made.await.unwrap_or(Err(PictureError::Damaged)))
}

/// The decoder of a file that is small enough.
fn open(file: &[u8]) -> Result<impl ImageDecoder + '_, PictureError> {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Format)?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) => {}
        _ => return Err(PictureError::Format),
    }
    let mut reader = reader;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    limits.max_alloc = Some(MAX_PIXELS * 8 + MARGIN);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => PictureError::Large,
        _ => PictureError::Damaged,
    })?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        Err(PictureError::Large)
    } else if width.min(height) < LEAST_SIDE {
        Err(PictureError::Small)
    } else {
        Ok(decoder)
    }
}

/// How much memory decoding takes, in bytes, from the header alone.
fn memory_for(file: &[u8]) -> Result<u64, PictureError> {
    Ok(open(file)?.total_bytes() + MARGIN)
}

/// Decodes, makes small, turns upright, writes.
fn make(file: &[u8], side: u32) -> Result<Picture, PictureError> {
    write(&upright(file, side)?)
}

/// The picture as it is to be seen, no side longer than `side`.
fn upright(file: &[u8], side: u32) -> Result<DynamicImage, PictureError> {
    let mut decoder = open(file)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Damaged)?;
    // Made small before it is turned: turning takes a second copy.
    let mut image = smaller(image, side);
    image.apply_orientation(orientation);
    Ok(image)
}

/// As [`make`], of the square that is wanted. It is cut out of a picture that is larger than it will be, so that a small
/// part is still sharp.
fn make_square(file: &[u8], side: u32, crop: Crop) -> Result<Picture, PictureError> {
    let image = upright(file, side.saturating_mul(CROPPED_FROM))?;
    let (left, top, length) = crop.within(image.width(), image.height());
    write(&smaller(image.crop_imm(left, top, length, length), side))
}

/// The picture with no side longer than `side`. A rough step first keeps the fine one cheap.
fn smaller(image: DynamicImage, side: u32) -> DynamicImage {
    let longest = |image: &DynamicImage| image.width().max(image.height());
    let rough = side.saturating_mul(2);
    let image = if longest(&image) > rough { image.thumbnail(rough, rough) } else { image };
    if longest(&image) > side { image.resize(side, side, image::imageops::FilterType::CatmullRom) } else { image }
}

fn write(image: &DynamicImage) -> Result<Picture, PictureError> {
    let mut bytes = Vec::new();
    let seen_through = image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX);
    let (mime, written) = if seen_through {
        ("image/png", DynamicImage::from(image.to_rgba8()).write_with_encoder(PngEncoder::new(&mut bytes)))
    } else {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        ("image/jpeg", DynamicImage::from(image.to_rgb8()).write_with_encoder(encoder))
    };
    written.map_err(|_| PictureError::Damaged)?;
    Ok(Picture { mime, bytes })
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Vec::new();
        image.into().write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
        bytes
    }

    fn size(picture: &Picture) -> (u32, u32) {
        let image = image::load_from_memory(&picture.bytes).unwrap();
        (image.width(), image.height())
    }

    #[test]
    fn a_large_picture_becomes_small_and_a_small_one_stays() {
        let large = make(&png(RgbImage::from_pixel(3000, 1500, Rgb([9, 99, 199]))), SIDE).unwrap();
        assert_eq!((large.mime, size(&large)), ("image/jpeg", (1024, 512)));
        let small = make(&png(RgbImage::from_pixel(40, 30, Rgb([9, 99, 199]))), SIDE).unwrap();
        assert_eq!(size(&small), (40, 30));
    }

    #[test]
    fn only_what_can_be_seen_through_stays_a_png() {
        let opaque = RgbaImage::from_pixel(40, 30, Rgba([9, 99, 199, 255]));
        assert_eq!(make(&png(opaque.clone()), SIDE).unwrap().mime, "image/jpeg");
        let mut hole = opaque;
        hole.put_pixel(3, 3, Rgba([0, 0, 0, 0]));
        assert_eq!(make(&png(hole), SIDE).unwrap().mime, "image/png");
    }

    #[test]
    fn the_square_that_is_wanted_is_cut_out_and_never_leaves_the_picture() {
        // Red on the left, blue on the right.
        let wide = png(RgbImage::from_fn(400, 200, |x, _| if x < 200 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) }));
        let seen = |crop| {
            let picture = make_square(&wide, 64, crop).unwrap();
            let (width, height) = size(&picture);
            assert!(width == height && width <= 64, "{crop:?}: {width} by {height}");
            let pixel = *image::load_from_memory(&picture.bytes).unwrap().to_rgb8().get_pixel(width / 2, height / 2);
            if pixel.0[0] > pixel.0[2] { "red" } else { "blue" }
        };
        assert_eq!(seen(Crop { x: 0.0, y: 50.0, size: 100.0 }), "red");
        assert_eq!(seen(Crop { x: 100.0, y: 0.0, size: 100.0 }), "blue");
        assert_eq!(seen(Crop { x: 60.0, y: 100.0, size: 40.0 }), "blue");
        assert_eq!(seen(Crop { x: -5.0, y: 1e9, size: f32::MIN_POSITIVE }), "red");
        assert_eq!(Crop::default().within(400, 200), (100, 0, 200), "the middle");
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_reason() {
        let whole = png(RgbImage::from_fn(200, 200, |x, y| Rgb([(x * y) as u8, x as u8, y as u8])));
        assert_eq!(make(b"Dear teacher, this is no picture.", SIDE), Err(PictureError::Format));
        assert_eq!(make(&whole[..whole.len() / 2], SIDE), Err(PictureError::Damaged));
        assert_eq!(make(&whole[..20], SIDE), Err(PictureError::Damaged));
        assert_eq!(make(&png(RgbImage::new(200, 3)), SIDE), Err(PictureError::Small));
        assert_eq!(memory_for(&png(RgbImage::new(6000, 5000))), Err(PictureError::Large), "before it is decoded");
    }
}

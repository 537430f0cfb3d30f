//! What a file is called by the form that brings it.

use serde_json::{Value, json};

use super::cast;
use crate::support::form::Form;
use crate::support::{Server, each, text};

#[tokio::test]
async fn extended_names_are_understood() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let bring = async |names: &str| {
        let form = Form::default().field("channel_id", &channel);
        ann.sends("/files", form.headed(&format!("name=\"files\"; {names}"), b"text")).await
    };
    for (names, name) in [
        ("filename*=utf-8''%e6%96%87%e4%bb%b6.txt", "文件.txt"),
        ("filename*=UTF-8'de'Gr%C3%BC%C3%9Fe%20aus.txt", "Grüße aus.txt"),
        ("filename=\"plain.txt\"; filename*=utf-8''%E2%82%AC.txt", "€.txt"),
        ("filename*=utf-8''%E2%82%AC.txt; filename=\"plain.txt\"", "€.txt"),
        ("filename*=iso-8859-1''gr%FC%DFe.txt", "grüße.txt"),
        // What cannot be read gives way to the plain name.
        ("filename=\"plain.txt\"; filename*=utf-8''%ff%fe.txt", "plain.txt"),
        ("filename=\"plain.txt\"; filename*=koi8-r''%c1.txt", "plain.txt"),
        // A percent sign that begins no code stands for itself.
        ("filename*=utf-8''100%.txt", "100%.txt"),
        ("filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("filename=\"文件.txt\"", "文件.txt"),
    ] {
        let told = bring(names).await.is(201);
        assert_eq!(each(&told["file_infos"], "name"), [name], "{names}");
    }
    for names in ["filename*=utf-8''%ff%fe.txt", "filename*=koi8-r''%c1.txt"] {
        let refused = bring(names).await;
        assert!(refused.body.contains("filename"), "{}", refused.body);
        refused.refused(400, "api.context.invalid_body_param.app_error");
    }
    bring("filename*=nonsense").await.fails(400);
}

#[tokio::test]
async fn pictures_that_are_not_decoded_here_are_plain_files() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let bitmap =
        [&b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"[..], &[0; 28]].concat();
    for (name, mime, bytes) in [
        ("scan.bmp", "image/bmp", &bitmap[..]),
        ("scan.tiff", "image/tiff", b"II*\0\x08\0\0\0\0\0"),
        ("photo.heic", "image/heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ] {
        let file = ann.brings(&channel, name, bytes).await;
        assert_eq!(text(&file, "mime_type"), mime, "{file}");
        let plain = |key: &str| [Value::Null, json!(false), json!(0), json!("")].contains(&file[key]);
        assert!(["has_preview_image", "width", "height"].iter().all(|key| plain(key)), "{file}");
        let path = format!("/files/{}", text(&file, "id"));
        let got = ann.downloads(&path, &[]).await;
        assert!(got.header("content-disposition").starts_with("attachment"), "{name}");
        assert!(got.bytes == bytes);
        ann.get(&format!("{path}/thumbnail")).await.fails(400);
    }
}

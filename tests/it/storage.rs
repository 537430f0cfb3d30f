//! The two kinds of storage do the same: each story is told of the folder and of a bucket whose server checks every
//! signature.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rustchat::config::Settings;
use rustchat::error::{Kind, Result};
use rustchat::services::platform::storage::{Aside, Content, Key, LinkOptions, Storage};
use rustchat::wire::OrgId;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::eventually;
use crate::support::s3::{S3, below};

/// A storage, and what it lies in.
struct House {
    storage: Storage,
    folder: TempDir,
    s3: Option<S3>,
}

impl House {
    fn with_folder() -> Self {
        let folder = TempDir::new().unwrap();
        Self { storage: open(&folder, &[]), folder, s3: None }
    }

    fn with_bucket() -> Self {
        let (folder, s3) = (TempDir::new().unwrap(), S3::start());
        Self { storage: open(&folder, &s3.settings()), folder, s3: Some(s3) }
    }

    fn both() -> [Self; 2] {
        [Self::with_folder(), Self::with_bucket()]
    }

    /// Another node, or this one after a restart.
    fn again(&self) -> Storage {
        open(&self.folder, &self.s3.as_ref().map(S3::settings).unwrap_or_default())
    }

    fn files(&self) -> Vec<String> {
        let Some(s3) = &self.s3 else {
            let mut found = Vec::new();
            below(self.folder.path(), &mut found);
            return found;
        };
        s3.objects()
    }
}

fn open(folder: &TempDir, settings: &[(&str, String)]) -> Storage {
    let given = settings.iter().map(|(key, value)| (format!("RUSTCHAT__{key}"), value.clone()));
    let place = ("RUSTCHAT__DATA_DIR".to_owned(), folder.path().to_string_lossy().into_owned());
    Storage::open(&Settings::from_variables(given.chain([place]).collect()).unwrap()).unwrap()
}

fn key() -> Key {
    Key::new(OrgId::new(), "files", Uuid::now_v7())
}

/// Bytes that differ from place to place.
fn bytes(length: usize) -> Bytes {
    (0..length).map(|i| u8::try_from(i * i / 7 % 251).unwrap()).collect()
}

async fn whole(content: Result<Option<Content>>) -> Option<Vec<u8>> {
    let mut content = content.unwrap()?;
    let mut all = Vec::new();
    while let Some(bytes) = content.try_next().await.unwrap() {
        all.extend_from_slice(&bytes);
    }
    Some(all)
}

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn what_is_kept_comes_back_whole_and_in_part() {
    for house in House::both() {
        for size in [0, 1, 1000, 5 * MIB, 11 * MIB + 3] {
            let (key, sent) = (key(), bytes(size));
            let mut writer = house.storage.begin(key.clone()).await.unwrap();
            for chunk in sent.chunks(100_000) {
                writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
            }
            assert_eq!(writer.finish().await.unwrap(), u64::try_from(size).unwrap());
            assert_eq!(house.storage.size(&key).await.unwrap(), Some(u64::try_from(size).unwrap()));
            assert!(whole(house.storage.get(&key, None).await).await.unwrap() == sent, "{size} bytes");
            if size >= 1000 {
                let part = whole(house.storage.get(&key, Some(10..990)).await).await.unwrap();
                assert!(part == sent[10..990], "a part of {size} bytes");
                let last = u64::try_from(size).unwrap();
                let end = whole(house.again().get(&key, Some(last - 3..last)).await).await.unwrap();
                assert_eq!(end, sent[size - 3..]);
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_or_forgotten_is_not_found() {
    for house in House::both() {
        let (storage, key) = (&house.storage, key());
        assert!(storage.get(&key, None).await.unwrap().is_none());
        assert_eq!(storage.size(&key).await.unwrap(), None);
        storage.delete(&key).await.unwrap();
        storage.put(key.clone(), bytes(10)).await.unwrap();
        storage.put(key.variant("preview"), bytes(5)).await.unwrap();
        assert_eq!(storage.read(&key, 10).await.unwrap().unwrap(), bytes(10));
        let too_large = storage.read(&key, 9).await.unwrap_err();
        assert_eq!(too_large.kind, Kind::TooLarge);
        storage.delete(&key).await.unwrap();
        storage.delete(&key).await.unwrap();
        assert!(storage.get(&key, None).await.unwrap().is_none());
        assert_eq!(storage.size(&key.variant("preview")).await.unwrap(), Some(5));
    }
}

#[tokio::test]
async fn a_whole_organisation_or_a_kind_is_forgotten_and_nothing_else() {
    for house in House::both() {
        let (storage, here, there) = (&house.storage, OrgId::new(), OrgId::new());
        let key = |org, kind| Key::new(org, kind, Uuid::now_v7());
        let kept = key(there, "files");
        storage.put(kept.clone(), bytes(1)).await.unwrap();
        for kind in ["files", "files", "emoji"] {
            storage.put(key(here, kind), bytes(3)).await.unwrap();
        }
        assert_eq!(storage.delete_kind(here, "emoji").await.unwrap(), 1);
        assert_eq!(storage.delete_org(here).await.unwrap(), 2);
        assert_eq!(storage.delete_org(here).await.unwrap(), 0);
        assert_eq!(storage.size(&kept).await.unwrap(), Some(1));
    }
}

#[tokio::test]
async fn what_is_cut_off_leaves_nothing_behind_and_is_never_seen() {
    for house in House::both() {
        let key = key();
        let mut writer = house.storage.begin(key.clone()).await.unwrap();
        writer.write(bytes(6 * MIB)).await.unwrap();
        assert!(!house.files().is_empty(), "something is written by now");
        assert!(house.storage.get(&key, None).await.unwrap().is_none(), "and nobody sees it");
        drop(writer);
        let is_empty = || async { house.files().is_empty() };
        eventually("nothing is left", Duration::from_secs(5), is_empty).await;
    }
}

/// Goes on with an object at another node.
async fn go_on(house: &House, key: &Key, aside: Aside, more: &[u8]) -> Aside {
    let mut writer = house.again().go_on(key.clone(), aside).await.unwrap();
    writer.write(Bytes::copy_from_slice(more)).await.unwrap();
    writer.put_aside().await.unwrap()
}

#[tokio::test]
async fn what_is_put_aside_is_gone_on_with_elsewhere() {
    for house in House::both() {
        let (key, all) = (key(), bytes(12 * MIB));
        let mut writer = house.storage.begin(key.clone()).await.unwrap();
        writer.write(all.slice(..10)).await.unwrap();
        let first = writer.put_aside().await.unwrap();
        assert_eq!(first.size, 10);
        drop(house.again().go_on(key.clone(), first.clone()).await.unwrap());
        let second = go_on(&house, &key, first, &all[10..7 * MIB]).await;
        // What followed and was not recorded is as if it had never been.
        go_on(&house, &key, second.clone(), &[7; 6 * MIB]).await;
        go_on(&house, &key, second.clone(), &[9; 40]).await;
        let noted = serde_json::to_value(&second).unwrap();
        let third =
            go_on(&house, &key, serde_json::from_value(noted).unwrap(), &all[7 * MIB..7 * MIB + 1]).await;
        assert!(house.storage.get(&key, None).await.unwrap().is_none(), "it is not whole yet");
        let mut writer = house.again().go_on(key.clone(), third).await.unwrap();
        writer.write(all.slice(7 * MIB + 1..)).await.unwrap();
        assert_eq!(writer.finish().await.unwrap(), u64::try_from(all.len()).unwrap());
        assert!(whole(house.storage.get(&key, None).await).await.unwrap() == all);
        house.storage.delete(&key).await.unwrap();
        assert_eq!(house.files(), Vec::<String>::new(), "no part and no tail is left");
    }
}

#[tokio::test]
async fn what_is_abandoned_is_gone() {
    for house in House::both() {
        for size in [10, 6 * MIB] {
            let key = key();
            let mut writer = house.storage.begin(key.clone()).await.unwrap();
            writer.write(bytes(size)).await.unwrap();
            let aside = writer.put_aside().await.unwrap();
            house.again().abandon(&key, &aside).await.unwrap();
            assert_eq!(house.files(), Vec::<String>::new(), "{size} bytes");
        }
        house.storage.sweep().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_begun_days_ago_is_swept_and_nothing_else() {
    let house = House::with_folder();
    let mut parts = Vec::new();
    for _ in 0..2 {
        let mut writer = house.storage.begin(key()).await.unwrap();
        writer.write(bytes(10)).await.unwrap();
        writer.put_aside().await.unwrap();
        parts = house.files();
    }
    let old = std::fs::File::options().write(true).open(&parts[0]).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_secs(3 * 86_400)).unwrap();
    house.storage.put(key(), bytes(1)).await.unwrap();
    house.storage.sweep().await.unwrap();
    let left = house.files();
    assert_eq!((left.len(), left.contains(&parts[0])), (2, false), "{left:?}");
}

#[tokio::test]
async fn a_bucket_gives_addresses_that_anybody_can_open_for_a_while_and_a_folder_none() {
    let link = LinkOptions {
        lasts: Duration::from_secs(60),
        content_type: "text/plain".to_owned(),
        disposition: "attachment; filename=\"a.txt\"".to_owned(),
    };
    let [folder, bucket] = House::both();
    let key = key();
    folder.storage.put(key.clone(), bytes(3)).await.unwrap();
    assert_eq!(folder.storage.link(&key, &link).await.unwrap(), None);
    bucket.storage.put(key.clone(), bytes(3)).await.unwrap();
    let address = bucket.storage.link(&key, &link).await.unwrap().unwrap();
    let answer = reqwest::get(&address).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.bytes().await.unwrap(), bytes(3));
    let forged = address.replace("X-Amz-Expires=60", "X-Amz-Expires=600");
    assert_ne!(forged, address);
    assert!(!reqwest::get(&forged).await.unwrap().status().is_success());
}

#[tokio::test]
async fn a_storage_that_is_away_says_so_and_is_used_again_when_it_is_back() {
    let mut house = House::with_bucket();
    let key = key();
    let mut writer = house.storage.begin(key.clone()).await.unwrap();
    writer.write(bytes(6 * MIB)).await.unwrap();
    house.s3.as_mut().unwrap().stop();
    let away = writer.finish().await.unwrap_err();
    assert!(matches!(away.kind, Kind::Unavailable { .. }), "{away}");
    assert!(matches!(house.storage.get(&key, None).await.err().unwrap().kind, Kind::Unavailable { .. }));
    house.s3.as_mut().unwrap().launch();
    assert!(house.storage.get(&key, None).await.unwrap().is_none(), "the half is no object");
    house.storage.put(key.clone(), bytes(9)).await.unwrap();
    assert_eq!(house.storage.size(&key).await.unwrap(), Some(9));
}

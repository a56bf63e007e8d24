//! How long a backup and a drill take: `cargo bench -p jiayin-store --bench backup -- [FILES] [BYTES]`. Makes that many recordings of
//! that length (5,000 of 200,000 bytes, 1 GB) in a folder of the system's for such things, and removes them again.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on breaks off")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::{Now, Random, Root, School, sqlite, store};
use jiayin_store::backup::drill::drill;
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::restore::Target as Place;
use jiayin_store::keyring::KeyRing;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<usize>().ok());
    let (files, bytes) = (numbers.next().unwrap_or(5_000), numbers.next().unwrap_or(200_000));
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (clock, root) = (Arc::new(Now::start()), Root::source());
    let sqlite = |name: &str| sqlite(here, name);
    let store = store(here, (sqlite("data.sqlite"), sqlite("keys.sqlite")), &clock, &root).await;
    School::found(&store).await.record(&store, files, bytes).await;
    println!("{files} recordings of {bytes} bytes");

    let to = Folder::make(&here.join("backups"), Holds::Data).unwrap();
    for what in ["first backup", "second backup"] {
        let began = Instant::now();
        let taken = store.back_up(&to).await.unwrap();
        println!("{what}: {:.2?}, {} copied, {} rows", began.elapsed(), taken.copied, taken.rows);
    }
    let ring = KeyRing::at(&sqlite("keys.sqlite"), Arc::clone(&root), &*clock, Arc::new(Random)).await.unwrap();
    ring.copy_to(&sqlite("drill-keys.sqlite")).await.unwrap();
    let ring = KeyRing::at(&sqlite("drill-keys.sqlite"), root, &*clock, Arc::new(Random)).await.unwrap();
    let began = Instant::now();
    let place = Place { database_url: sqlite("drill.sqlite"), files: here.join("drill-files") };
    let found = drill(&to, None, &ring, &place).await.unwrap();
    println!(
        "drill: {:.2?}, {} files, {} bytes, {} opened",
        began.elapsed(),
        found.files,
        found.file_bytes,
        found.opened
    );
}

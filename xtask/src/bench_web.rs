//! `make bench`, second part: how fast the product answers a school. The real program on loopback, one machine for both
//! sides: what is measured is server, database and asker together. The school is founded by `examples/bench_school.rs`.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::Complaints;
use crate::bench_client::{Place, School, Server, Visitor};
use crate::postgres::Postgres;

/// Requests of each page, one after the other.
const REQUESTS: usize = 300;
/// Askers at once, and how long they ask.
const ASKERS: usize = 4;
const CROWD: Duration = Duration::from_secs(4);
/// Recordings sent one after the other.
const RECORDINGS: usize = 30;
/// What the bundled recording says.
const TEXT: &str = "I put my elbows on the table";
/// Length of the recordings that are sent.
const SECONDS: usize = 5;
/// Learners who record at once are tried in these numbers…
const LEARNERS: [usize; 7] = [32, 128, 240, 320, 400, 480, 560];
/// …each of them sends a recording so often, and so many in all.
const EVERY: Duration = Duration::from_secs(15);
const EACH: u32 = 3;
/// Longest p95 from the end of a recording to its result with which a number of learners is carried.
const CARRIED_MS: f64 = 2000.0;

type Settings = Vec<(&'static str, String)>;

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    println!("\na class of 40 learners x 10 sentences, all read; their evaluations were stored, not heard anew");
    println!("database    page                    bytes    p50 ms    p95 ms   pages/s, {ASKERS} askers");
    let folder = crate::built(root).join("bench-data");
    let settings = vec![("JIAYIN_DATA_DIR", folder.display().to_string())];
    school(root, &folder, "SQLite", &settings, true)?;
    match Postgres::start(&crate::built(root).join("bench-postgres"))? {
        Some(postgres) => {
            let urls = [("JIAYIN_DATABASE_URL", "school"), ("JIAYIN_KEY_RING_URL", "keys")];
            let urls = urls.map(|(setting, name)| (setting, postgres.url(name)));
            let settings = settings.into_iter().chain(urls).collect::<Settings>();
            school(root, &folder, "PostgreSQL", &settings, false)?;
        }
        None => println!("PostgreSQL: not on this machine, not measured"),
    }
    Ok(Complaints::new())
}

fn school(root: &Path, folder: &Path, database: &str, settings: &Settings, crowded: bool) -> Result<(), String> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let binary = crate::built(root).join("release/jiayin");
    let recording = root.join("crates/speech/tests/fixtures/speech.wav");
    let school = School::found(&binary, settings, &recording, TEXT)?;
    let sound = stretched(&std::fs::read(&recording).map_err(|error| error.to_string())?)?;
    let server = Server::start(&binary, settings)?;
    let teacher = Visitor::new(&server, &school.teacher);
    let (token, place) = school.learners.first().ok_or("the school has no learners")?;
    let learner = Visitor::new(&server, token);
    let class = format!("/classes/{}", school.class);
    for (visitor, name, path) in [
        (&teacher, "class", class.as_str()),
        (&teacher, "teacher's classes", "/classes"),
        (&learner, "learner's home", "/home"),
    ] {
        let bytes = visitor.get(path)?.len();
        let mut took = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let began = Instant::now();
            visitor.get(path)?;
            took.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let crowd = crowd(visitor, path)?;
        let (p50, p95) = (at(&mut took, 0.5), at(&mut took, 0.95));
        println!("{database:10}  {name:20}  {bytes:7}  {p50:8.2}  {p95:8.2}  {crowd:8.0}");
    }
    let ids = Ids::default();
    let sent = (0..RECORDINGS).map(|_| learner.record(place, &ids.next(), &sound));
    let mut took = sent.collect::<Result<Vec<f64>, String>>()?;
    let (p50, p95) = (at(&mut took, 0.5), at(&mut took, 0.95));
    println!("{database:10}  {SECONDS} s sent and heard              {p50:8.1}  {p95:8.1}");
    if crowded {
        recorders(&server, &school.learners, &ids, &sound)?;
    }
    println!("{database:10}  peak memory of the server: {:.0} MB", server.peak_mb());
    drop(server);
    let _ = std::fs::remove_dir_all(folder);
    Ok(())
}

/// How many learners may record at once: each of them sends a recording every [`EVERY`].
fn recorders(server: &Server, learners: &[(String, Place)], ids: &Ids, sound: &[u8]) -> Result<(), String> {
    println!("learners at once   p50 ms    p95 ms   (each sends {SECONDS} s every {} s)", EVERY.as_secs());
    let mut carried = 0;
    for count in LEARNERS {
        let began = Instant::now();
        let took = std::thread::scope(|scope| {
            let threads: Vec<_> = learners
                .iter()
                .take(count)
                .enumerate()
                .map(|(number, (token, place))| {
                    let visitor = Visitor::new(server, token);
                    // Spread over the time between two recordings, as children are.
                    let first = EVERY.mul_f64(number as f64 / count as f64);
                    scope.spawn(move || -> Result<Vec<f64>, String> {
                        let send = |round: u32| {
                            std::thread::sleep((first + EVERY * round).saturating_sub(began.elapsed()));
                            visitor.record(place, &ids.next(), sound)
                        };
                        (0..EACH).map(send).collect()
                    })
                })
                .collect();
            let of = |thread: std::thread::ScopedJoinHandle<'_, Result<Vec<f64>, String>>| {
                thread.join().map_err(|_| "a learner broke off".to_owned())?
            };
            threads.into_iter().map(of).collect::<Result<Vec<_>, String>>()
        });
        let mut took: Vec<f64> = took?.into_iter().flatten().collect();
        let (p50, p95) = (at(&mut took, 0.5), at(&mut took, 0.95));
        println!("{count:16}  {p50:8.0}  {p95:8.0}");
        if p95 > CARRIED_MS {
            break;
        }
        carried = count;
    }
    println!("carried with p95 <= {CARRIED_MS:.0} ms: {carried} learners");
    Ok(())
}

/// Pages a second that several askers get together.
fn crowd(visitor: &Visitor, path: &str) -> Result<f64, String> {
    let began = Instant::now();
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (visitor, path) = (visitor.clone(), path.to_owned());
            std::thread::spawn(move || -> Result<usize, String> {
                let mut pages = 0;
                while began.elapsed() < CROWD {
                    visitor.get(&path)?;
                    pages += 1;
                }
                Ok(pages)
            })
        })
        .collect();
    let mut pages = 0;
    for asker in askers {
        pages += asker.join().map_err(|_| "an asker broke off".to_owned())??;
    }
    Ok(pages as f64 / began.elapsed().as_secs_f64())
}

/// The recording, 16-bit mono at 16 kHz, said again until it has [`SECONDS`].
fn stretched(wav: &[u8]) -> Result<Vec<u8>, String> {
    const HEADER: usize = 44;
    let (header, samples) = wav.split_at_checked(HEADER).ok_or("the recording is no WAV file")?;
    let bytes = SECONDS * 32_000;
    let mut file = header.to_vec();
    file.extend(samples.iter().cycle().take(bytes));
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    file[4..8].copy_from_slice(&length(HEADER - 8 + bytes));
    file[40..44].copy_from_slice(&length(bytes));
    Ok(file)
}

/// Ids of recordings, as browsers choose them.
#[derive(Default)]
struct Ids(std::sync::atomic::AtomicU32);

impl Ids {
    fn next(&self) -> String {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("01990000-0000-7000-8000-{number:012x}")
    }
}

fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(0.0)
}

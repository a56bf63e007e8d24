//! The pages of the staff with sample data, in both languages. They are also left as files in the target folder's `tmp`,
//! to be looked at.

use std::path::Path;

use askama::Template;
use jiayin::campus::page::CampusPage;
use jiayin::classes::list::ClassesPage;
use jiayin::classes::page::{CellState, ClassPage};
use jiayin::courses::lesson::LessonPage;
use jiayin::courses::list::CoursesPage;
use jiayin::courses::page::CoursePage;
use jiayin::homework::assign::AssignPage;
use jiayin::homework::assignment::AssignmentPage;
use jiayin::locale::Locale;
use jiayin::review::page::{EmptyPart, Inside, ReviewPage};
use jiayin_store::support::Counts;

use crate::common::{CHINESE, ENGLISH, TestApp};
use crate::staff_samples as sample;

/// Every page: name and HTML.
fn pages(app: &TestApp, language: &str) -> Vec<(&'static str, String)> {
    let layout = || sample::layout(app, language, "/classes");
    let l = &layout().l;
    let review = |inside| ReviewPage { layout: layout(), inside }.render().unwrap();
    vec![
        ("classes", ClassesPage { layout: layout(), part: sample::classes(l) }.render().unwrap()),
        ("class", ClassPage { layout: layout(), part: sample::class(l, 12) }.render().unwrap()),
        ("class-40", ClassPage { layout: layout(), part: sample::class(l, 40) }.render().unwrap()),
        ("assign", AssignPage { layout: layout(), part: sample::assign(l, false) }.render().unwrap()),
        ("assign-wrong", AssignPage { layout: layout(), part: sample::assign(l, true) }.render().unwrap()),
        ("assignment", AssignmentPage { layout: layout(), part: sample::assignment(l) }.render().unwrap()),
        ("courses", CoursesPage { layout: layout(), part: sample::courses(l) }.render().unwrap()),
        ("course", CoursePage { layout: layout(), part: sample::course(l) }.render().unwrap()),
        ("lesson", LessonPage { layout: layout(), part: sample::lesson(l) }.render().unwrap()),
        ("review", review(Inside::Recording(Box::new(sample::review(app, l, false))))),
        ("review-wrong", review(Inside::Recording(Box::new(sample::review(app, l, true))))),
        ("review-empty", review(Inside::Empty(EmptyPart { l: l.clone() }))),
        (
            "campus",
            CampusPage {
                layout: layout(),
                help: Counts { waiting: 3, overdue: 1, ..Counts::default() },
                part: sample::campus(l),
            }
            .render()
            .unwrap(),
        ),
    ]
}

#[tokio::test]
async fn every_page_renders_in_both_languages() {
    let app = TestApp::new().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("staff");
    std::fs::create_dir_all(&folder).unwrap();
    for (language, locale) in [(CHINESE, Locale::ZhCn), (ENGLISH, Locale::En)] {
        for (name, html) in pages(&app, language) {
            std::fs::write(folder.join(format!("{name}-{}.html", locale.tag())), &html).unwrap();
            assert!(html.contains(&format!("lang=\"{}\"", locale.tag())) && html.contains("</html>"), "{name}");
            // The content security policy allows nothing inline.
            for inline in [" style=", " onclick=", "<style", "javascript:"] {
                assert!(!html.contains(inline), "{name}: {inline}");
            }
            let ids: Vec<_> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let mut once = ids.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), ids.len(), "{name}: an id comes twice");
        }
    }
}

/// 40 learners × 10 sentences.
#[tokio::test]
async fn a_large_class_stays_light() {
    let app = TestApp::new().await;
    let l = sample::layout(&app, ENGLISH, "/").l;
    let html = sample::class(&l, 40).render().unwrap();
    assert_eq!(html.matches("<td").count(), 400);
    assert!(html.len() < 60_000, "{} bytes", html.len());
}

/// A class that is late as a whole is told once, without red; a few who are late are named, in red.
#[tokio::test]
async fn a_class_that_is_behind_is_told_calmly() {
    let app = TestApp::new().await;
    let l = sample::layout(&app, ENGLISH, "/").l;
    let mut class = sample::class(&l, 12);
    assert!(!class.render().unwrap().contains("calm"));
    for cell in class.rows.iter_mut().flat_map(|row| &mut row.cells) {
        (cell.state, cell.score, cell.recording) = (CellState::Late, None, None);
    }
    assert!(class.render().unwrap().contains("grid-box calm"));
    let mut list = sample::classes(&l);
    let card = list.classes.iter_mut().find(|class| !class.overdue.is_empty()).unwrap();
    card.learners = 12;
    card.overdue = vec!["Han".to_owned(); 2];
    assert!(list.render().unwrap().contains("Han · Han"));
    for class in &mut list.classes {
        class.learners = 12;
        class.overdue = vec!["Han".to_owned(); 11];
        class.assignments.retain(|assignment| !assignment.late());
    }
    let behind = list.render().unwrap();
    assert!(behind.contains("11 of 12 late with something"));
    assert!(!behind.contains("Han") && !behind.contains("weak"), "{behind}");
}

#[tokio::test]
async fn the_review_shows_both_scores_words_and_sounds() {
    let app = TestApp::new().await;
    let l = sample::layout(&app, ENGLISH, "/").l;
    let html = sample::review(&app, &l, false).render().unwrap();
    for part in [
        "3 of 17",
        "<b>74</b>",
        "data-machine=\"74\"",
        "placeholder=\"74\"",
        "rel=\"next\"",
        "value=\"accepted\"",
        "value=\"returned\"",
        "data-wave-word=\"1\"",
        "sounded like /w/",
        "读得真好！",
        "Beautifully read!",
    ] {
        assert!(html.contains(part), "{part} is not in\n{html}");
    }
    let refused = sample::review(&app, &l, true).render().unwrap();
    assert!(refused.contains("value=\"120\"") && refused.contains("whole number of 0–100"));
    assert!(refused.contains("name=\"next\" value=\"\"") && refused.contains("data-after=\"/review?assignment="));
}

//! What counts as a question, as an answer, and how answers add up.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::id::MediaId;
use crate::sound::Gain;

fn question(kind: Kind, options: &str) -> Question {
    let typed = Typed { text: "How was it?", required: true, options, ..Typed::default() };
    Question::read(kind, &typed).unwrap()
}

fn sheet() -> Sheet {
    let mut sheet = Sheet::default();
    for (kind, options) in
        [(Kind::Single, "Yes\nNo"), (Kind::Multiple, "Songs\nGames\nStories"), (Kind::Scale, ""), (Kind::Text, "")]
    {
        sheet.change(Change::Add(question(kind, options))).unwrap().unwrap();
    }
    sheet
}

fn read(sent: &[(u32, &str)]) -> Result<Answers, BTreeMap<u32, AnswerError>> {
    let typed = |id| sent.iter().filter(|(of, _)| *of == id).map(|(_, value)| *value).collect();
    read_answers(&sheet().0, typed, |_| None)
}

#[test]
fn a_question_is_checked_as_it_is_typed() {
    let long = "x".repeat(QUESTION_MAX + 1);
    let options = "x".repeat(OPTION_MAX + 1);
    let many = (0..=OPTIONS_MAX).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
    let end = "x".repeat(END_MAX + 1);
    let typed = Typed { text: "What?", options: "A\nB", ..Typed::default() };
    for (kind, typed, error) in [
        (Kind::Text, Typed { text: " \n", ..typed.clone() }, QuestionError::Text),
        (Kind::Text, Typed { text: &long, ..typed.clone() }, QuestionError::Text),
        (Kind::Single, Typed { options: "A\n\n  \n", ..typed.clone() }, QuestionError::Options),
        (Kind::Multiple, Typed { options: &many, ..typed.clone() }, QuestionError::Options),
        (Kind::Single, Typed { options: &format!("A\n{options}"), ..typed.clone() }, QuestionError::Option),
        (Kind::Single, Typed { options: "A\nB\n A ", ..typed.clone() }, QuestionError::Twice),
        (Kind::Scale, Typed { high: &end, ..typed.clone() }, QuestionError::Ends),
    ] {
        assert_eq!(Question::read(kind, &typed), Err(error), "{kind:?} {typed:?}");
    }
    let read = Question::read(Kind::Single, &Typed { text: " What? ", options: "A\r\n\r\n B \r\n", ..typed }).unwrap();
    assert_eq!((&*read.text, read.choice.options()), ("What?", &["A".to_owned(), "B".to_owned()][..]));
}

#[test]
fn questions_keep_their_numbers_when_they_move() {
    let mut sheet = sheet();
    let ids = |sheet: &Sheet| sheet.0.iter().map(|question| question.id).collect::<Vec<_>>();
    assert_eq!(sheet.change(Change::Up(3)), Ok(Some(3)));
    assert_eq!(sheet.change(Change::Up(1)), Ok(Some(1)), "the first one stays where it is, or comes there");
    assert_eq!(ids(&sheet), [1, 3, 2, 4]);
    assert_eq!(sheet.change(Change::Down(4)), Ok(Some(4)));
    assert_eq!(sheet.change(Change::Copy(3)), Ok(Some(5)));
    assert_eq!(ids(&sheet), [1, 3, 5, 2, 4]);
    assert_eq!(sheet.0[1].choice, sheet.0[2].choice);
    assert_eq!(sheet.change(Change::Remove(3)), Ok(Some(3)));
    assert_eq!(sheet.change(Change::Replace(5, question(Kind::Text, ""))), Ok(Some(5)));
    assert_eq!(sheet.0[1].choice, Choice::Text);
    for change in [Change::Up(3), Change::Down(9), Change::Copy(0), Change::Remove(3)] {
        assert_eq!(sheet.change(change), Ok(None));
    }
    while sheet.0.len() < QUESTIONS_MAX {
        sheet.change(Change::Copy(1)).unwrap();
    }
    assert_eq!(sheet.change(Change::Copy(1)), Err(QuestionError::Many));
    assert_eq!(sheet.change(Change::Add(question(Kind::Text, ""))), Err(QuestionError::Many));
}

#[test]
fn only_what_was_asked_counts_as_an_answer() {
    let good = read(&[(1, "1"), (2, "2"), (2, "0"), (2, "2"), (3, "5"), (4, " fine\r\nindeed ")]).unwrap();
    let expected = [
        (1, Answer::One(1)),
        (2, Answer::Several(vec![0, 2])),
        (3, Answer::Step(5)),
        (4, Answer::Text("fine\nindeed".to_owned())),
    ];
    assert_eq!(good, Answers::from(expected));
    let whole = [(1, "0"), (2, "0"), (3, "1"), (4, "x")];
    let long = "x".repeat(TEXT_MAX + 1);
    for (place, value, error) in [
        (0, "2", AnswerError::Unknown),
        (0, "-1", AnswerError::Unknown),
        (0, "Yes", AnswerError::Unknown),
        (0, "99999999999999999999", AnswerError::Unknown),
        (0, " ", AnswerError::Missing),
        (1, "3", AnswerError::Unknown),
        (2, "0", AnswerError::Unknown),
        (2, "6", AnswerError::Unknown),
        (3, &*long, AnswerError::Long),
        (3, "\n \n", AnswerError::Missing),
    ] {
        let mut sent = whole;
        sent[place].1 = value;
        assert_eq!(read(&sent), Err(BTreeMap::from([(sent[place].0, error)])), "{place} {value}");
    }
    let twice = [(1, "0"), (1, "1"), (2, "0"), (3, "1"), (4, "x")];
    assert_eq!(read(&twice), Err(BTreeMap::from([(1, AnswerError::Unknown)])));
}

#[test]
fn what_need_not_be_answered_may_be_left_out() {
    let mut sheet = sheet();
    for question in &mut sheet.0 {
        question.required = false;
    }
    assert_eq!(read_answers(&sheet.0, |_| Vec::new(), |_| None), Ok(Answers::new()));
    assert_eq!(read(&[]).unwrap_err().len(), 4);
}

#[test]
fn answers_add_up() {
    let given = [
        read(&[(1, "0"), (2, "0"), (2, "1"), (3, "5"), (4, "zebra")]).unwrap(),
        read(&[(1, "0"), (2, "1"), (3, "2"), (4, "apple")]).unwrap(),
        // Of a kind that the question is not: not counted.
        Answers::from([(1, Answer::Step(1)), (2, Answer::Several(vec![7])), (4, Answer::One(0))]),
    ];
    let sheet = sheet();
    let of = |place: usize| tally(&sheet.0[place], &given);
    assert_eq!(of(0), Tally::Counts { counts: vec![2, 0], answered: 2, mean: None });
    assert_eq!(of(1), Tally::Counts { counts: vec![1, 2, 0], answered: 3, mean: None });
    assert_eq!(of(2), Tally::Counts { counts: vec![0, 1, 0, 0, 1], answered: 2, mean: Some(3.5) });
    assert_eq!(of(3), Tally::Texts(vec!["apple".to_owned(), "zebra".to_owned()]));
    assert_eq!(given[0][&2].in_words(&sheet.0[1]), "Songs; Games");
    assert_eq!(given[0][&3].in_words(&sheet.0[2]), "5/5");
}

#[test]
fn an_answer_aloud_is_the_recording_that_came() {
    let mut sheet = sheet();
    assert!(!sheet.is_spoken());
    sheet.change(Change::Replace(4, question(Kind::Voice, ""))).unwrap();
    assert!(sheet.is_spoken());
    let spoken = Spoken { media: MediaId(uuid::Uuid::nil()), gain: Gain(250), duration_ms: 61_200 };
    let typed = |id: u32| if id == 2 { vec!["0"] } else { vec!["1"] };
    let missing = read_answers(&sheet.0, typed, |_| None);
    assert_eq!(missing, Err(BTreeMap::from([(4, AnswerError::Missing)])), "words that were typed are no recording");
    let answers = read_answers(&sheet.0, typed, |id| (id == 4).then_some(spoken)).unwrap();
    assert_eq!(answers[&4], Answer::Voice(spoken));
    assert_eq!(answers[&4].in_words(&sheet.0[3]), "♪ 1:02");
    assert_eq!(tally(&sheet.0[3], [&answers, &answers]), Tally::Voices(2));
    let kept = serde_json::to_string(&answers).unwrap();
    assert_eq!(serde_json::from_str::<Answers>(&kept).unwrap(), answers);
}

#[test]
fn only_so_many_questions_are_answered_aloud() {
    let mut sheet = sheet();
    for _ in 0..SPOKEN_MAX {
        sheet.change(Change::Add(question(Kind::Voice, ""))).unwrap().unwrap();
    }
    let voice = || question(Kind::Voice, "");
    for change in [Change::Add(voice()), Change::Copy(5), Change::Replace(1, voice())] {
        assert_eq!(sheet.change(change), Err(QuestionError::Spoken));
    }
    assert_eq!(sheet.change(Change::Replace(5, voice())), Ok(Some(5)), "in its own place it may stay");
    assert_eq!(sheet.change(Change::Add(question(Kind::Text, ""))), Ok(Some(10)));
}

#[test]
fn anonymous_answers_are_shown_when_they_are_enough_and_no_more_come() {
    for (anonymous, closed, answers, shown) in [
        (false, false, 1, true),
        (true, false, 500, false),
        (true, true, SHOWN_FROM - 1, false),
        (true, true, SHOWN_FROM, true),
    ] {
        assert_eq!(may_show(anonymous, closed, answers), shown, "{anonymous} {closed} {answers}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_sent_breaks_the_reading(values in proptest::collection::vec((1u32..6, ".{0,20}"), 0..8)) {
        let sent: Vec<(u32, &str)> = values.iter().map(|(id, value)| (*id, value.as_str())).collect();
        if let Ok(answers) = read(&sent) {
            for question in &sheet().0 {
                let counted = tally(question, [&answers]);
                let one = match counted {
                    Tally::Counts { answered, .. } => answered,
                    Tally::Texts(texts) => texts.len(),
                    Tally::Voices(voices) => voices,
                };
                prop_assert_eq!(one, 1, "what was taken as an answer counts");
            }
        }
    }

    #[test]
    fn a_sheet_reads_back(order in proptest::collection::vec(1u32..5, 0..6)) {
        let mut sheet = sheet();
        for id in order {
            sheet.change(Change::Up(id)).unwrap();
        }
        let kept = serde_json::to_string(&sheet).unwrap();
        prop_assert_eq!(serde_json::from_str::<Sheet>(&kept).unwrap(), sheet);
    }
}

//! Lists as schools have them, made here with invented names, and bytes that are no list.

use std::io::{Cursor, Write};

use encoding_rs::GB18030;
use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use jiayin_domain::roster::Part;

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(contents.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook with sheets of inline texts and numbers.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = String::from(
        "<?xml version=\"1.0\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>",
    );
    let mut ties = String::from(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    let mut files = Vec::new();
    for (at, (name, rows)) in sheets.iter().enumerate() {
        let id = at + 1;
        book += &format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>");
        ties += &format!(
            "<Relationship Id=\"rId{id}\" Target=\"worksheets/sheet{id}.xml\" \
             Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\"/>"
        );
        let sheet = format!(
            "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
             <sheetData>{rows}</sheetData></worksheet>"
        );
        files.push((format!("xl/worksheets/sheet{id}.xml"), sheet));
    }
    files.push(("xl/workbook.xml".to_owned(), book + "</sheets></workbook>"));
    files.push(("xl/_rels/workbook.xml.rels".to_owned(), ties + "</Relationships>"));
    let root = "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                <Relationship Id=\"rId1\" Target=\"xl/workbook.xml\" \
                Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\"/></Relationships>";
    files.push(("_rels/.rels".to_owned(), root.to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    archive(&files)
}

fn text_cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

const CHINESE: &str = "2026年春季班名单,,,\n班级,家长电话,学生姓名（必填）,学号\n三年级1班,13800000000,陈思远,20260001\n三年级2班,,李子涵,\n";

fn names(list: &List) -> Vec<(u32, &str, &str, &str)> {
    list.entries.iter().map(|row| (row.line, &*row.name, &*row.class, &*row.number)).collect()
}

fn failed(bytes: &[u8]) -> FileError {
    read(bytes).err().unwrap()
}

#[test]
fn every_encoding_and_separator_reads_the_same() {
    let (gbk, _, wrong) = GB18030.encode(CHINESE);
    assert!(!wrong);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(CHINESE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let files = [
        CHINESE.as_bytes().to_vec(),
        format!("\u{feff}{CHINESE}").into_bytes(),
        gbk.into_owned(),
        utf16,
        CHINESE.replace(',', ";").into_bytes(),
        CHINESE.replace(',', "\t").replace('\n', "\r\n").into_bytes(),
    ];
    for (at, bytes) in files.iter().enumerate() {
        let list = read(bytes).unwrap();
        let rows = [(3, "陈思远", "三年级1班", "20260001"), (4, "李子涵", "三年级2班", "")];
        assert_eq!(names(&list), rows, "file {at}");
        assert_eq!(list.ignored, ["家长电话"]);
        assert!(list.entries.iter().all(|row| row.contact.is_empty()), "families' numbers are not read");
    }
}

#[test]
fn english_headers_roles_terms_and_quotes_are_read() {
    let text = "Role,Term,Term begins,Term ends,Class,Name,Teacher contact,Student No.\n\
                teacher,Spring,2026-02-16,2026-07-03,3A,\"Lin, Ann\",lin@school.example,\n\
                ,Spring,,,3A,\"Xu \"\"Bo\"\" Nan\",x@home.example,0017\n\
                head,,,,3A,Zhao,,\n";
    let list = read(text.as_bytes()).unwrap();
    let [teacher, learner, other] = &list.entries[..] else { panic!("three rows") };
    assert_eq!((teacher.part, &*teacher.name, &*teacher.contact), (Part::Teacher, "Lin, Ann", "lin@school.example"));
    assert_eq!((&*teacher.term, &*teacher.first, &*teacher.last), ("Spring", "2026-02-16", "2026-07-03"));
    assert_eq!((learner.part, &*learner.name, &*learner.number), (Part::Learner, "Xu \"Bo\" Nan", "0017"));
    assert_eq!(learner.contact, "", "of a learner no address is read");
    assert_eq!(other.part, Part::Other);
}

#[test]
fn workbooks_are_read_and_a_sheet_can_be_a_class() {
    let row = |line: usize, cells: &[String]| format!("<row r=\"{line}\">{}</row>", cells.concat());
    let first = row(1, &[text_cell("A1", "姓名"), text_cell("B1", "学号")])
        + &row(2, &[text_cell("A2", "王雨桐"), "<c r=\"B2\"><v>20260123</v></c>".to_owned()]);
    let second = row(1, &[text_cell("A1", "姓名"), text_cell("C1", "班级")])
        + &row(4, &[text_cell("A4", "张浩然"), text_cell("C4", "四年级1班")]);
    let notes = row(1, &[text_cell("A1", "说明")]);
    let list = read(&workbook(&[("三年级A班", &first), ("总表", &second), ("说明", &notes)])).unwrap();
    assert_eq!(names(&list), [(2, "王雨桐", "三年级A班", "20260123"), (4, "张浩然", "四年级1班", "")]);
}

#[test]
fn a_workbook_that_says_it_is_huge_takes_no_room() {
    let far = format!("<row r=\"1048576\">{}</row>", text_cell("XFD1048576", "姓名"));
    assert_eq!(failed(&workbook(&[("一", &far)])), FileError::Empty);
    // 80 MB of blanks, packed into some kilobytes.
    let blanks = " ".repeat(80_000_000);
    assert_eq!(failed(&archive(&[("xl/workbook.xml", &blanks)])), FileError::TooLarge);
}

const MANIFEST: &str = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.academicSessions,bulk\n\
                        file.classes,bulk\nfile.enrollments,bulk\nfile.orgs,bulk\nfile.users,bulk\n";

fn bundle(manifest: &str) -> Vec<u8> {
    archive(&[
        ("manifest.csv", manifest),
        ("orgs.csv", "sourcedId,status,name,type\no1,,North,school\n"),
        ("academicSessions.csv", "sourcedId,title,type,startDate,endDate\nt1,Spring,term,2026-02-16,2026-07-03\n"),
        ("classes.csv", "sourcedId,title,classType,schoolSourcedId,termSourcedIds\nc1,3A,homeroom,o1,\"t1,t2\"\n"),
        (
            "users.csv",
            "sourcedId,enabledUser,givenName,familyName,identifier,email\nu1,true,思远,陈,2026-1,\n\
             u2,true,Ann,Lin,,lin@school.example\nu3,true,Bo,Xu,,bo@home.example\n",
        ),
        (
            "enrollments.csv",
            "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role\ne1,c1,o1,u1,student\n\
             e2,c1,o1,u2,teacher\ne3,c1,o1,u3,student\ne4,c1,o1,u2,administrator\n",
        ),
    ])
}

#[test]
fn a_bundle_of_one_roster_is_read() {
    let list = read(&bundle(MANIFEST)).unwrap();
    assert_eq!(names(&list), [(2, "陈思远", "3A", "2026-1"), (3, "Ann Lin", "3A", ""), (4, "Bo Xu", "3A", "u3")]);
    let teacher = &list.entries[1];
    assert_eq!((teacher.part, &*teacher.contact), (Part::Teacher, "lin@school.example"));
    assert_eq!((&*teacher.campus, &*teacher.term, &*teacher.last), ("North", "Spring", "2026-07-03"));
    assert_eq!(list.entries[2].contact, "");
    assert_eq!(failed(&bundle(&MANIFEST.replace("classes,bulk", "classes,delta"))), FileError::NotBulk);
    assert_eq!(failed(&bundle(&MANIFEST.replace("1.2", "1.1"))), FileError::NotBulk);
}

#[test]
fn what_is_no_list_is_told() {
    assert_eq!(failed(b""), FileError::Empty);
    assert_eq!(failed(b" \r\n \n"), FileError::Empty);
    assert_eq!(failed(b"\xef\xbb\xbf"), FileError::Empty);
    assert_eq!(failed("姓名,班级\n".as_bytes()), FileError::Empty);
    assert_eq!(failed("姓名,学号\n陈思远,1\n".as_bytes()), FileError::NoClass);
    assert_eq!(failed("a,b\n1,2\n".as_bytes()), FileError::NoHeader);
    assert_eq!(failed(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), FileError::OldWorkbook);
    assert_eq!(failed(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), FileError::Unreadable);
    assert_eq!(failed(b"PK\x03\x04 and no more"), FileError::Unreadable);
    assert_eq!(failed(&archive(&[("readme.csv", "a,b")])), FileError::Unreadable);
    let many = "姓名,班级\n".to_owned() + &"陈思远,一班\n".repeat(ROWS_MAX + 1);
    assert_eq!(failed(many.as_bytes()), FileError::TooLarge);
}

#[test]
fn cells_that_were_guarded_are_read_as_they_were() {
    let list = read("姓名,班级\n'=陈,'@一班\n".as_bytes()).unwrap();
    assert_eq!(names(&list), [(2, "=陈", "@一班", "")]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_damaged_archive_makes_it_panic(at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000) {
        for whole in [bundle(MANIFEST), workbook(&[("一", &text_cell("A1", "姓名"))])] {
            let mut bytes = whole;
            let (at, cut) = (at % bytes.len(), cut % bytes.len());
            bytes[at] = byte;
            let _ = read(&bytes);
            bytes.truncate(cut);
            let _ = read(&bytes);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(姓名|班级|name|class|[,;\t\"\r\n'=]|[^\u{0}]){0,80}") {
        let _ = read(text.as_bytes());
    }
}

//! Which column says what: headers in Chinese or English, in any order, perhaps below a title. Columns that are not known are
//! named, and not read.

use jiayin_domain::roster::{Entry, Part, fold};

use super::{FileError, List, Rows};

/// Lines among which the header is looked for.
const HEADER_WITHIN: usize = 10;

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// What the person is called.
    Name,
    /// The class.
    Class,
    /// The school's own number of a learner.
    Number,
    /// The campus.
    Campus,
    /// The term.
    Term,
    /// Its first day.
    First,
    /// Its last day.
    Last,
    /// Learner or teacher.
    Role,
    /// A teacher's phone number or address.
    Contact,
    /// The number of an invitation.
    Invitation,
    /// The address of an invitation, which we write and do not read.
    Link,
}

impl Column {
    /// All of them, in the order in which a list is written.
    pub const ALL: [Self; 11] = [
        Self::Campus,
        Self::Term,
        Self::First,
        Self::Last,
        Self::Class,
        Self::Role,
        Self::Name,
        Self::Number,
        Self::Contact,
        Self::Invitation,
        Self::Link,
    ];

    /// Its headers, the one in which it is written first: Chinese, then English, then what else schools write.
    fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Name => {
                &["姓名", "name", "学生姓名", "学员姓名", "名字", "学生", "studentname", "fullname", "learner"]
            }
            Self::Class => &["班级", "class", "班级名称", "班名", "所在班级", "教学班", "classname", "group"],
            Self::Number => &[
                "学号",
                "student no.",
                "学籍号",
                "学员编号",
                "学生编号",
                "编号",
                "studentno",
                "studentnumber",
                "studentid",
                "number",
                "id",
            ],
            Self::Campus => &["校区", "campus", "校区名称", "学校", "分校", "school", "branch"],
            Self::Term => &["学期", "term", "学期名称", "semester", "session"],
            Self::First => &["学期开始", "term begins", "开学日期", "开始日期", "startdate", "termstart"],
            Self::Last => &["学期结束", "term ends", "放假日期", "结束日期", "enddate", "termend"],
            Self::Role => &["身份", "role", "角色", "类别", "人员类别"],
            Self::Contact => &["老师联系方式", "teacher contact", "老师手机", "教师手机", "老师邮箱", "教师邮箱"],
            Self::Invitation => &["邀请编号", "invitation"],
            Self::Link => &["邀请链接", "invitation link"],
        }
    }

    /// Its header as it is written: in Chinese, or else in English.
    pub fn header(self, chinese: bool) -> &'static str {
        self.headers().get(usize::from(!chinese)).copied().unwrap_or_default()
    }

    fn of(header: &str) -> Option<Self> {
        // A remark in brackets belongs to no name: 姓名（必填）.
        let plain = header.split(['(', '（', '*', '：', ':']).find(|part| !part.trim().is_empty()).unwrap_or_default();
        let folded = fold(plain).replace(['.', '_'], "");
        let known = |header: &&str| fold(header).replace('.', "") == folded;
        Self::ALL.into_iter().find(|column| column.headers().iter().any(known))
    }
}

/// Reads a table; `sheet` is the name of the sheet in which it stands.
pub(super) fn read(rows: Rows, sheet: Option<&str>) -> Result<List, FileError> {
    if rows.is_empty() {
        return Err(FileError::Empty);
    }
    let columns = |cells: &[String]| -> Vec<Option<Column>> {
        let mut seen = Vec::new();
        let once = |cell: &String| {
            let column = Column::of(cell).filter(|column| !seen.contains(column));
            seen.extend(column);
            column
        };
        cells.iter().map(once).collect()
    };
    let header = rows.iter().take(HEADER_WITHIN).position(|(_, cells)| columns(cells).contains(&Some(Column::Name)));
    let Some((at, (_, header))) = header.and_then(|at| Some((at, rows.get(at)?))) else {
        return Err(FileError::NoHeader);
    };
    let meanings = columns(header);
    let by_sheet = match (meanings.contains(&Some(Column::Class)), sheet) {
        (true, _) => "",
        (false, Some(sheet)) => sheet,
        (false, None) => return Err(FileError::NoClass),
    };
    let unknown = header.iter().zip(&meanings).filter(|(name, meaning)| meaning.is_none() && !name.is_empty());
    let ignored = unknown.map(|(name, _)| name.clone()).collect();
    let entries = rows.iter().skip(at + 1).map(|(line, cells)| entry(*line, cells, &meanings, by_sheet)).collect();
    Ok(List { entries, ignored })
}

fn entry(line: u32, cells: &[String], meanings: &[Option<Column>], sheet: &str) -> Entry {
    let mut entry = Entry { line, class: sheet.to_owned(), ..Entry::default() };
    for (text, meaning) in cells.iter().zip(meanings) {
        let place = match meaning {
            Some(Column::Name) => &mut entry.name,
            Some(Column::Class) => &mut entry.class,
            Some(Column::Number) => &mut entry.number,
            Some(Column::Campus) => &mut entry.campus,
            Some(Column::Term) => &mut entry.term,
            Some(Column::First) => &mut entry.first,
            Some(Column::Last) => &mut entry.last,
            Some(Column::Contact) => &mut entry.contact,
            Some(Column::Invitation) => &mut entry.invitation,
            Some(Column::Role) => {
                entry.part = part(text);
                continue;
            }
            Some(Column::Link) | None => continue,
        };
        place.clone_from(text);
    }
    if entry.part != Part::Teacher {
        // Nobody but a teacher is looked for by phone number or address.
        entry.contact.clear();
    }
    entry
}

/// Learner or teacher, as people write it; a learner if nothing is said.
pub(super) fn part(text: &str) -> Part {
    match fold(text).as_str() {
        "" | "学生" | "学员" | "student" | "learner" => Part::Learner,
        "老师" | "教师" | "任课老师" | "任课教师" | "teacher" => Part::Teacher,
        _ => Part::Other,
    }
}

/// What a part is called in a list that is written.
pub(crate) fn part_word(part: Part, chinese: bool) -> &'static str {
    match (part, chinese) {
        (Part::Teacher, true) => "老师",
        (Part::Teacher, false) => "teacher",
        (Part::Learner | Part::Other, true) => "学员",
        (Part::Learner | Part::Other, false) => "learner",
    }
}

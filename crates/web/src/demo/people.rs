//! The people of the demo school. All of them are invented.

/// Name of the school; a store whose first school has it is a demo.
pub(super) const SCHOOL: &str = "佳音示范学校";
/// Its campus.
pub(super) const CAMPUS: &str = "花园路校区";
/// Its teacher.
pub(super) const TEACHER: &str = "林静";
/// Its campus manager.
pub(super) const MANAGER: &str = "何敏";
/// Its privacy officer.
pub(super) const OFFICER: &str = "周颖";
/// Its courses.
pub(super) const COURSES: [&str; 2] = ["Level 1 · Small sentences", "Level 2 · Every day"];
/// Its classes.
pub(super) const CLASSES: [&str; 2] = ["三年级 1 班", "四年级 2 班"];
/// The learners of each class.
pub(super) const LEARNERS: [[&str; 6]; 2] = [
    ["王小明", "李思雨", "张子轩", "刘欣怡", "陈浩然", "杨梓涵"],
    ["赵天宇", "黄诗琪", "周俊杰", "吴雨桐", "徐嘉怡", "孙博文"],
];

/// A guardian and the children: class and place in it.
pub(super) struct Guardian {
    /// Name.
    pub(super) name: &'static str,
    /// Children.
    pub(super) children: &'static [(usize, usize)],
}

/// The guardians; every child has one.
pub(super) const GUARDIANS: [Guardian; 9] = [
    Guardian { name: "王建华", children: &[(0, 0)] },
    Guardian { name: "李海燕", children: &[(0, 1)] },
    Guardian { name: "张伟", children: &[(0, 2), (1, 0)] },
    Guardian { name: "刘洋", children: &[(0, 3)] },
    Guardian { name: "黄丽", children: &[(1, 1), (1, 2)] },
    Guardian { name: "陈志强", children: &[(0, 4)] },
    Guardian { name: "杨芳", children: &[(0, 5)] },
    Guardian { name: "吴敏", children: &[(1, 3), (1, 4)] },
    Guardian { name: "孙磊", children: &[(1, 5)] },
];

/// What the teacher says now and then.
pub(super) const COMMENTS: [&str; 4] = [
    "读得很清楚，继续保持！",
    "Well done! Now a little slower, please.",
    "注意单词结尾的辅音，要读出来。",
    "语调很自然，真棒！",
];

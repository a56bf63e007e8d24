//! Sentences to read, in five levels, written for this page. The Chinese is for the learner's understanding.

/// A sentence and what it means.
pub struct Sample {
    /// To be read aloud.
    pub text: &'static str,
    /// In Chinese.
    pub gloss: &'static str,
}

const fn sample(text: &'static str, gloss: &'static str) -> Sample {
    Sample { text, gloss }
}

/// Sentences in each level.
pub const PER_LEVEL: usize = 8;

/// The levels, easiest first; their names are the texts `level-1` … `level-5`.
pub static LEVELS: [[Sample; PER_LEVEL]; 5] = [
    [
        sample("I see a red bird.", "我看见一只红色的鸟。"),
        sample("This is my cat.", "这是我的猫。"),
        sample("We like milk.", "我们喜欢牛奶。"),
        sample("It is a big tree.", "这是一棵大树。"),
        sample("My hat is blue.", "我的帽子是蓝色的。"),
        sample("The sun is hot.", "太阳很热。"),
        sample("I can jump.", "我会跳。"),
        sample("Good morning, Mum!", "早上好，妈妈！"),
    ],
    [
        sample("She has three little fish.", "她有三条小鱼。"),
        sample("Where is my yellow bag?", "我的黄书包在哪里？"),
        sample("He rides his bike to school.", "他骑自行车上学。"),
        sample("Can I have some water, please?", "请给我一些水，好吗？"),
        sample("The rabbit runs very fast.", "兔子跑得很快。"),
        sample("My brother is seven years old.", "我弟弟七岁了。"),
        sample("There is a frog in the pond.", "池塘里有一只青蛙。"),
        sample("Let's sing a song together.", "我们一起唱首歌吧。"),
    ],
    [
        sample("It rained all night, so the grass is wet.", "下了一夜雨，所以草地是湿的。"),
        sample("My grandmother makes the best noodles.", "我奶奶做的面条最好吃。"),
        sample("What would you like for breakfast?", "你早餐想吃什么？"),
        sample("We went to the zoo and saw two pandas.", "我们去动物园看见了两只熊猫。"),
        sample("Please close the window before you leave.", "走之前请把窗户关上。"),
        sample("The library opens at half past eight.", "图书馆八点半开门。"),
        sample("I usually do my homework after dinner.", "我通常晚饭后写作业。"),
        sample("Her birthday is on the third of July.", "她的生日是七月三日。"),
    ],
    [
        sample("If you mix blue and yellow, you will get green.", "蓝色和黄色混在一起就是绿色。"),
        sample("The children were whispering behind the curtain.", "孩子们在窗帘后面小声说话。"),
        sample("I thought the maths test was rather difficult.", "我觉得数学考试挺难的。"),
        sample(
            "A small lamp is brighter than a thousand stars when you are reading.",
            "读书的时候，一盏小灯胜过千颗星。",
        ),
        sample("Would you mind explaining that one more time?", "您能再解释一遍吗？"),
        sample("Our team practised every afternoon for the whole month.", "我们队整个月每天下午都训练。"),
        sample("He finally found his keys under the leather sofa.", "他终于在皮沙发下面找到了钥匙。"),
        sample("The weather forecast says it will be cloudy and cold.", "天气预报说会多云而且冷。"),
    ],
    [
        sample(
            "Although the river looked calm, the water underneath was moving quickly.",
            "虽然河面看起来平静，水下却流得很急。",
        ),
        sample("Scientists are still discovering new species deep below the ocean.", "科学家仍在深海发现新的物种。"),
        sample(
            "Learning a language is less about talent than about regular practice.",
            "学语言靠的不是天赋，而是经常练习。",
        ),
        sample(
            "She apologised for the misunderstanding and offered to help immediately.",
            "她为误会道歉，并马上提出帮忙。",
        ),
        sample(
            "The museum's latest exhibition explores how cities change over time.",
            "博物馆的新展览讲述城市如何随时间变化。",
        ),
        sample(
            "We should measure success by what we share, not by what we own.",
            "衡量成功，要看我们分享了什么，而不是拥有什么。",
        ),
        sample(
            "Despite the thick fog, the lighthouse guided every ship to the harbour.",
            "尽管大雾弥漫，灯塔仍把每艘船引进港口。",
        ),
        sample("Technology gives us answers, but curiosity teaches us to ask.", "科技给我们答案，好奇心教我们提问。"),
    ],
];

/// The sentence at a place, both counted from 1; outside the range, the nearest.
pub fn at(level: usize, n: usize) -> &'static Sample {
    &LEVELS[level.clamp(1, LEVELS.len()) - 1][n.clamp(1, PER_LEVEL) - 1]
}

brand = 佳音
description = 读一句英语，马上知道每个音读得怎么样。
skip = 跳到正文
theme = 外观
theme-auto = 自动
theme-light = 浅色
theme-dark = 深色
promise = 录音和文字只在评分的那一刻放在内存里，评完就没有了。网站只记住您选的语言和外观。

brand = Jiayin
description = Read an English sentence aloud and see at once how each sound went.
skip = Skip to the content
theme = Look
theme-auto = Auto
theme-light = Light
theme-dark = Dark
promise = Your recording and text stay in memory only while they are scored, then they are gone. The site remembers nothing but your language and look.

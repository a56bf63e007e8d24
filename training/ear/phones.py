"""The sounds, in the order of the model's classes (the same table as crates/speech/src/phone.rs)."""

ARPABET = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
).split()
INDEX = {symbol: index for index, symbol in enumerate(ARPABET)}
SILENCE = 39
CLASSES = 40
VOWELS = frozenset(INDEX[s] for s in "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


def parse(symbol):
    """ARPAbet with an optional stress digit -> (class index, stress 0-2 or None)."""
    if symbol[-1].isdigit():
        return INDEX[symbol[:-1]], int(symbol[-1])
    return INDEX[symbol], None


def stress_classes(word):
    """Stress input of the scorer for one word's [(index, stress)]: 0 consonant, 1 the only vowel of its word,
    2 unstressed, 3 stressed (primary or secondary), 4 not given.

    Dictionaries and labels disagree on the digit of a one-syllable word, so it is not looked at there.
    """
    vowels = sum(index in VOWELS for index, _ in word)
    classes = []
    for index, stress in word:
        if index not in VOWELS:
            classes.append(0)
        elif vowels == 1:
            classes.append(1)
        else:
            classes.append(4 if stress is None else 2 if stress == 0 else 3)
    return classes


def place_classes(length):
    """Place of each phone in a word of `length` phones: 0 only, 1 first, 2 middle, 3 last."""
    if length == 1:
        return [0]
    return [1] + [2] * (length - 2) + [3]

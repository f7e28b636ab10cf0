"""Finding a node type from a few letters of its name, of another name for it, or of its formula."""

from __future__ import annotations

from nnstudio.modules.module import Definition


def score(definition: Definition, query: str) -> int:
    """How well a type answers a query: 0 not at all, more is better. Every word of the query must be
    answered.
    """
    words = query.casefold().split()
    if not words:
        return 1
    found = [_word_score(definition, word) for word in words]
    return min(found) and sum(found)


def _word_score(definition: Definition, word: str) -> int:
    name = definition.name.casefold()
    aliases = [alias.casefold() for alias in definition.aliases]
    if name == word or word in aliases:
        return 100
    if name.startswith(word):
        return 90
    if any(part.startswith(word) for alias in aliases for part in (alias, *alias.split())):
        return 80
    if word in name:
        return 70
    if any(word in alias for alias in aliases):
        return 60
    if word in definition.formula.casefold().replace(" ", "") or word in definition.formula.casefold():
        return 50
    if definition.category.casefold().startswith(word):
        return 40
    if len(word) > 2 and _in_order(word, name):
        return 20
    return 10 if len(word) > 3 and any(_one_slip(word, each) for each in (name, *aliases)) else 0


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters stand in the text in this order, with others between them: "crent" in
    "crossentropy".
    """
    rest = iter(text)
    return text[:1] == letters[:1] and all(letter in rest for letter in letters)


def _one_slip(word: str, text: str) -> bool:
    """Whether one wrong, missing, additional or swapped letter makes the beginning of the text out of the
    word.
    """
    for size in (len(word) - 1, len(word), len(word) + 1):
        other = text[:size]
        start = 0
        while start < min(len(word), len(other)) and word[start] == other[start]:
            start += 1
        a, b = word[start:], other[start:]
        if a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:]):
            return True
    return False

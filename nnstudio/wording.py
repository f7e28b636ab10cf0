"""How sentences for people name a value that was given, and the known name it was probably meant to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable

LONGEST = 60


def short(value: object) -> str:
    """A value as it may stand in a sentence: as Python writes it, on one line, cut when long."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write out a number of thousands of digits
        return f"{value:,}" if abs(value) < 10**15 else "a number of more than 15 digits"
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # such a number within a list
        text = "a number of thousands of digits"
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 3] + "…" + (text[0] if text[0] in "'\"" else "")


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known name that looks most like the word, in any case of letters; None if none does."""
    from difflib import get_close_matches  # only who misspells waits for it

    names: dict[str, str] = {}
    for name in known:
        names.setdefault(name.casefold(), name)
    near = get_close_matches(str(word)[:LONGEST].casefold(), names, n=1)
    return names[near[0]] if near else None


def did_you_mean(word: object, known: Iterable[str], otherwise: str, show: Callable[[str], str] = str) -> str:
    """The end of a sentence about an unknown name: "did you mean Linear.", or `otherwise` and a full stop."""
    near = nearest(word, known)
    return f"{otherwise}." if near is None else f"did you mean {show(near)}."

from difflib import SequenceMatcher
from inspect import getsource

import pytest

from nnstudio.exchange import numpy_template, pytorch_template
from nnstudio.exchange.template import filled, joined


def test_a_part_stands_at_the_indentation_of_its_line():
    template = joined(
        "def f():\n    #: body\n#: end", body="\na = $a\n\nif a:\n    b()  #? long\n", end="f()"
    )
    assert (
        filled(template, {"long": True}, {"a": "1"}) == "def f():\n    a = 1\n\n    if a:\n        b()\nf()\n"
    )


def test_a_part_that_is_not_given_is_a_slip():
    with pytest.raises(KeyError):
        joined("#: body")


def test_what_both_scripts_share_is_written_once():
    first, second = (
        getsource(each).partition("imports=")[2].splitlines() for each in (numpy_template, pytorch_template)
    )
    same = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    assert same.size < 6, first[same.a : same.a + same.size]

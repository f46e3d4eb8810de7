"""A value where a yes or no is asked → the answer, or BadValue.

Null is no. A text says whether it is filled, unless it looks false: nobody means "Nej" as a yes. A number, a
list or a row answers nothing there: whether 0 copies or an empty list is a no, only the author can say.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from jinja2.runtime import Undefined

from etl.normal_form import is_blank
from etl.plain_answer import looks_false
from etl.plugin import BadValue
from etl.template.plain_words import bracketed, kind_in_words

WRITE_FIRST = "write $first, a list of choices: the first that is not empty is taken, and 0 is not"
_WRITE = {
    "a number": "write  {0} is not none  or  {0} > 0",
    "a list": "write  {0} | length > 0",
}


def is_true(value: Any, what: str) -> bool:
    """The answer as a condition. `what` is the expression's text, for the message.

    Raises BadValue E477 for a text that looks false and E489 for what is neither yes/no nor text.
    """
    if value is True or value is False:
        return value
    if isinstance(value, str) and looks_false(value):
        asked = "compare it:  {0} == 'J'  or convert it:  {0} | yes_no"
        if any(map(str.isdigit, value)):
            count = "let n be  {0} | integer  and ask  n is not none and n > 0"
            asked = f"a yes or no:  {{0}} | yes_no ;  a count:  {count}"
        raise BadValue(
            "E477",
            f'{what} gave the text "{value.strip()}", which looks false and would count as true',
            asked.format(bracketed(what)),
        )
    return bool(filled(value, what))


def as_choice(value: Any, what: str) -> Any:
    """The value as an operand of `or`: itself, or something false if it is empty. Raises BadValue E489."""
    return filled(value, what, WRITE_FIRST)


def filled(value: Any, what: str, instead: str = "") -> Any:
    """The value as one choice of several: itself, or something false if it is empty.

    `instead`: what to write for it. Raises BadValue E489 for what is neither yes/no nor text.
    """
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, str):
        return "" if is_blank(value) else value
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    kind = kind_in_words(value)
    raise BadValue(
        "E489",
        f"{what} is {kind}: only yes, no and text can be asked whether they are there",
        instead or _WRITE.get(kind, "write  {0} is not none").format(bracketed(what)),
    )

"""One plain value → the typed value of a leaf, or an error that says what was wrong with it.

Errors are `PydanticCustomError`s whose type is the problem code and whose context carries the help, so
that `faults` need not know about values. In a help `{{ …` stands for what the mapping has written there.
Numbers and flags given as text are taken because Alma takes
them too ("no_charge": "false" stands in its official sample); binary floats never are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from etl.normal_form import normal_form, normalized

# XML 1.0 §2.2: everything else cannot stand in a document at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}Z?")
_DIGITS = re.compile(r"-?[0-9]{1,10}")
_INT_MAX = 2**31 - 1  # the XSD says xs:int
_SHOWN = 60
_LONG_BITS = 200  # about 60 digits; Python refuses to spell numbers of more than 4300


def shown(value: object) -> str:
    """A value as messages quote it: in double quotes, cut when long, control characters escaped.

    What has no text of its own (a list, a lookup row) is named and not quoted.
    """
    if not isinstance(value, str | int | float | Decimal | date):
        return _article(value)
    if type(value) is int and value.bit_length() > _LONG_BITS:
        return f'"a number of more than {_SHOWN} digits"'
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: _SHOWN + 1])
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'


def wrong(code: str, message: str, help: str) -> PydanticCustomError:
    """The error of a leaf: `code` E5xx, one plain sentence, and what to try."""
    # Braces are pydantic's placeholders, so the finished sentence goes in as a value.
    return PydanticCustomError(code, "{message}", {"message": message, "help": help})


def text(value: Any) -> str:
    """Text in NFC; a whole number is written out. Raises E503 (object, list), E504, E505."""
    if isinstance(value, str):
        plain = value if type(value) is str else str.__str__(value)
    elif type(value) is int and value.bit_length() <= _LONG_BITS:
        return str(value)
    else:
        raise _not_text(value)
    if not plain.isascii():
        plain = normalized("NFC", plain)
    if not plain.isprintable() and (bad := _FORBIDDEN.search(plain)):
        raise wrong(
            "E505",
            f"{shown(plain)} contains the character U+{ord(bad.group()):04X}, which XML cannot carry",
            "remove it in the mapping, or choose the right encoding of the source",
        )
    return plain


def _not_text(value: Any) -> PydanticCustomError:
    if isinstance(value, Mapping):
        return wrong(
            "E503",
            "an object stands where plain text belongs",
            'this field has no {"value": …} in Alma; write the text itself',
        )
    if isinstance(value, list | tuple):
        return wrong("E503", "a list stands where one text belongs", "write one value, or join the values")
    if not isinstance(value, int | float | Decimal | date):
        said = f"{_article(value)} stands where text belongs"
        return wrong("E504", said, "take one of its values:  {{ value.name }}")
    return wrong(
        "E504",
        f"{shown(value)} is {_article(value)}, not text",
        'turn it into text in the mapping, so that its spelling is your decision: "{{ … | string }}"',
    )


def _article(value: object) -> str:
    names: dict[type, str] = {
        bool: "a true/false value",
        float: "a binary float",
        Decimal: "a decimal number",
        int: "a number",
        date: "a date",
        datetime: "a date",
        dict: "a group",
        type(None): "nothing",
        **dict.fromkeys((list, tuple), "a list"),
    }
    kind = type(value).__name__.lower()
    return names.get(type(value), "a lookup row" if kind == "row" else f"a {kind}")


def code(value: Any) -> str:
    """A code, given plainly or as Alma's `{"value": …, "desc": …}` (`desc` and `link` are ignored by Alma).

    Raises what `text` raises, and E503 for other objects.
    """
    if isinstance(value, Mapping):
        if "value" not in value or not value.keys() <= {"value", "desc", "link"}:
            raise wrong(
                "E503",
                f"an object with the members {', '.join(map(shown, value))} stands where a code belongs",
                "write the code plainly, as in  owner: MAIN",
            )
        value = value["value"]
    return text(value)


def spelt(
    read: Callable[[Any], str], check: Callable[[str], str] | None = None
) -> Callable[[Any, ValidationInfo], str]:
    """A reader of codes or references: what `read` gives, in its normal form, if `check` agrees.

    The context of the validation, a Counter, learns the fields whose value was not written so. Raises what
    the two raise, and E502 when there is nothing to be seen in the text.
    """

    def spell(value: Any, info: ValidationInfo) -> str:
        written = read(value)
        plain = normal_form(written)
        if plain != written:
            if not plain and written:
                help_ = "look at it in an editor that shows all signs, and remove them in the mapping"
                raise wrong("E502", f"{shown(written)} has nothing in it that can be seen", help_)
            if info.context is not None:
                info.context[info.field_name] += 1
        return check(plain) if check else plain

    return spell


def day(value: Any) -> date:
    """A calendar day from `YYYY-MM-DD`, `YYYY-MM-DDZ` or a date; a point in time is refused (E509)."""
    if type(value) is date:
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            raise wrong(
                "E509", f"{shown(value)} is not a day of the calendar", "check month and day"
            ) from None
    if isinstance(value, datetime):
        hint = "it carries a time of day: take its day,  {{ … | date }}"
    else:
        hint = "write YYYY-MM-DD, or convert with the date filter:  {{ … | date('DD.MM.YYYY') }}"
    raise wrong("E509", f"{shown(value)} is not a date", hint)


def flag(value: Any) -> bool:
    """True or false, as such or as the texts "true" and "false" (nothing else: E510)."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise wrong(
        "E510",
        f"{shown(value)} is neither true nor false",
        "write true or false; of a vendor's word ja, nej, Y or N a filter makes one:  {{ … | yes_no }}",
    )


def whole(minimum: int) -> Callable[[Any], int]:
    """A reader of whole numbers (as such or as digits) that begin at `minimum` and fit 32 bits."""

    def read(value: Any) -> int:
        if type(value) is int:
            number = value
        elif isinstance(value, str) and _DIGITS.fullmatch(value):
            number = int(value)
        else:
            kind = "a decimal number, not a whole one" if isinstance(value, Decimal) else "not a whole number"
            raise wrong("E511", f"{shown(value)} is {kind}", "convert it:  {{ … | integer }}")
        if not minimum <= number <= _INT_MAX:
            bound = f"less than {minimum}" if number < minimum else f"more than {_INT_MAX}"
            raise wrong(
                "E512", f"{shown(number)} is {bound}", f"whole numbers from {minimum} are allowed here"
            )
        return number

    return read


def one_of(choices: tuple[str, ...], alma: str = "") -> Callable[[str], str]:
    """A check of a closed list of codes. `alma` is what Alma would answer to another, if known."""

    def check(plain: str) -> str:
        if plain not in choices:
            spoken = " or ".join(map(shown, choices))
            refusal = f"; Alma would refuse it: {alma}" if alma else ""
            raise wrong("E513", f"{shown(plain)} is not {spoken}{refusal}", f"write {spoken}")
        return plain

    return check


def text_up_to(limit: int) -> Callable[[Any], str]:
    """A reader of texts of at most `limit` characters; longer ones are refused, never cut (E514)."""

    def read(value: Any) -> str:
        plain = text(value)
        if len(plain) > limit:
            raise wrong(
                "E514",
                f"{shown(plain)} has {len(plain)} characters; Alma takes {limit}",
                f"shorten it in the mapping:  {{{{ …[:{limit}] }}}}",
            )
        return plain

    return read


def filled_by_alma(value: Any) -> None:
    """No value at all: the field is Alma's to fill (E501)."""
    del value
    raise wrong("E501", "this field is filled by Alma and cannot be sent", "remove it")

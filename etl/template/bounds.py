"""What a template may spend → the value, or BadValue.

A mapping is reviewed, but it runs unattended for years: no template may hang the run or eat the machine,
by malice or by slip. Sizes are in characters or members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from etl.plugin import BadValue

MAX_TEXT = 100_000
MAX_LOOP = 10_000
MAX_BITS = 4_096

TEXT_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
OTHER_METHODS = frozenset(["items", "keys", "values", "get", "isoformat", "index", "count"])


def too_much(what: str) -> BadValue:
    return BadValue(
        "E474", f"the template asks for too much: {what}", "templates are bounded; see etl explain E474"
    )


def bounded_range(*args: int) -> range:
    """Jinja's `range`, at most 10,000 long."""
    numbers = range(*args)
    if len(numbers) > MAX_LOOP:
        raise too_much(f"range of {len(numbers)} (limit {MAX_LOOP})")
    return numbers


class Fuel:
    """Loop steps left for one evaluation of one template; nested loops share it."""

    def __init__(self) -> None:
        self.left = MAX_LOOP

    def refill(self) -> None:
        self.left = MAX_LOOP

    def burn(self, members: Iterable[Any]) -> Iterator[Any]:
        for member in members:
            self.left -= 1
            if self.left < 0:
                raise too_much(f"more than {MAX_LOOP} loop steps")
            yield member


def sized(value: Any) -> Any:
    """The value, if text and lists in it stay within bounds."""
    if isinstance(value, str | list | tuple | dict) and len(value) > MAX_TEXT:
        raise too_much(f"a value of length {len(value)} (limit {MAX_TEXT})")
    return value


def check_operands(operator: str, left: Any, right: Any) -> None:
    """Refuse operations whose result could be enormous, before they are done."""
    if operator == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, str | list | tuple) and isinstance(other, int) and len(one) * other > MAX_TEXT:
                raise too_much(f"a value repeated {other} times")
        if (
            isinstance(left, int)
            and isinstance(right, int)
            and left.bit_length() + right.bit_length() > MAX_BITS
        ):
            raise too_much("a number of more than a thousand digits")
    elif operator == "+" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        if len(left) + len(right) > MAX_TEXT:
            raise too_much("a text or list that grows beyond its bound")
    elif operator == "**" and not (_small(right) and _bits(left) * abs(right) <= MAX_BITS):
        raise too_much("a power above 64, or of more than a thousand digits")
    elif operator == "%" and isinstance(left, str):
        raise BadValue("E473", "text formatting with % is not available in templates", "join texts with ~")


def _bits(number: Any) -> int:
    return number.bit_length() if isinstance(number, int) else 1


def _small(power: Any) -> bool:
    return isinstance(power, int | float | Decimal) and -64 <= power <= 64


def check_call(method: str, owner: Any, args: tuple[Any, ...]) -> None:
    """Refuse method calls that multiply text."""
    if (
        method == "replace"
        and isinstance(owner, str)
        and len(args) >= 2
        and all(isinstance(a, str) for a in args[:2])
        and len(owner) + owner.count(args[0]) * len(args[1]) > MAX_TEXT
    ):
        raise too_much("a replacement that makes the text too long")
    if method == "join" and isinstance(owner, str):
        parts = args[0] if args else None
        if (
            not isinstance(parts, list | tuple)
            or sum(len(str(part)) + len(owner) for part in parts) > MAX_TEXT
        ):
            raise too_much("a join of what is no list, or that makes the text too long")


def bounded(filter_: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A Jinja built-in whose numbers and result are bounded."""
    first = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    def guarded(*args: Any, **kwargs: Any) -> Any:
        value, rest = args[first], args[first + 1 :]
        for argument in (*rest, *kwargs.values()):
            if isinstance(argument, int) and not isinstance(argument, bool) and abs(argument) > MAX_LOOP:
                raise too_much(f"{name}({argument})")
        check_call(name, value, rest)
        return sized(filter_(*args, **kwargs))

    guarded.__name__ = name
    guarded.__wrapped__ = filter_  # type: ignore[attr-defined]
    if first:
        guarded.jinja_pass_arg = filter_.jinja_pass_arg  # type: ignore[attr-defined]
    return guarded

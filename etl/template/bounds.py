"""What a record's templates may spend → the value, or BadValue.

A mapping is reviewed, but it runs unattended for years: no template may hang the run or eat the machine, by
malice or by slip. What is counted is work, never time: the same record spends the same on every machine.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, ValuesView
from datetime import date
from decimal import Decimal
from typing import Any

from jinja2.runtime import Undefined

from etl.plugin import BadValue

MAX_TEXT = 100_000
"""Characters of one text, members of one list."""
MAX_RANGE = 10_000
MAX_BITS = 4_096
MAX_DIGITS = 1_234
"""Digits of a decimal: as many as a whole number of so many bits has."""
MAX_DEPTH = 60
"""Lists within lists. What walks a value (comparing, hashing, the document) may rely on it."""
MAX_STEPS = 1_000_000
"""Steps of one record: parts of templates evaluated, turns of loops, members looked at."""
MAX_CHARACTERS = 10_000_000
"""Characters that one record's templates read and write, all texts together."""

CONTAINERS = (list, tuple, dict, KeysView, ValuesView, ItemsView)
_KEPT = frozenset((str, int, bool, Decimal, date, type(None), list, tuple, dict))
_LEAVES = frozenset((bool, float, Decimal, date, type(None)))


def too_much(what: str) -> BadValue:
    return BadValue(
        "E474", f"the template asks for too much: {what}", "templates are bounded; see etl explain E474"
    )


class RecordBudget:
    """What one record has spent, over all of its templates, lookups and `$for` turns.

    Whatever grows says so here, before it grows where that can be known. A budget once spent stays spent
    until the next record: every further charge raises BadValue E488.
    """

    __slots__ = ("characters", "steps")

    def __init__(self) -> None:
        self.refill()

    def refill(self) -> None:
        """The next record begins."""
        self.steps = self.characters = 0

    @property
    def is_spent(self) -> bool:
        return self.steps > MAX_STEPS or self.characters > MAX_CHARACTERS

    def spend(self, steps: int, characters: int = 0) -> None:
        """Raises BadValue E488 when that is more than is left."""
        self.steps += steps
        self.characters += characters
        if self.steps > MAX_STEPS or self.characters > MAX_CHARACTERS:
            what, limit = ("steps", MAX_STEPS) if self.steps > MAX_STEPS else ("characters", MAX_CHARACTERS)
            raise BadValue(
                "E488",
                f"the record takes too much work: more than {limit:,} {what}",
                "look for loops in loops and for lists that grow; see etl explain E488",
            )

    def give_up(self) -> None:
        """Nothing more of this record."""
        self.steps = MAX_STEPS + 1

    def measure(self, value: Any) -> Any:
        """The value, its length charged. Raises BadValue E474 for a text or list that is too long."""
        if isinstance(value, str | list | tuple | dict):
            size = len(value)
            if size > MAX_TEXT:
                raise too_much(f"a value of length {size} (limit {MAX_TEXT})")
            if isinstance(value, str):
                self.spend(1, size)
            else:
                self.spend(1 + size)
        return value

    def weigh(self, value: Any) -> Any:
        """The value, charged with all that is in it as often as it is in it: what comparing it would look at.

        Ten lists that hold one another ten times each are ten billion members to whoever walks them.
        """
        if type(value) is str:
            self.spend(1, len(value))
            return value
        if type(value) in _LEAVES:
            return value
        waiting = [(value, 0)]
        while waiting:
            one, depth = waiting.pop()
            if isinstance(one, str):
                self.spend(0, len(one))
            elif isinstance(one, int):
                self.spend(0, one.bit_length() >> 2)
            elif type(one) not in _LEAVES and isinstance(one, CONTAINERS):
                if depth == MAX_DEPTH:
                    raise too_much(f"a value nested more than {MAX_DEPTH} deep")
                self.spend(1 + len(one))
                if isinstance(one, dict):
                    waiting += [(key, depth + 1) for key in one]
                    one = one.values()
                waiting += [(member, depth + 1) for member in one]
        return value

    def each(self, members: Iterable[Any], weight: int = 1) -> Iterator[Any]:
        """The members one by one, `weight` steps charged for each."""
        for member in members:
            self.spend(weight + len(member) if isinstance(member, list | tuple) else weight)
            yield member

    def join(self, parts: Iterable[Any], separator: str = "") -> str:
        """The texts of the parts as one, refused (E474) before it is made."""
        texts: list[str] = []
        length = 0
        for part in parts:
            texts.append(as_text(part))
            length += len(texts[-1]) + len(separator)
            if length > MAX_TEXT + len(separator):
                raise too_much(f"a text of more than {MAX_TEXT} characters")
        self.spend(len(texts), length)
        return separator.join(texts)

    def search(self, text: str, arguments: Iterable[Any]) -> None:
        """Charge for looking through a text: the longer what is looked for, the more often it is compared."""
        self.spend(1, len(text) * (1 + sum(len(one) // 100 for one in arguments if isinstance(one, str))))

    def replace(self, text: str, old: str, new: str, count: int | None = None) -> str:
        """As `str.replace`, refused (E474) before the text grows too long."""
        self.search(text, (old,))
        times = text.count(old)
        times = times if count is None or count < 0 else min(times, count)
        if len(text) + times * (len(new) - len(old)) > MAX_TEXT:
            raise too_much("a replacement that makes the text too long")
        self.spend(times, times * len(new))
        return text.replace(old, new, -1 if count is None else count)


def as_list(value: Any) -> Any:
    """The value; a generator, a view or a range as the list of what is in it."""
    if type(value) in _KEPT:
        return value
    return list(value) if isinstance(value, Iterator | KeysView | ValuesView | ItemsView | range) else value


def as_text(value: Any) -> str:
    """The text of a value inside other text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    if value is None:
        raise BadValue(
            "E475", 'a null would become the text "None"', "write  | default('', true)  or use $if"
        )
    if isinstance(value, list | tuple | dict | Iterator):
        raise BadValue("E476", "a list would become the text of a Python list", "use  | join(', ')  or $for")
    if isinstance(value, bool):
        raise BadValue(
            "E476",
            'a yes or no would become the text "True" or "False"',
            "say the words:  'ja' if … else 'nej'",
        )
    if isinstance(value, float):  # from outside: no template makes one
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return _digits_of(value)
    if not isinstance(value, int | date):
        kind = type(value).__name__.lower()  # a lookup's row, say
        raise BadValue("E476", f"a {kind} has no text of its own", f"take one of its values: {kind}.name")
    return str(value)


def _digits_of(number: Decimal) -> str:
    """Written out, without an exponent and with the decimals it has: 24.9, 12.50, 1000."""
    if abs(number.adjusted()) > MAX_TEXT:
        raise too_much("a number of more than a thousand digits")
    text = f"{number:f}"
    return text if number else text.removeprefix("-")


def canonical(value: str | int | Decimal | date) -> str:
    """The one text of a value that identifies something: 1.50, 1.5 and 15E-1 are all `1.5`."""
    if not isinstance(value, Decimal):
        return str(value)
    text = _digits_of(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def bounded_range(*args: int) -> range:
    """Jinja's `range`, at most 10,000 long."""
    numbers = range(*args)
    if len(numbers) > MAX_RANGE:
        raise too_much(f"range of {len(numbers)} (limit {MAX_RANGE})")
    return numbers


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
    return number.bit_length() if isinstance(number, int) else 1  # decimals have their context's bound


def _small(power: Any) -> bool:
    return isinstance(power, int | float | Decimal) and -64 <= power <= 64

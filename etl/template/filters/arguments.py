"""Arguments as the author wrote them → checked constants, or BadArgument."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches

from etl.plugin import BadArgument
from etl.template.filters.incoming import kind_of
from etl.values.amounts import read_rate
from etl.values.numerals import Unreadable
from etl.values.quoting import quoted


class NoArgument(BadArgument):
    """An argument that has to be there is null."""


def there(value: object, name: str) -> None:
    """Raises NoArgument for a null."""
    if value is None:
        raise NoArgument(f"{name} is empty")


def whole_number(value: object, name: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    there(value, name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadArgument(f"{name} must be a whole number, not {kind_of(value)}")
    if not low <= value <= high:
        raise BadArgument(f"{name} must be from {low} to {high}, not {value}")
    return value


def words(value: object, name: str) -> str:
    """Text that is not empty."""
    there(value, name)
    if not isinstance(value, str):
        raise BadArgument(f"{name} must be text, not {kind_of(value)}")
    if not value:
        raise BadArgument(f"{name} must not be empty")
    return value


def yes_or_no(value: object, name: str) -> bool:
    """A real boolean: `true` or `false`, without quotes."""
    there(value, name)
    if not isinstance(value, bool):
        raise BadArgument(f"{name} must be true or false, not {kind_of(value)}", "write it without quotes")
    return value


def one_of(value: object, name: str, known: Sequence[str]) -> str:
    """One of the known words, in any case."""
    wanted = words(value, name).casefold()
    if wanted in known:
        return wanted
    near = get_close_matches(wanted, known, n=1)
    raise BadArgument(
        f"unknown {name} {quoted(str(value))}",
        f'did you mean "{near[0]}"?' if near else "known: " + ", ".join(known),
    )


def percentage(value: object, name: str) -> Decimal:
    """A percentage from 0 to 100. Text may be what a vendor's column says: `6`, `6.5`, `33,5 %`. No thousands
    are written in it, so a dot and a comma both stand before decimals.
    """
    there(value, name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise BadArgument(f"{name} must be a percentage, not {kind_of(value)}")
    try:
        rate = read_rate(value)[0] if isinstance(value, str) else Decimal(value)
    except Unreadable:
        raise BadArgument(
            f"{name} must be a percentage, not {quoted(str(value))}", "write 6, 6.5 or 6,5 %"
        ) from None
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise BadArgument(f"{name} must be from 0 to 100 percent, not {value}")
    return rate

"""Dates as vendors write them, by declared forms → date: those of the filter `date`, and hh beside HH."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import BadValue
from etl.values.date_patterns import check_formats
from etl.values.dates import read_date


def date_reader(forms: tuple[str, ...]) -> Callable[[str], date]:
    """A reader that tries the forms in order. Raises BadArgument for one without year, month and day, and for
    two that read the same digits differently.
    """
    check_formats(forms)

    def read(text: str) -> date:
        try:
            return read_date(text, forms)
        except BadValue as refused:
            if refused.code == "E421":
                raise Unreadable("E353", f"there is no such day: {shown(text)}") from None
        raise Unreadable(
            "E353",
            f"not a date in the form {' or '.join(forms)}: {shown(text)}",
            f"if this vendor writes so, add the form:  date {', '.join(forms)}, …",
        )

    return read

"""An order line whose values contradict each other → what a person has to decide, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from connectors.formats.header import fold
from connectors.layouts.layout import Layout
from connectors.layouts.numbers import Money
from connectors.layouts.unreadable import Unreadable, shown
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import book_of, written_isbns

_BETWEEN = re.compile(r"[\s,;/|+&]+")
_SIGNS = re.compile(r"[\s\u00ad\u2010-\u2015-]")
_DAMAGED = re.compile(r"97[89](?:[0-9]{2,9}[Xx]?|[0-9]{10}[Xx]|[0-9]{11,15}[Xx]?)")
_NUMBERS = ("isbn", "ean", "article_no")
# Whole kronor are common in prices with VAT; a wrong rate is off by more than the rounding.
_ROUNDING = Decimal("0.5")
_HIGHEST_RATE = Decimal(30)
_BEFORE, _AFTER = timedelta(days=31), timedelta(days=3660)


def oddities(
    layout: Layout, line: dict[str, object], fields: Mapping[str, str | None], place: DataPlace
) -> Iterator[Problem]:
    """E441 two books in one line, E402 a number that is no ISBN any more, E375 two prices that VAT does not
    explain: all hold. E442: a day of delivery that cannot be, which is taken out of the line.
    """
    yield from _two_books(line, place)
    yield from _damaged_isbn(layout, line, place)
    for name in layout.with_vat:
        yield from _other_price(layout, line, fields, name, place)
    yield from _far_from_the_order(line, place)


def _two_books(line: Mapping[str, object], place: DataPlace) -> Iterator[Problem]:
    said = {name: key for name in _NUMBERS if (key := book_of(line.get(name))) is not None}
    if len(set(said.values())) > 1:
        listed = ", ".join(f"{name} {shown(str(line[name]))}" for name in said)
        told = f"the numbers of the line are those of different books: {listed}"
        yield Problem("E441", told, Severity.HOLD, data=place, help="ask the vendor which book is ordered")
        return
    help_ = "ask the vendor which book is ordered"
    for name in (*_NUMBERS, "title_number"):
        text = line.get(name)
        parts = _BETWEEN.split(text) if isinstance(text, str) and not book_of(text) else ()
        if len({key for one in parts if (key := book_of(one)) is not None}) > 1:
            told = f"{name} names several books: {shown(str(text))}"
            yield Problem("E441", told, Severity.HOLD, data=place, help=help_)
            return


def _damaged_isbn(layout: Layout, line: Mapping[str, object], place: DataPlace) -> Iterator[Problem]:
    """E402, which holds: the line would go out without the ISBN that its article number was."""
    number = line.get("article_no")
    if not layout.article_no_is_isbn_or_ean or not isinstance(number, str) or book_of(number):
        return
    bare = _SIGNS.sub("", number)
    isbns = [one for one in written_isbns(number) if one in bare and not one.startswith("9790")]
    dressed = len(isbns) == 1  # several: E441
    if dressed or _DAMAGED.fullmatch(bare):
        told = f"article number {shown(number)} {'holds' if dressed else 'begins as'} an ISBN and is none"
        help_ = "ask the vendor for the ISBN: without it Alma would make a new bibliographic record"
        yield Problem("E402", told, Severity.HOLD, data=place, help=help_)


def _other_price(
    layout: Layout,
    line: Mapping[str, object],
    fields: Mapping[str, str | None],
    name: str,
    place: DataPlace,
) -> Iterator[Problem]:
    """Do the price, VAT and the price with VAT fit together? If not, one is wrong, and who knows which."""
    field = next((one for one in fields if fold(one) == fold(name)), None)
    said = (fields[field] or "").strip() if field else ""
    if not said or field is None:
        return
    exact = DataPlace(place.file, place.record, place.line, place.offset, field)
    try:
        money = layout.format_of("unit_price").reader(said)
    except Unreadable as reason:
        yield Problem("E375", reason.message, Severity.HOLD, data=exact, help=reason.help)
        return
    other = money.amount if isinstance(money, Money) else money
    if isinstance(other, Decimal) and (told := price_trouble(line, other, said)):
        yield Problem("E375", told, Severity.HOLD, data=exact, help="ask the vendor which of them is wrong")


def price_trouble(line: Mapping[str, object], with_vat: Decimal, said: str) -> str | None:
    """Why the line's price and its price with VAT cannot both be right; None when they can."""
    price, rate = line.get("unit_price"), line.get("vat_percent")
    if not with_vat:  # some write 0 for a price they do not give
        return None
    if not isinstance(price, Decimal):
        return f"only the price with VAT is there: {shown(said)}"
    if line.get("price_includes_vat"):
        return None if price == with_vat else f"two prices with VAT: {price} and {shown(said)}"
    if isinstance(rate, Decimal):
        computed = price * (1 + rate / 100)
        if abs(computed - with_vat) <= _ROUNDING:
            return None
        of_price = f"{price} and {rate.normalize():f} % VAT make {computed:.2f}"
        return f"{of_price}; the price with VAT is {shown(said)}"
    if price - _ROUNDING <= with_vat <= price * (1 + _HIGHEST_RATE / 100) + _ROUNDING:
        return None
    return f"no VAT makes {shown(said)} of {price}"


def _far_from_the_order(line: dict[str, object], place: DataPlace) -> Iterator[Problem]:
    ordered, expected = line.get("order_date"), line.get("delivery_date")
    if not isinstance(ordered, date) or not isinstance(expected, date):
        return
    if expected < ordered - _BEFORE or expected > ordered + _AFTER:
        line["delivery_date"] = None
        told = f"it is ordered on {ordered} and would be delivered on {expected}"
        yield Problem("E442", told, Severity.WARNING, data=place, help="no day of delivery is sent")

"""The ISBNs of a record → the one that is ordered, what was said beside it, and whether that is certain.

A print book's record lists the e-book's ISBN too, and the other way round (C). One that is of another carrier
than what is ordered is not meant; of the rest there has to be one, or nobody can tell which book it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from connectors.formats.marc_record import Field
from connectors.formats.trouble import Trouble, several_said, shown_text
from connectors.order_marc.carriers import CARRIERS, carrier_of_form
from etl.plugin import normal_form
from etl.values.isbn import book_of

_PARENTHESES = re.compile(r"\(([^()]*)\)")
_HELP = 'ask which is meant;  columns: {isbn: "020$a[0]"}  under source.options takes the first on purpose'


@dataclass(frozen=True, slots=True)
class Isbn:
    """A number of field 020 as it stands (`text`), and without qualifier and the colon before a price;
    `forms` are its $q, `qualifiers` these, or else what stands in parentheses.
    """

    text: str
    number: str
    forms: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()

    @property
    def carriers(self) -> frozenset[str]:
        """What its qualifiers say that it is of: print, audio, video, online."""
        return frozenset(said for text in self.qualifiers if (said := carrier_of_form(text)))

    @property
    def key(self) -> str:
        """Of ISBN-10 and ISBN-13 of one book the same."""
        return book_of(self.number) or normal_form(self.number)

    def __str__(self) -> str:
        return " ".join((self.number, *(f"({text})" for text in self.qualifiers)))


@dataclass(frozen=True, slots=True)
class IsbnChoice:
    """`isbn` is None when the record has none. `others` are of another carrier, and not ordered; `doubt`
    holds the order, if it takes its number from here."""

    isbn: Isbn | None = None
    others: tuple[Isbn, ...] = ()
    doubt: Trouble | None = None


def choose_isbn(numbers: Sequence[Isbn], ordered: Collection[str]) -> IsbnChoice:
    """`numbers` as of `isbns_of`; `ordered`: the carriers that the order may be of, none if nobody says."""
    if not numbers:
        return IsbnChoice()
    books = list(_books(numbers))
    fitting = [one for one in books if not (ordered and one.carriers) or one.carriers & set(ordered)]
    if len(fitting) == 1:
        return IsbnChoice(fitting[0], tuple(one for one in books if one is not fitting[0]))
    if not fitting and len(books) == 1:
        told = (
            f"the record's ISBN {shown_text(str(books[0]))} is of {_said(books[0].carriers)}, and what is "
            f"ordered is {_said(ordered)}"
        )
        return IsbnChoice(books[0], (), Trouble("E422", told, "ask which is meant", "isbn", holds=True))
    doubtful = fitting or books
    told = several_said("an order line has one ISBN", "the record", [str(one) for one in doubtful])
    return IsbnChoice(
        doubtful[0],
        tuple(one for one in books if one not in doubtful),
        Trouble("E327", f"{told}; nothing says which is ordered", _HELP, "isbn", holds=True),
    )


def _said(carriers: Collection[str]) -> str:
    return " or ".join(CARRIERS[one] for one in sorted(carriers))


def isbns_of(fields: Sequence[Field]) -> list[Isbn]:
    """Every $a of these fields 020 that is more than a qualifier."""
    return [one for field in fields for one in _of(field) if one.number]


def _of(field: Field) -> Iterator[Isbn]:
    forms = tuple(bare for code, text in field.subfields if code == "q" and (bare := text.strip(" ():;,")))
    for code, text in field.subfields:
        if code == "a":
            said = tuple(bare for part in _PARENTHESES.findall(text) if (bare := part.strip()))
            number = _PARENTHESES.sub("", text).strip().rstrip(":;,").strip()
            yield Isbn(text.strip(), number, forms, forms or said)


def _books(numbers: Sequence[Isbn]) -> Iterator[Isbn]:
    """One for each book, in record order, with all that is said of it."""
    alike: dict[str, list[Isbn]] = {}
    for one in numbers:
        alike.setdefault(one.key, []).append(one)
    for same in alike.values():
        forms = dict.fromkeys(text for one in same for text in one.forms)
        qualifiers = dict.fromkeys(text for one in same for text in one.qualifiers)
        yield Isbn(same[0].text, same[0].number, tuple(forms), tuple(qualifiers))

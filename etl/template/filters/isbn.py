"""An ISBN as vendors write it → the ISBN as Alma matches it."""

from __future__ import annotations

from etl.plugin import BadValue
from etl.template.filters.incoming import text_of
from etl.values.isbn import every_isbn, isbn_of, ten_of


def isbn13(value: str | None) -> str | None:
    """The ISBN as 13 digits, its check digit verified before any conversion from 10.

    Hyphens and blanks of all kinds, the word ISBN in front and a qualifier behind are taken off. A
    number that Excel has turned into `9,78914E+12` is refused: its last digits are gone. Nine digits
    are taken only when written as an SBN (`12-345678-9`); bare, they may be a ten that lost a digit.

    >>> isbn13("978-91-999990-1-2")
    '9789199999012'
    >>> isbn13("91-999990-1-3 (inb.)")
    '9789199999012'
    >>> isbn13("9,78914E+12")
    Traceback (most recent call last):
    etl.plugin.BadValue: "9,78914E+12" is a number that a spreadsheet has rounded
    >>> isbn13("9789199999013")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISBN "9789199999013" has the wrong check digit
    """
    text = text_of(value, "isbn13")
    return None if text is None else isbn_of(text)


def isbn10(value: str | None) -> str | None:
    """The ISBN in its old form of ten characters; only numbers that begin 978 have one.

    >>> isbn10("978-91-999990-1-2")
    '9199999013'
    >>> isbn10("9798886451740")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISBN "9798886451740" has no form of ten characters
    """
    text = text_of(value, "isbn10")
    return None if text is None else ten_of(text)


def isbns(value: str | list[str] | None) -> list[str] | None:
    """Every ISBN of a text, or of a list of texts, as 13 digits, each once, in their order.

    >>> isbns("978-91-999990-1-2 (inb.) ; 91-27-07377-7 (kart.)")
    ['9789199999012', '9789127073777']
    >>> isbns("inbunden")
    Traceback (most recent call last):
    etl.plugin.BadValue: no ISBN in "inbunden"
    """
    parts = value if isinstance(value, list | tuple) else [value]
    found: dict[str, None] = {}
    for part in parts:
        text = text_of(part, "isbns")
        if text is not None:
            found.update(dict.fromkeys(every_isbn(text)))
    return list(found) or None


def valid_isbn(value: str | None) -> bool | None:
    """Whether `isbn13` would accept the value: true or false.

    >>> valid_isbn("91-999990-1-3")
    True
    >>> valid_isbn("91-999990-1-4")
    False
    """
    text = text_of(value, "valid_isbn")
    if text is None:
        return None
    try:
        isbn_of(text)
    except BadValue:
        return False
    return True

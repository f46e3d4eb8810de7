"""An ISBN as vendors write it → the ISBN as Alma matches it."""

from __future__ import annotations

import regex

from etl.plugin import BadValue
from etl.template.filters.incoming import quoted, text_of
from etl.template.filters.spelling import plain_dashes
from etl.template.filters.spreadsheet import refuse_scientific

# "ISBN 978…", "ISBN-13: 978…", "urn:isbn:978…". No ISBN begins "10 " or "13 ": group 1 is one digit long.
_PREFIX = regex.compile(r"(?:urn:)?I?SBN(?:[ -]?1[03](?=\s*:|\s+[0-9]))?[\s:.=]*", regex.IGNORECASE)
_NUMBER = regex.compile(r"[0-9](?:[ -]*[0-9])*(?:[ -]*[Xx](?![0-9A-Za-z]))?")
# What may follow in 020 $a and in title lists: "(inb.)", ": £12.95", "$c19.31", " inb.".
_QUALIFIER = regex.compile(r"\s*(?:[(\[:;,/=$‡].*|(?<=\s)\p{L}.*)?", regex.DOTALL)
_ANY = regex.compile(
    r"(?<![0-9A-Za-z])(?:97[89][- ]?)?[0-9](?:[- ]?[0-9]){8}[- ]?[0-9Xx](?![0-9A-Za-z])", regex.VERSION1
)
_SBN_FORM = regex.compile(r"[0-9]+-[0-9]+-[0-9Xx]")


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
    return None if text is None else _thirteen(text)


def isbn10(value: str | None) -> str | None:
    """The ISBN in its old form of ten characters; only numbers that begin 978 have one.

    >>> isbn10("978-91-999990-1-2")
    '9199999013'
    >>> isbn10("9798886451740")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISBN "9798886451740" has no form of ten characters
    """
    text = text_of(value, "isbn10")
    if text is None:
        return None
    thirteen = _thirteen(text)
    if not thirteen.startswith("978"):
        raise BadValue(
            "E406", f"ISBN {quoted(thirteen)} has no form of ten characters", "979 exists as 13 digits only"
        )
    return thirteen[3:12] + _last_of_10(thirteen[3:12])


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
            found.update(dict.fromkeys(_every(text)))
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
        _thirteen(text)
    except BadValue:
        return False
    return True


def written_isbns(text: str) -> frozenset[str]:
    """Everything in a text that is written like an ISBN, as 13 digits, to find things by.

    Ten characters and thirteen are the same number, right or wrong: a mistyped check digit is looked for too.

    >>> sorted(written_isbns("91-999990-1-3 (inb.); 978-91-999990-1-3"))
    ['9789199999012', '9789199999013']
    """
    found = (token.replace("-", "").replace(" ", "") for token in _ANY.findall(plain_dashes(text)))
    return frozenset(
        digits if len(digits) == 13 else "978" + digits[:9] + _last_of_13("978" + digits[:9])
        for digits in found
    )


def _every(text: str) -> list[str]:
    plain = plain_dashes(text)
    refuse_scientific(plain)
    tokens = _ANY.findall(plain)
    rest = _ANY.sub(" ", plain)
    if not tokens:
        raise BadValue("E402", f"no ISBN in {quoted(text)}")
    if regex.search(r"[0-9](?:-?[0-9]){7}", rest):
        raise BadValue("E402", f"not every number in {quoted(text)} is an ISBN")
    return [_thirteen(token) for token in tokens]


def _thirteen(text: str) -> str:
    plain = plain_dashes(text).strip()
    if len(plain) == 13 and plain.isascii() and plain.isdigit():
        return _checked(plain, text, is_sbn=False)
    refuse_scientific(plain)
    prefix = _PREFIX.match(plain)
    bare = plain[prefix.end() :] if prefix else plain
    number = _NUMBER.match(bare)
    if number is None:
        raise BadValue("E402", f"not an ISBN: {quoted(text)}")
    written, rest = number.group(), bare[number.end() :]
    digits = written.replace("-", "").replace(" ", "").upper()
    fits = len(digits) in (9, 10, 13) and _QUALIFIER.fullmatch(bare, number.end())
    if (rest or not fits) and len(_ANY.findall(bare)) > 1:
        way_out = "use | isbns | first, or $for over | isbns"
        raise BadValue("E405", f"more than one ISBN in {quoted(text)}", way_out)
    if rest and not _QUALIFIER.fullmatch(bare, number.end()):
        raise BadValue("E402", f"not an ISBN: {quoted(text)}")
    is_sbn = bool(_SBN_FORM.fullmatch(written)) or bool(prefix and "ISBN" not in prefix.group().upper())
    return _checked(digits, text, is_sbn)


def _checked(digits: str, text: str, is_sbn: bool) -> str:
    """Characters without separators → 13 digits, or the reason why they are no ISBN."""
    if len(digits) == 9:
        if not is_sbn:
            raise BadValue(
                "E402",
                f"ISBN {quoted(text)} has 9 characters",
                "if a spreadsheet took its leading zero, put it back: | pad_left(10) | isbn13",
            )
        digits = "0" + digits
    if len(digits) not in (10, 13):
        raise BadValue("E402", f"ISBN {quoted(text)} has {len(digits)} characters", "an ISBN has 10 or 13")
    if digits.startswith("9790") and len(digits) == 13:
        raise BadValue("E407", f"{quoted(text)} is an ISMN, a number for printed music", "use | ismn")
    if len(digits) == 13 and not digits.startswith(("978", "979")):
        raise BadValue(
            "E402", f"not an ISBN: {quoted(text)}", "13 digits without 978 or 979 are an EAN: use | ean"
        )
    if len(digits) == 13 and digits.endswith("X"):
        raise BadValue("E402", f"not an ISBN: {quoted(text)}", "X stands only at the end of ten characters")
    body = digits[:12] if len(digits) == 13 else "978" + digits[:9]
    wanted = _last_of_13(body) if len(digits) == 13 else _last_of_10(digits[:9])
    if digits[-1] != wanted:
        way_out = "a digit is mistyped or missing"
        raise BadValue("E403", f"ISBN {quoted(text)} has the wrong check digit", way_out)
    return body + _last_of_13(body)


# Written out, because python-stdnum takes ten times as long; the tests hold them to it.
def _last_of_13(body: str) -> str:
    return str(-sum(map(int, body[::2])) - 3 * sum(map(int, body[1::2])) + 1000)[-1]


def _last_of_10(body: str) -> str:
    return "0123456789X"[sum(weight * int(digit) for weight, digit in enumerate(body, 1)) % 11]

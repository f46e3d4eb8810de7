"""ISBNs as vendors write them → the number as Alma matches it, and the book that two spellings share."""

from __future__ import annotations

import regex

from etl.plugin import BadValue
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes
from etl.values.spreadsheet import refuse_scientific

# "ISBN 978…", "ISBN-13: 978…", "urn:isbn:978…". No ISBN begins "10 " or "13 ": group 1 is one digit long.
_PREFIX = regex.compile(r"(?:urn:)?I?SBN(?:[ -]?1[03](?=\s*:|\s+[0-9]))?[\s:.=]*", regex.IGNORECASE)
_NUMBER = regex.compile(r"[0-9](?:[ -]*[0-9])*(?:[ -]*[Xx](?![0-9A-Za-z]))?")
# What may follow in 020 $a and in title lists: "(inb.)", ": £12.95", "$c19.31", " inb.".
_QUALIFIER = regex.compile(r"\s*(?:[(\[:;,/=$‡].*|(?<=\s)\p{L}.*)?", regex.DOTALL)
_ANY = regex.compile(
    r"(?<![0-9A-Za-z])(?:97[89][- ]?)?[0-9](?:[- ]?[0-9]){8}[- ]?[0-9Xx](?![0-9A-Za-z])", regex.VERSION1
)
_SBN_FORM = regex.compile(r"[0-9]+-[0-9]+-[0-9Xx]")
_BOOK = regex.compile(r"0?97[89][0-9]{10}|[0-9]{9}[0-9X]")


def isbn_of(text: str) -> str:
    """The ISBN of a text as 13 digits. Raises BadValue E402–E407: none, several, damaged, wrong check digit.

    >>> isbn_of("ISBN 91-999990-1-3 (inb.)")
    '9789199999012'
    """
    plain = plain_dashes(text).strip()
    if len(plain) == 13 and plain.isascii() and plain.isdigit():
        return _checked(plain, text, is_sbn=False)
    return _checked(*_taken_apart(plain, text))


def isbn_key(text: object) -> str | None:
    """The ISBN of a text as 13 digits; None for what is no text, and for what is no ISBN or a wrong one.

    >>> isbn_key("0-19-953556-6 (pbk.)"), isbn_key("9780199535569 :"), isbn_key("7340000001007")
    ('9780199535569', '9780199535569', None)
    """
    try:
        return isbn_of(text) if isinstance(text, str) else None
    except BadValue:
        return None


def ten_of(text: str) -> str:
    """The ISBN of a text in its old form. Raises BadValue as `isbn_of`, and E406 for one that has none."""
    thirteen = isbn_of(text)
    if not thirteen.startswith("978"):
        raise BadValue(
            "E406", f"ISBN {quoted(thirteen)} has no form of ten characters", "979 exists as 13 digits only"
        )
    return thirteen[3:12] + _last_of_10(thirteen[3:12])


def book_of(text: object) -> str | None:
    """What the ISBN-10, ISBN-13 and EAN of a book share, whatever their check digits; None for anything else:
    films have an EAN of their own beside an ISBN, and 9790 is music.

    >>> book_of("91-999990-1-3"), book_of("ISBN 978-91-999990-1-2 inb"), book_of("BTJ 24:05:117")
    ('919999901', '919999901', None)
    """
    try:
        number = _taken_apart(plain_dashes(text).strip(), text)[0] if isinstance(text, str) else ""
    except BadValue:
        return None
    if not _BOOK.fullmatch(number) or number[-13:].startswith("9790"):
        return None
    return number[-13:] if number[-13:].startswith("979") else number[-10:-1]


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


def every_isbn(text: str) -> list[str]:
    """Every ISBN of a text as 13 digits. Raises BadValue as `isbn_of`, and for a number that is none."""
    plain = plain_dashes(text)
    refuse_scientific(plain)
    tokens = _ANY.findall(plain)
    rest = _ANY.sub(" ", plain)
    if not tokens:
        raise BadValue("E402", f"no ISBN in {quoted(text)}")
    if regex.search(r"[0-9](?:-?[0-9]){7}", rest):
        raise BadValue("E402", f"not every number in {quoted(text)} is an ISBN")
    return [isbn_of(token) for token in tokens]


def _taken_apart(plain: str, text: str) -> tuple[str, str, bool]:
    """(digits without separators, the text as it stands, is it written as an SBN?)."""
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
    return digits, text, is_sbn


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

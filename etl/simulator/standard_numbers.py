"""An ISBN or ISSN as people write it → as Alma's index keeps it."""

from __future__ import annotations


def bare_isbn(text: str) -> str:
    """13 digits, without hyphens or what follows a blank. What is none comes back as it is, in capitals."""
    bare = text.strip().partition(" ")[0].replace("-", "").upper()
    if len(bare) == 10 and bare[:9].isdigit():
        body = "978" + bare[:9]
        total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(body))
        return body + str(-total % 10)
    return bare


def bare_issn(text: str) -> str:
    """An ISSN without its hyphen."""
    return text.strip().replace("-", "").upper()

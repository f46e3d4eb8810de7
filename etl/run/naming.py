"""Key of an order line → a file name that no other key has."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_UNSAFE = re.compile(r"[^A-Za-z0-9.\-]+")
_LONGEST = 120


def name_of(key: tuple[str, ...]) -> str:
    """Parts joined by `_`; where a part had to be changed or cut, a digest of the key keeps it unique.

    `_` itself counts as unsafe inside a part, so ("a", "b_c") and ("a_b", "c") cannot meet.
    """
    cleaned = [_UNSAFE.sub("-", unicodedata.normalize("NFC", part)).strip(".-") for part in key]
    name = "_".join(cleaned)
    if tuple(cleaned) == key and len(name) <= _LONGEST and name:
        return name
    digest = hashlib.sha256("\x1f".join(key).encode()).hexdigest()[:10]
    return f"{name[:_LONGEST]}~{digest}"

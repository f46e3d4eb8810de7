"""Key of an order line → a file name that no other key has, on every system."""

from __future__ import annotations

import hashlib
import json
import re

from etl.normal_form import normalized

_UNSAFE = re.compile(r"[^A-Za-z0-9.\-]+")
_LONGEST = 120
# devices of Windows, whatever their case and whatever follows the first dot
DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)", re.IGNORECASE)


def name_of(key: tuple[str, ...]) -> str:
    """Parts joined by `_`; where a part had to be changed or cut, a digest of the key keeps it unique.

    `_` itself counts as unsafe inside a part, so ("a", "b_c") and ("a_b", "c") cannot meet. ASCII, at most
    132 signs, no device of Windows with any ending behind it. Names that differ only in case are possible:
    who writes them looks for that (E611).
    """
    cleaned = [_UNSAFE.sub("-", normalized("NFC", part)).strip(".-") for part in key]
    name = "_".join(cleaned)
    device = DEVICE.match(name) is not None
    if tuple(cleaned) == key and len(name) <= _LONGEST and name and not device:
        return name
    return f"{'_' if device else ''}{name[:_LONGEST]}~{hashlib.sha256(_written(key)).hexdigest()[:10]}"


def _written(key: tuple[str, ...]) -> bytes:
    """The key as bytes that no other key has; the sign that parts the parts may itself stand in one."""
    if any("\x1f" in part for part in key):
        return b"\xff" + json.dumps(key).encode()
    return "\x1f".join(key).encode(errors="surrogatepass")

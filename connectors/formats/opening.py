"""Source → an open stream or its first bytes, or a refusal in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from etl.plugin import DataPlace, Problem, Refusal, Source

HEAD = 65536
UNPACKED = 128 << 20
"""What an archive may unpack to, in bytes; a workbook of 100,000 order lines has about 40 MiB."""

# What people attach by mistake. An HTML page is what a shop's login redirect leaves behind when a
# script saves it under the name of the order file.
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"PK\x03\x04", "a zip archive or a workbook (.xlsx, .ods), which the connector csv reads"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document; the connector csv reads .xls"),
    (b"SQLite format 3", "an SQLite database"),
)
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_CONTROL = bytes(sorted(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b\x1d\x1e\x1f")))


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source as a stream at its first byte. What the system says against it becomes E300."""
    try:
        with source.open() as stream:
            yield stream
    except OSError as error:
        raise Refusal(_unopened(source.name, error)) from error


def read_head(source: Source) -> bytes:
    """The first 64 KiB, at least one byte.

    Raises Refusal: E300 cannot be opened, E301 empty, E302 evidently not text.
    """
    with opened(source) as stream:
        head = stream.read(HEAD)
    place = DataPlace(source.name)
    if not head:
        raise Refusal(
            Problem(
                "E301",
                "the file is empty",
                data=place,
                help="ask the vendor whether the delivery was cut off",
            )
        )
    kind = next((name for start, name in _MAGIC if head.startswith(start)), None)
    if kind is None and _HTML.match(head):
        kind = "a web page (HTML), perhaps a login page saved in place of the file"
    if kind is not None:
        raise Refusal(Problem("E302", f"this is {kind}", data=place))
    return head


def looks_binary(head: bytes) -> bool:
    """More than one byte in twenty, and more than a few, is a control character that text does not use."""
    return len(head) - len(head.translate(None, _CONTROL)) > max(7, len(head) // 20)


def _unopened(name: str, error: OSError) -> Problem:
    help_: str | None = None
    match error:
        case IsADirectoryError():
            message, help_ = "this is a folder, not a file", "name a file, or a pattern such as folder/*"
        case FileNotFoundError():
            message = "there is no such file"
        case PermissionError():
            message = "the file may not be read by this user"
        case _:
            message = f"the file cannot be read: {error.strerror or error}"
    return Problem("E300", message, data=DataPlace(name), help=help_)

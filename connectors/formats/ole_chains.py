"""The bytes of an old Excel file → whether its container is sound, before any library follows its chains.

An .xls is a small file system (OLE compound file): tables say which sector comes after which. A wrong number
in them can make a ring, and a library that walks it fills the memory of the machine with one file of five
kilobytes.
"""

from __future__ import annotations

import struct

_END = 0xFFFFFFFA  # from here on: no sector, but end of chain, free, or a table's own
_HEADER = 512


def has_sound_chains(data: bytes) -> bool:
    """False for a header that is none, for tables out of the file or listed twice, and for rings of
    sectors.
    """
    if len(data) < _HEADER:
        return False
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        return False
    size = 1 << shift
    tables = _table_sectors(data, size)
    if tables is None:
        return False
    chain = _numbers(data, tables, size)
    mini = _followed(chain, struct.unpack_from("<I", data, 60)[0])
    if not chain or mini is None or _followed(chain, struct.unpack_from("<I", data, 48)[0]) is None:
        return False
    return not _has_ring(chain) and not _has_ring(_numbers(data, mini, size))


def _table_sectors(data: bytes, size: int) -> list[int] | None:
    """Where the tables stand: 109 places in the header, and more in a chain of their own."""
    count, following = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 68)[0]
    listed = list(struct.unpack_from("<109I", data, 76))
    seen: set[int] = set()
    while following < _END:
        entries = _numbers(data, [following], size)
        if following in seen or not entries:
            return None
        seen.add(following)
        listed += entries[:-1]
        following = entries[-1]
    tables = [sector for sector in listed if sector < _END]
    once = len(tables) == count == len(set(tables))  # one sector many times over: 64 KiB made 80 MiB
    return tables if once and all(_numbers(data, [one], size) for one in tables) else None


def _numbers(data: bytes, sectors: list[int], size: int) -> list[int]:
    """The 32-bit numbers in these sectors; none of a sector that is not in the file."""
    numbers: list[int] = []
    for sector in sectors:
        at = (sector + 1) * size
        block = data[at : at + size]
        numbers += struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])
    return numbers


def _followed(chain: list[int], sector: int) -> list[int] | None:
    """The sectors from this one to the end of its chain; None when it leaves the table or turns back."""
    found: list[int] = []
    while sector < _END:
        if sector >= len(chain) or len(found) > len(chain):
            return None
        found.append(sector)
        sector = chain[sector]
    return found


def _has_ring(chain: list[int]) -> bool:
    state = bytearray(len(chain))  # 0 not seen, 1 on the way, 2 known to end
    for start in range(len(chain)):
        walked: list[int] = []
        at = start
        while at < len(chain) and state[at] == 0:
            state[at] = 1
            walked.append(at)
            at = chain[at]
        if at < len(chain) and state[at] == 1:
            return True
        for sector in walked:
            state[sector] = 2
    return False

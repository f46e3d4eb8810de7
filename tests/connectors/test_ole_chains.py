"""The container of an .xls, built here byte by byte → whether its chains can be followed."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.formats.ole_chains import has_sound_chains

TABLE, END, FREE = 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF


def container(
    *sectors: dict[int, int],
    shift: int = 9,
    mini_shift: int = 6,
    listed: tuple[int, ...] = (0,),
    count: int | None = None,
    directory: int = 1,
    mini: int = END,
    further: int = END,
) -> bytes:
    """A header and sectors of numbers, each FREE unless it is given. Sector 0 is the table of chains."""
    size = 1 << shift
    header = bytearray(512)
    struct.pack_into("<HH", header, 30, shift, mini_shift)
    struct.pack_into("<I", header, 44, len(listed) if count is None else count)
    struct.pack_into("<I", header, 48, directory)
    struct.pack_into("<I", header, 60, mini)
    struct.pack_into("<I", header, 68, further)
    struct.pack_into("<109I", header, 76, *listed, *[FREE] * (109 - len(listed)))
    places = range(size // 4)
    numbers = [
        struct.pack(f"<{len(places)}I", *(sector.get(at, FREE) for at in places)) for sector in sectors
    ]
    return bytes(header).ljust(size, b"\0") + b"".join(numbers)


PLAIN = {0: TABLE, 1: END}
LAST = 127  # the last number of a sector of 512 bytes

SOUND = {
    "one sector of directory": container(PLAIN, {}),
    "a long directory": container({0: TABLE, 1: 3, 3: 2, 2: END}, {}, {}, {}),
    "sectors of 4096 bytes": container(PLAIN, {}, shift=12),
    "two chains that meet": container({0: TABLE, 1: END, 2: 1, 3: 1}, {}, {}, {}),
    "small streams": container({0: TABLE, 1: END, 2: END}, {}, {0: 1, 1: END}, mini=2),
    "a list of tables behind the header's": container(
        PLAIN, {}, {0: 0, LAST: END}, listed=(), count=1, further=2
    ),
    "the last sector of the file is cut": container({}, {0: END, 1: TABLE}, listed=(1,), directory=0)[:-2],
}
UNSOUND = {
    "nothing": b"",
    "less than a header": container(PLAIN, {})[:511],
    "a header alone": container(PLAIN, {})[:512],
    "sectors of another size": container(PLAIN, {}, shift=10),
    "small sectors of another size": container(PLAIN, {}, mini_shift=7),
    "a table that is not in the file": container(PLAIN, {}, listed=(9,)),
    "fewer tables than are counted": container(PLAIN, {}, count=2),
    "no table": container(PLAIN, {}, listed=()),
    "a directory beyond the table": container(PLAIN, {}, directory=128),
    "a directory in a ring": container({0: TABLE, 1: 2, 2: 1}, {}, {}),
    "a ring that nobody has to enter": container({0: TABLE, 1: END, 2: 3, 3: 2}, {}, {}, {}),
    "a sector that follows itself": container({0: TABLE, 1: END, 2: 2}, {}, {}),
    "small streams in a ring": container({0: TABLE, 1: END, 2: END}, {}, {0: 1, 1: 0}, mini=2),
    "a table of small streams in a ring": container({0: TABLE, 1: END, 2: 2}, {}, {}, mini=2),
    "a table of small streams beyond the table": container(PLAIN, {}, mini=500),
    "a list of tables in a ring": container(PLAIN, {}, {0: 0, LAST: 2}, listed=(), count=1, further=2),
    "a list of tables that is not in the file": container(PLAIN, {}, further=9),
}


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_sound(data: bytes) -> None:
    assert has_sound_chains(data)


@pytest.mark.parametrize("data", UNSOUND.values(), ids=UNSOUND)
def test_unsound(data: bytes) -> None:
    assert not has_sound_chains(data)


def turns_back(chain: dict[int, int], start: int) -> bool:
    steps = 0
    while start in chain and steps <= len(chain):
        start, steps = chain[start], steps + 1
    return steps > len(chain)


@given(st.dictionaries(st.integers(1, 12), st.integers(1, 14) | st.just(END), max_size=12))
def test_a_ring_is_found_wherever_it_is_and_nothing_else_is_one(links: dict[int, int]) -> None:
    data = container({0: TABLE, **links}, directory=END)
    assert has_sound_chains(data) == (not any(turns_back(links, start) for start in links))

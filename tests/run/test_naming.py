"""Keys as they come → names that every file system takes, and no two alike."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.run.naming import name_of

DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
DEVICES += [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("aA.-_ \x1f:~éé")), max_size=6) | st.sampled_from(
    [*DEVICES, "nul.txt", "a" * 120, "a" * 121, "..", "a.", "a ", "\udc80", "a\x1fb"]
)
KEYS = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)


def reserved(file: str) -> bool:
    """What Windows takes for a device, or takes signs away from: its own rule, written once more."""
    stem = file.split(".")[0].rstrip(" ").upper()
    return stem in DEVICES or file[-1:] in (".", " ") or re.search(r'[<>:"/\\|?*\x00-\x1f]', file) is not None


@given(KEYS, KEYS)
def test_no_two_keys_have_one_name(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (name_of(one) == name_of(other)) == (one == other)


@given(KEYS)
def test_every_system_takes_the_name(key: tuple[str, ...]) -> None:
    name = name_of(key)
    assert name.isascii()
    assert 0 < len(f"{name}.user.txt") <= 255
    for file in (name, f"{name}.json", f"{name}.user.txt"):
        assert not reserved(file)


@pytest.mark.parametrize(("device", "ending"), list(product(DEVICES, ["", ".txt", ".tar.gz", ".", " ", ":x"])))
def test_a_device_is_no_name_in_any_place(device: str, ending: str) -> None:
    for word in (device, device.lower(), device.title()):
        for key in ((word + ending,), (word + ending, "1"), (word, "", ending)):
            assert not reserved(f"{name_of(key)}.json"), key


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (("A-1", "2"), "A-1_2"),
        (("", "x"), "_x"),
        (("a b",), "a-b~c8687a08aa"),
        (("console", "1"), "console_1"),
        (("x" * 130,), "x" * 120 + "~3afbb13286"),
    ],
)
def test_names_that_stand_in_reviewed_folders_stay(key: tuple[str, ...], name: str) -> None:
    assert name_of(key) == name


def test_a_hidden_boundary_is_no_other_keys() -> None:
    long = "a" * 130
    assert name_of((long, "b", "c")) != name_of((long, "b\x1fc"))

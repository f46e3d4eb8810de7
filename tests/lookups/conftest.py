"""Lookup files written for one test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.lookups import Table, load_table
from etl.problems import Problem, Refusal

Load = Callable[..., Table]
Refuse = Callable[..., list[tuple[str, int | None, str]]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Text (or bytes) of a lookup file → the table."""

    def loaded(text: str | bytes, *key: str, name: str = "t.csv", **options: bool) -> Table:
        file = tmp_path / name
        file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return load_table(file, f"lookups/{name}", key or ("code",), **options)

    return loaded


@pytest.fixture
def refuse(load: Load) -> Refuse:
    """Text of a lookup file that must be refused → (code, line, message) of every problem."""

    def refused(
        text: str | bytes, *key: str, name: str = "t.csv", **options: bool
    ) -> list[tuple[str, int | None, str]]:
        with pytest.raises(Refusal) as caught:
            load(text, *key, name=name, **options)
        return [(p.code, line_of(p), p.message) for p in caught.value.problems]

    return refused


def line_of(problem: Problem) -> int | None:
    return problem.mapping.line if problem.mapping else None

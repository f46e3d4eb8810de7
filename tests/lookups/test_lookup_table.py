"""Finding rows: compound keys, case, validity, misses with their nearest keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lookups import Miss, Row, Table, inline_table, load_table, row_cells, row_place
from etl.problems import MappingPlace, Refusal

Load = Callable[..., Table]
Refuse = Callable[..., list[tuple[str, int | None, str]]]

PLACE = MappingPlace("mappings/x.yaml", 10, 3, "lookups.t")
ACCOUNTS = "supplier,account,library\nBTJ,01234000,HBG\nBTJ,01234001,ÅMÅL\nBokus,217,HBG\n"
DATED = """\
code,fund,valid_from,valid_to
A,old,,2023-12-31
A,new,2024-01-01,
B,always,,
C,once,2024-02-01,2024-02-29
"""


def miss(found: Row | Miss) -> Miss:
    assert isinstance(found, Miss)
    return found


def fund(table: Table, code: str, on: date | None) -> str | None:
    found = table.find((code,), on)
    return found["fund"] if isinstance(found, Row) else found.reason


def test_compound_keys(load: Load) -> None:
    table = load(ACCOUNTS, "supplier", "account")
    row = table.find(("BTJ", "01234001"))
    assert isinstance(row, Row)
    assert row["library"] == "ÅMÅL"
    with pytest.raises(ValueError, match="looked up by 2 columns, not 1"):
        table.find(("BTJ",))


def test_case_counts_unless_told_otherwise(load: Load) -> None:
    exact = load(ACCOUNTS, "supplier", "account")
    loose = load(ACCOUNTS, "supplier", "account", case_insensitive=True)
    assert isinstance(loose.find(("btj", "01234000")), Row)
    assert miss(exact.find(("btj", "01234000"))).nearest[0] == ("BTJ", "01234000")


def test_case_insensitive_twins_are_refused(refuse: Refuse) -> None:
    assert [code for code, _, _ in refuse("code,x\nAdLibris,1\nadlibris,2\n", case_insensitive=True)] == [
        "E457"
    ]


@pytest.mark.parametrize(
    ("code", "on", "want"),
    [
        ("A", date(2023, 12, 31), "old"),
        ("A", date(2024, 1, 1), "new"),
        ("B", None, "always"),
        ("B", date(2024, 1, 1), "always"),
        ("C", date(2024, 2, 1), "once"),
        ("C", date(2024, 2, 29), "once"),
        ("C", date(2024, 3, 1), "not valid"),
        ("A", None, "no date"),
        ("D", None, "unknown"),
    ],
)
def test_validity(load: Load, code: str, on: date | None, want: str) -> None:
    table = load(DATED)
    assert table.dated
    assert fund(table, code, on) == want


def test_misses_say_why_and_what_to_try(load: Load) -> None:
    table = load(DATED)
    late, undated = miss(table.find(("C",), date(2024, 3, 1))), miss(table.find(("A",)))
    assert (late.code, late.message) == ("E461", '"C" in lookups/t.csv has no row valid on 2024-03-01')
    assert late.help == "valid: 2024-02-01–2024-02-29"
    assert (undated.code, undated.help) == ("E462", "valid: –2023-12-31; 2024-01-01–")
    unknown = miss(load(ACCOUNTS, "account").find(("1234000",)))
    assert (unknown.code, unknown.message) == ("E460", '"1234000" is not in lookups/t.csv')
    assert unknown.help == 'did you mean "01234000" or "01234001"?'
    assert miss(table.find(("zzzz",))).help is None


@pytest.mark.parametrize(
    ("cells", "code", "line", "message"),
    [
        ("A,1,2024-13-01,", "E458", 2, 'valid_from is not a date: "2024-13-01"'),
        ("A,1,,20240101", "E458", 2, 'valid_to is not a date: "20240101"'),
        ("A,1,2024-01-02,2024-01-01", "E458", 2, "the row ends on 2024-01-01 before it begins on 2024-01-02"),
    ],
)
def test_bad_validity(refuse: Refuse, cells: str, code: str, line: int, message: str) -> None:
    assert refuse(f"code,x,valid_from,valid_to\n{cells}\n") == [(code, line, message)]


def test_overlap_is_refused_even_around_a_third_row(refuse: Refuse) -> None:
    text = "code,valid_from,valid_to\nA,2024-01-01,2024-12-31\nA,2024-02-01,2024-02-29\nA,2024-06-01,\n"
    assert refuse(text) == [
        ("E457", 3, 'the row of "A" is valid on the same days as the one on line 2'),
        ("E457", 4, 'the row of "A" is valid on the same days as the one on line 2'),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), min_size=1, max_size=8), st.integers(0, 500)
)
def test_periods_never_answer_twice(spans: list[tuple[int, int]], asked: int) -> None:
    """Either two rows share a day and the table is refused, or at most one row covers the day asked for."""
    zero = date(2024, 1, 1)
    days = [(zero + timedelta(start), zero + timedelta(start + length)) for start, length in spans]
    rows: list[tuple[dict[str, str | None], MappingPlace]] = [
        ({"code": "A", "n": str(n), "valid_from": str(a), "valid_to": str(b)}, PLACE)
        for n, (a, b) in enumerate(days)
    ]
    clash = any(a <= d and c <= b for n, (a, b) in enumerate(days) for c, d in days[n + 1 :])
    if clash:
        with pytest.raises(Refusal):
            inline_table(rows, ("code",))
        return
    on = zero + timedelta(asked)
    covering = [str(n) for n, (a, b) in enumerate(days) if a <= on <= b]
    found = inline_table(rows, ("code",)).find(("A",), on)
    assert ([found["n"]] if isinstance(found, Row) else []) == covering


def test_inline_rows_keep_their_places() -> None:
    table = inline_table(
        [({"form": "BB", "material": "BOOK"}, PLACE), ({"form": "CD", "material": None}, PLACE)], ("form",)
    )
    row = table.find(("CD",))
    assert isinstance(row, Row)
    assert (row_cells(row), row_place(row)) == ({"form": "CD", "material": None}, PLACE)
    with pytest.raises(Refusal, match="E455"):
        inline_table([], ("form",), place=PLACE)


def test_null_and_default_rows(load: Load) -> None:
    table = load(ACCOUNTS, "supplier", "account")
    null, default = table.null_row(), table.default_row({"library": "HBG"})
    assert (bool(null), row_cells(null)) == (False, {"supplier": None, "account": None, "library": None})
    assert (bool(default), default["library"], default["account"]) == (True, "HBG", None)
    with pytest.raises(Refusal) as caught:
        table.default_row({"libary": "HBG", "acount": ""}, PLACE)
    assert [(p.code, p.help, p.mapping) for p in caught.value.problems] == [
        ("E459", 'did you mean "library"?  columns: supplier, account, library', PLACE),
        ("E459", 'did you mean "account"?  columns: supplier, account, library', PLACE),
    ]


@pytest.mark.parametrize("key", [(), ("supplier", "supplier")])
def test_keys_that_cannot_be(refuse: Refuse, tmp_path: Path, key: tuple[str, ...]) -> None:
    file = tmp_path / "t.csv"
    file.write_text(ACCOUNTS, encoding="utf-8")
    with pytest.raises(Refusal, match="E456"):
        load_table(file, "t.csv", key, place=PLACE)


@pytest.mark.parametrize(
    ("name", "code"), [("absent.csv", "E450"), ("folder.csv", "E463"), ("table.xlsx", "E450")]
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Refusal) as caught:
        load_table(tmp_path / name, name, ("code",), place=PLACE)
    [problem] = caught.value.problems
    assert (problem.code, problem.mapping) == (code, PLACE)
    assert str(tmp_path) not in problem.message


def test_a_large_table_answers_hits_and_misses(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("code,x\n" + "".join(f"{n:06d},{n}\n" for n in range(50_000)), encoding="utf-8")
    table = load_table(file, "t.csv", ("code",))
    row = table.find(("049999",))
    assert isinstance(row, Row)
    assert (table.size, row["x"]) == (50_000, "49999")
    assert miss(table.find(("217",))).nearest[0] == ("000217",)


def test_thousands_of_misses_stay_cheap_and_still_find_slips(load: Load) -> None:
    table = load("code\n" + "".join(f"{n:06d}\n" for n in range(3000)))
    helped = [miss(table.find((f"{n:06d}X",))).nearest for n in range(200)]
    assert all(helped[:50])
    assert not any(helped[50:])  # the search for likeness has an end
    assert miss(table.find(("2999",))).nearest == (("002999",),)

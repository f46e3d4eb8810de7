"""Mapping → the files its snapshots should consist of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.problems import Refusal
from etl.testing.snapshots import expected_files, sample_names

STORY = """\
4 records: 1 written, 1 held, 1 rejected, 1 skipped
written: 1 documents, 2 copies, 200.00 SEK
held: 1 documents, 1 copies, 9000.00 SEK
in Alma: 1 clean

rejected: record 2, line 3
  error[E412] not an amount: "gratis"
    column pris, fields.price.sum
  error[E412] not an amount: "gratis"
    column pris, fields.fund_distribution[0].amount.sum

held: record 3, line 4, held/3.json
  hold[E486] too dear
    column titel, checks[0].if

skipped: record 4, line 5
"""


def test_every_record_leaves_a_trace(mapping: Path) -> None:
    files = expected_files(mapping)
    assert sorted(files) == ["a.csv/1.json", "a.csv/held/3.json", "a.csv/problems.txt"]
    assert files["a.csv/problems.txt"].decode() == STORY
    payload = json.loads(files["a.csv/1.json"])
    assert payload["resource_metadata"]["title"] == "Sju nätter"
    assert payload["note"][0]["note_text"] == "2001-01-01", "the run's date is held still"


def test_the_folder_one_stands_in_does_not_matter(mapping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = expected_files(mapping)
    monkeypatch.chdir(mapping.parent.parent)
    assert expected_files(Path("shop/po_line.yaml")) == absolute
    monkeypatch.chdir(mapping.parent)
    assert expected_files(Path("po_line.yaml")) == absolute
    assert Path.cwd() == mapping.parent
    assert sorted(p.name for p in mapping.parent.iterdir()) == ["po_line.yaml", "samples"], (
        "nothing is left behind"
    )


def test_a_line_more_in_the_mapping_changes_no_file(mapping: Path) -> None:
    before = expected_files(mapping)
    mapping.write_text("# a comment\n" + mapping.read_text(encoding="utf-8"), encoding="utf-8")
    assert expected_files(mapping) == before


def test_samples_do_not_meet(mapping: Path, write: Callable[[str, str], Path]) -> None:
    """Each sample is a run of its own: the same order line in two of them is no repeated one."""
    alone = expected_files(mapping)
    write("samples/b.csv", "nr;isbn;titel;antal;pris\n1;9789199999302;Sju nätter;2;100,00\n")
    both = expected_files(mapping)
    assert sample_names(mapping) == ["a.csv", "b.csv"]
    assert {path: both[path] for path in alone} == alone
    assert both["b.csv/1.json"] == both["a.csv/1.json"]


def test_samples_of_one_name_get_folders_of_their_own(
    mapping: Path, write: Callable[[str, str], Path]
) -> None:
    text = mapping.read_text(encoding="utf-8").replace("samples/*.csv", "samples/**/*.csv")
    write("samples/more/a.csv", "nr;isbn;titel;antal;pris\n")
    mapping.write_text(text, encoding="utf-8")
    assert sample_names(mapping) == ["samples__a.csv", "samples__more__a.csv"]


def test_date_and_parameters_are_those_of_the_snapshot_section(mapping: Path) -> None:
    text = mapping.read_text(encoding="utf-8").replace("owner: MAIN", 'owner: "{{ parameters.library }}"')
    text += (
        "parameters: {library: {help: which}}\nsnapshot: {run_date: 2024-02-29, parameters: {library: LAW}}\n"
    )
    mapping.write_text(text, encoding="utf-8")
    payload = json.loads(expected_files(mapping)["a.csv/1.json"])
    assert (payload["owner"]["value"], payload["note"][0]["note_text"]) == ("LAW", "2024-02-29")


def test_a_group_is_told_with_all_its_records(mapping: Path, write: Callable[[str, str], Path]) -> None:
    text = mapping.read_text(encoding="utf-8").replace("key: [nr]", "key: [nr]\ngroup_by: [nr]")
    mapping.write_text(text, encoding="utf-8")
    write("samples/a.csv", "nr;isbn;titel;antal;pris\n1;9789199999302;A;1;1,00\n1;9789199999302;A;2;1,00\n")
    story = expected_files(mapping)["a.csv/problems.txt"].decode()
    assert "rejected: record 1, line 2 and record 2, line 3\n" in story


def test_an_unreadable_record_is_told(mapping: Path, write: Callable[[str, str], Path]) -> None:
    write("samples/a.csv", "nr;isbn;titel;antal;pris\n1;9789199999302;A\n2;9789199999302;B;1;1,00\n")
    story = expected_files(mapping)["a.csv/problems.txt"].decode()
    assert "rejected: unreadable record 1, line 2, 18 bytes\n  error[E310]" in story


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("path: samples/*.csv", "path: nowhere/*.csv", "E601"),
        ("path: samples/*.csv", "path: samples/*.txt", "E605"),
        ("path: samples/*.csv", 'path: "-"', "E605"),
        ("name: small", "name: small\nsnapshot: {run_date: 2024-02-30}", "E109"),
        ("titel }}", "titl }}", "E221"),
        ("version: 1", "version: 1\nversion: 1", "E102"),
    ],
)
def test_what_cannot_be_mapped_is_refused_with_its_place(
    mapping: Path, old: str, new: str, code: str
) -> None:
    text = mapping.read_text(encoding="utf-8")
    assert old in text
    mapping.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        expected_files(mapping)
    problem = refused.value.problems[0]
    assert problem.code == code
    assert problem.mapping is not None
    assert Path(problem.mapping.file) == mapping, "the place is one that can be opened from here"


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "no.yaml", tmp_path / "no" / "no.yaml"):
        with pytest.raises(Refusal) as refused:
            expected_files(path)
        assert refused.value.problems[0].code == "E105"

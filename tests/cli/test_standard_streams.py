"""Standard streams that take nothing, or not every sign, through every verb and format → a true code, and words.

Nothing is a bug of ours, nothing is left that would fail again when the interpreter ends, and what standard output did
not take is said on standard error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from deaf_streams import WAYS, heard, run, spoken, takes_nothing
from test_screens import FORMATS, LINES, scene

from etl.cli.streams import standard_streams
from etl.simulator import Simulator

__all__ = ["scene"]

DOCUMENTED = {0, 1, 2, 3, 4, 5, 6}


def lines_of(verb: str, form: str) -> Iterator[list[str]]:
    for line in LINES[verb]:
        rest = [word for word in line if word != "+"]
        yield [*verb.split(), *rest, *(("--format", form) if verb != "simulator" else ())]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("verb", LINES)
def test_no_verb_stumbles_over_a_full_stream(scene: Simulator, verb: str, form: str) -> None:
    del scene
    for words in lines_of(verb, form):
        with takes_nothing("full") as out:
            err = spoken()
            code = run(words, out, err)
        said = heard(err)
        assert code in DOCUMENTED, (words, said)
        assert "Traceback" not in said
        assert "E900" not in said
        assert said.count("[E616]") <= 1
        if "[E616]" in said:
            assert code > 1, (words, said)
        elif code > 1:
            assert said, "a refusal is told, on one stream or the other"
        with takes_nothing("full") as out, takes_nothing("full") as err:
            assert run(words, out, err) in DOCUMENTED


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("verb", LINES)
def test_what_an_encoding_cannot_show_is_an_escape(scene: Simulator, verb: str, form: str) -> None:
    del scene
    for words in lines_of(verb, form):
        out, err = spoken("ascii"), spoken("ascii")
        code = run(words, out, err)
        assert code in DOCUMENTED, (words, heard(err))
        assert "UnicodeEncodeError" not in heard(err)
        if form == "json" and verb not in ("run", "show", "simulator", "ledger export") and heard(out):
            json.loads(out.buffer.getvalue())  # type: ignore[attr-defined] # bytes: it is UTF-8 all the same


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["json", "github"])
def test_a_refusal_that_standard_output_does_not_take(way: str, form: str) -> None:
    err = spoken()
    with takes_nothing(way) as out:
        assert run(["run", "nosuch.yaml", "--format", form], out, err) == 2
    assert run(["list"], spoken(), spoken()) == 0, "the next one is told nothing of it"
    said = heard(err)
    assert said.startswith("error[E616] standard output takes no more: ")
    assert '"nosuch.yaml"' in said, "why it refuses is not lost"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["--version"], ["schema", "po_line"], ["list"]]
)
def test_what_was_asked_for_could_not_be_said(way: str, words: list[str]) -> None:
    """A disk that is full is told; a reader that has gone has seen enough."""
    err = spoken()
    with takes_nothing(way) as out:
        code = run(words, out, err)
    if way == "its reader has gone":
        assert (code, heard(err)) == (0, "")
    else:
        assert code == 2
        assert heard(err).startswith("error[E616] standard output takes no more: ")


@pytest.mark.parametrize(
    ("words", "closed", "code"),
    [
        ("run --format json nosuch.yaml", ">&-", 2),
        ("run --format json nosuch.yaml", ">&- 2>&-", 2),
        ("run --format json nosuch.yaml", ">/dev/full 2>&1", 2),
        ("list --format json", "<&- >&- 2>&-", 2),
        ("list --format json", "2>&-", 0),
        ("list --format json", "2>/dev/full", 0),
    ],
)
def test_as_a_shell_leaves_them(tmp_path: Path, words: str, closed: str, code: int) -> None:
    if "full" in closed and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m etl {words} {closed}', sys.executable],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_json_is_utf_8_whatever_the_terminal_is_set_to(tmp_path: Path, encoding: str) -> None:
    out, err = spoken(encoding), spoken(encoding)
    assert run(["run", str(tmp_path / "Łódź å.yaml"), "--format", "json"], out, err) == 2
    assert "Łódź å" in json.loads(out.buffer.getvalue())["problems"][0]["examples"][0]["message"]  # type: ignore[attr-defined]
    out, err = spoken(encoding), spoken(encoding)
    assert run(["run", str(tmp_path / "Łódź.yaml")], out, err) == 2
    assert "\\u0141" in heard(err)


def test_streams_are_handed_back() -> None:
    before = sys.stdout, sys.stderr
    with standard_streams():
        assert (sys.stdout, sys.stderr) != before
    assert (sys.stdout, sys.stderr) == before

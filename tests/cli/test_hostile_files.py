"""A vendor's sample in which one thing is long and another many → every verb that reads it ends, in memory that grows as it does."""

from __future__ import annotations

import random
import shutil
from itertools import product
from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.testing.work import hostile, long_and_many, memory_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2] / "mappings"
VENDORS = sorted(path.parent.name for path in ROOT.glob("[!_]*/po_line.yaml"))
VERBS = {
    "inspect": ("inspect", "--mapping", "m/po_line.yaml", "{}"),
    "preview": ("preview", "m/po_line.yaml", "{}", "--format", "json"),
    "snapshot": ("snapshot", "m/po_line.yaml"),
}
FEW, MANY = 25, 100
SLACK = 1 << 20
"""Bytes: compiling a mapping makes more or less of them."""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """The smallest of a vendor's samples, alone in a copy of its mapping."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "_shared", "_shared")
    shutil.copytree(ROOT / request.getfixturevalue("vendor"), "m")
    samples = sorted(
        (path for path in Path("m/samples").iterdir() if path.is_file()), key=lambda path: path.stat().st_size
    )
    for other in samples[1:]:
        other.unlink()
    return samples[0]


@pytest.mark.parametrize(("vendor", "verb"), list(product(VENDORS, VERBS)))
def test_a_verb_reads_a_hostile_file(
    vendor: str, verb: str, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, dice = sample.read_bytes(), random.Random(f"{vendor} {verb}")  # noqa: S311 - repeatable, not a secret
    longer = dice.choice([*hostile(data, 8), *long_and_many(data, 8)])
    words = [word.format(sample) for word in VERBS[verb]]

    def done(pieces: int) -> int:
        sample.write_bytes(longer(pieces))
        taken = memory_of(lambda: codes.append(run_cli(words)))
        said = "".join(capsys.readouterr())
        assert codes[-1] in ((0, 2) if verb != "snapshot" else (2, 3)), said
        assert "Traceback" not in said
        assert "E900" not in said
        return taken

    codes: list[int] = []
    done(0)  # what is made once and kept is not to be counted
    once, fourfold = done(FEW), done(MANY)
    assert fourfold < 8 * once + 3 * len(longer(MANY)) + SLACK, (once, fourfold, longer(1))

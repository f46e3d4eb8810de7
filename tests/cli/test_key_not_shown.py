"""A mapping with a key in the wrong place → no verb shows the key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from etl.cli.main import run_cli

KEY = "l8xx0123456789abcdef0123456789abcdef"
OWN = "our-gateways-key"
MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
key: [id]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  resource_metadata: {title: "{{ titel }}"}
sink: """


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in.csv").write_text("id;titel\n1;Ett\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize("verb", ["run", "show"])
@pytest.mark.parametrize(
    "sink",
    [
        f"{{type: alma, region: eu, key: {KEY}, tpyo: 1}}",
        f'{{type: alma, region: eu, key: "{OWN}", tpyo: 1}}',
        f"{{type: alma, region: eu, key: {{value: {OWN}}}, tpyo: 1}}",
        f"{{type: alma, region: eu, apikey: {OWN}}}",
        f"{{type: alma, region: eu, key: env:{KEY}, tpyo: 1}}",
        f"{{type: alma, region: {KEY}, key: env:ALMA_KEY}}",
        f"{{type: alma, region: eu, key: {{{KEY}: 1}}}}",
        f"{{type: alma, region: eu, {KEY}: 1}}",
        f"{{type: alma, region: eu, key: [{KEY}}}",
        f"\n  type: alma\n  region: eu\n  tpyo: 1\n  key: >-\n    {OWN}\n",
    ],
)
def test_no_verb_shows_a_key(
    folder: Path, sink: str, verb: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mapping.yaml").write_text(MAPPING + sink, encoding="utf-8")
    assert run_cli([verb, "mapping.yaml", "--format", form]) == (
        0 if verb == "show" and "[" not in sink else 2
    )
    said = "".join(capsys.readouterr())
    assert KEY not in said
    assert OWN not in said


def test_the_place_of_the_other_mistake_is_still_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = f"{{type: alma, region: eu, key: {KEY}, tpyo: 1}}"
    (folder / "mapping.yaml").write_text(MAPPING + sink, encoding="utf-8")
    run_cli(["run", "mapping.yaml"])
    shown = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().err).splitlines()
    at = next(number for number, line in enumerate(shown) if "| sink:" in line)
    assert shown[at + 1].index("^") == shown[at].index("tpyo")

"""Every payload that the shipped mappings make is taken by the simulator's own institution: a demo needs no set-up."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

from etl.simulator import Limits, Settings, Simulator, Timing, make_app

ROOT = Path(__file__).parents[2]


def payloads() -> list[tuple[str, Path, str | None]]:
    """(target, payload file, user) of every snapshot that is no held document."""
    found = []
    for folder in sorted(ROOT.glob("mappings/*/snapshots/*/*")):
        target = "purchase_request" if "purchase_request" in folder.parent.name else "po_line"
        users = folder / "users.txt"
        named = (
            dict(line.split("  ", 1) for line in users.read_text("utf-8").splitlines())
            if users.is_file()
            else {}
        )
        found += [
            (target, file, named.get(file.name)) for file in sorted(folder.glob("*.json")) if file.is_file()
        ]
    return found


@cache
def alma() -> Simulator:
    return make_app(Settings(limits=Limits.none(), timing=Timing.instant()))


@pytest.mark.parametrize(
    ("target", "file", "user"),
    payloads(),
    ids=[str(file.relative_to(ROOT / "mappings")) for _, file, _ in payloads()],
)
def test_a_shipped_payload_is_taken(target: str, file: Path, user: str | None) -> None:
    from etl.simulator.call import Request

    path = "/almaws/v1/acq/po-lines"
    if target == "purchase_request":
        assert user is not None
        path = f"/almaws/v1/users/{quote(user, safe='')}/purchase-requests"
    answer = alma().answer(
        Request(
            "POST", path, {}, {"authorization": "apikey simulator-key", "content-type": "application/json",
            "accept": "application/json"}, file.read_bytes(),
        )
    )  # fmt: skip
    body = json.loads(answer.body)
    assert answer.status == 200, body
    assert not body.get("errorsExist")

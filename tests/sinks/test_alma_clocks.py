"""A clock was ahead while orders were posted, and is right again → later runs go on, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_orders import Desk, at_simulator, line
from sqlalchemy import Engine, insert, update

from etl.cli.main import run_cli
from etl.ledger.database import open_database, transaction
from etl.ledger.find import Wanted, find
from etl.ledger.process import Run
from etl.ledger.tables import calls, orders, pace, runs

FAR = 4e9
"""Seconds since 1970: in 2096."""
MAPPING = """\
version: 1
name: m
target: po_line
source: {{connector: csv, path: orders.csv}}
key: [order]
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  acquisition_method: TECHNICAL
  vendor_reference_number: "{{{{ order }}}}"
  resource_metadata: {{title: "{{{{ title }}}}"}}
  price: {{sum: "249.00", currency: SEK}}
  fund_distribution: [{{fund_code: BOCKER, amount: {{sum: "249.00", currency: SEK}}}}]
  location: [{{quantity: 1, library: HBG, shelving_location: VUXEN}}]
sink: {{type: alma, base_url: '{url}', key: 'env:TEST_ALMA_KEY', settle_wait: 0}}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with at_simulator(tmp_path) as one:
        (tmp_path / "m.yaml").write_text(MAPPING.format(url=one.url), encoding="utf-8")
        (tmp_path / "orders.csv").write_text("order,title\nO-1,Påhittad bok\n", encoding="utf-8")
        yield one


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database("etl-ledger.sqlite", tmp_path)
    yield engine
    engine.dispose()


def written_by_a_clock_that_was_ahead(engine: Engine) -> None:
    """A process elsewhere that never ended, and the limit used up, all of them in 2096."""
    gone = Run(engine)
    gone.close()
    with transaction(engine) as connection:
        connection.execute(update(runs).values(host="elsewhere", beat=FAR, ended_at=None))
        connection.execute(insert(pace).values(institution="alma", minute_at=FAR))
        used = [{"institution": "alma", "run": gone.id, "answered": FAR} for _ in range(1500)]
        connection.execute(insert(calls), used)


def test_a_run_does_not_wait_for_that_day_and_says_so(
    desk: Desk, ledger: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.ledger.pacing.MINUTE", 1.0)  # for what may be an answer of just now
    written_by_a_clock_that_was_ahead(ledger)
    assert run_cli(["run", "m.yaml", "--report", "report"]) == 0
    assert desk.references() == ["O-1"]
    said = capsys.readouterr().err
    assert "warning[E859] a clock was ahead: the last sign of life of a process lies" in said
    assert 'a clock was ahead: the pace of the calls to "alma" lies' in said
    assert "etl-ledger.sqlite" in said
    kept = (desk.folder / "report" / "problems.ndjson").read_text(encoding="utf-8")
    assert kept.count("E859") == 2
    assert run_cli(["run", "m.yaml", "--report", "report"]) == 0
    assert "E859" not in capsys.readouterr().err, "it is put right"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "words", [("verify", "m.yaml"), ("ledger", "resolve", "--mapping", "m.yaml")], ids=" ".join
)
def test_whoever_asks_alma_says_so(
    desk: Desk, ledger: Engine, words: tuple[str, ...], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(ledger)
    run.close()
    with transaction(ledger) as connection:
        connection.execute(update(runs).values(host="elsewhere", beat=FAR, ended_at=None))
    assert run_cli([*words, "--format", form]) == 0
    out, said = capsys.readouterr()
    assert "warning[E859]" in said
    assert "E859" not in out


def test_a_stopped_run_says_so_too(
    desk: Desk, ledger: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.ledger.pacing.MINUTE", 1.0)
    written_by_a_clock_that_was_ahead(ledger)
    unreachable = ("--sink-option", "base_url=http://127.0.0.1:9")
    assert run_cli(["run", "m.yaml", "--report", "report", *unreachable]) == 5
    assert "warning[E859]" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["error-500", "error-500-after"], ids=["not there", "there"])
def test_an_order_first_sent_on_a_day_to_come(desk: Desk, ledger: Engine, fault: str) -> None:
    """Alma's day of the line is long before that of the attempt: its own clock and the reference tell."""
    doubtful = line(1, mark=f" SIM-FAULT-once-{fault}")
    assert [one.outcome for one in desk.post(doubtful, settle_wait=600, max_unknown=1)[0]] == ["unknown"]
    with transaction(ledger) as connection:
        connection.execute(update(orders).values(created_at="2096-10-02T07:06:40.000Z"))
    (receipt,) = desk.post(doubtful)[0]
    assert receipt.outcome == ("already posted" if fault == "error-500-after" else "posted")
    assert len(desk.held()) == 1
    (order,) = find(ledger, Wanted())
    assert order.state == "posted"

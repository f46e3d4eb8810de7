"""One order of a vendor by two channels: the push to the library, and the file with catalogue records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from alma_orders import Desk, at_simulator

from etl.plan.compile import compile_plan
from etl.registry import Registry
from etl.run.inputs import file_source
from etl.run.pipeline import Delivery, run
from etl.sinks.alma import AlmaSink
from etl.spec.load import load

MAPPINGS = Path(__file__).parents[2] / "mappings"
PUSH = ("adlibris", "order-48211907.json")
FILE = ("libris", "adlibris_Exb_20240311142205_SE-LIBR8452921.xml")


def delivered(desk: Desk, vendor: str, sample: str) -> dict[str, int]:
    """How many order lines ended how."""
    folder = MAPPINGS / vendor
    source = file_source(str(folder / "samples" / sample))
    plan = compile_plan(
        load(str(folder / "po_line.yaml")),
        Registry.installed(),
        run_date=date(2024, 3, 11),
        samples=[source],
    )
    report = run(
        plan, [source], Delivery(AlmaSink(), desk.options(), desk.folder), desk.folder / "report"
    ).report
    return dict(report.documents)


def isbns(desk: Desk) -> list[str]:
    return sorted(line["resource_metadata"].get("isbn") or "" for line in desk.held())


def test_the_file_after_the_push_orders_nothing(tmp_path: Path) -> None:
    with at_simulator(tmp_path) as desk:
        assert delivered(desk, *PUSH) == {"posted": 4, "held": 2}
        before = isbns(desk)
        assert delivered(desk, *FILE) == {"held": 1}
        assert isbns(desk) == before


def test_the_push_after_the_file_orders_only_what_was_not_in_it(tmp_path: Path) -> None:
    """Two lines of the push are of the title in the file; two wait for a person by the mapping's own checks."""
    with at_simulator(tmp_path) as desk:
        assert delivered(desk, *FILE) == {"posted": 1}
        assert isbns(desk) == ["9789199996004"]
        assert delivered(desk, *PUSH) == {"posted": 2, "held": 4}
        assert isbns(desk) == ["", "9789199996004", "9789199996011"]

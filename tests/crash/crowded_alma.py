"""Order lines of others in the simulator: more than one page of any list in which an order of ours is looked for."""

from __future__ import annotations

import json
from dataclasses import replace

from invented_orders import isbn

from etl.simulator import FaultPlan, Settings, Simulator, Timing
from etl.simulator.call import Request

_PATH = "/almaws/v1/acq/po-lines"
_UNLIKE = ("GOBI", "GOBI-PRINT")
"""A vendor of none of our orders."""


def crowd(settings: Settings, key: str, count: int, vendor: str) -> None:
    """`count` lines with the ISBN of our first order at another vendor; as many of `vendor` with other titles, among
    which one of its orders without ISBN is looked for. Raises RuntimeError when one is not taken.
    """
    alma = Simulator(replace(settings, timing=Timing.instant(), faults=FaultPlan(0, 0.0, ())))
    try:
        for number in range(count):
            _add(alma, key, f"X-{number}", _UNLIKE, {"title": "Påhittad bok 1", "isbn": isbn(1)})
            _add(alma, key, f"Y-{number}", (vendor, vendor), {"title": f"Annan bok {number}"})
    finally:
        alma.close()


def _add(alma: Simulator, key: str, reference: str, vendor: tuple[str, str], metadata: dict[str, str]) -> None:
    money = {"sum": "249.00", "currency": {"value": "SEK"}}
    line = {
        "owner": {"value": "HBG"},
        "type": {"value": "PRINTED_BOOK_OT"},
        "vendor": {"value": vendor[0]},
        "vendor_account": vendor[1],
        "vendor_reference_number": reference,
        "price": money,
        "resource_metadata": metadata,
        "fund_distribution": [{"fund_code": {"value": "BOCKER"}, "amount": money}],
        "location": [{"quantity": "1", "library": {"value": "HBG"}, "shelving_location": "VUXEN"}],
    }
    headers = {"authorization": f"apikey {key}", "content-type": "application/json", "accept": "application/json"}
    answer = alma.answer(Request("POST", _PATH, {}, headers, json.dumps(line).encode()))
    if answer.status != 200:
        raise RuntimeError(f"a line of others was not taken: {answer.status} {answer.body!r}")

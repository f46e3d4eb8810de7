"""Posts order lines in a process of its own: URL FOLDER LEDGER COUNT [OPTION=VALUE…]; one outcome a line on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from alma_orders import Desk, line

from etl.plugin import Refusal
from etl.sinks.alma import AlmaSink


def main(url: str, folder: str, ledger: str, count: str, *options: str) -> int:
    more = {name: json.loads(value) for name, value in (option.split("=", 1) for option in options)}
    first = more.pop("first", 1)
    mark = more.pop("mark", "")
    items = [line(number, mark=mark) for number in range(first, first + int(count))]
    desk = Desk(url, Path(folder))
    try:
        for receipt in AlmaSink().deliver(iter(items), desk.options(ledger=ledger, **more), desk.folder):
            print(receipt.key[-1], receipt.outcome, receipt.where, sep="\t", flush=True)
    except Refusal as refusal:
        print("stopped", refusal, flush=True)
        return 5
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

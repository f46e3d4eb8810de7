"""The page docs/order-values.md: every value of an order record, and what becomes of it, found out by changing it.

    python tests/properties/order_values.py > docs/order-values.md
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from vendor_records import KINDS, ROOT, Kind, Said, changed, listed, outcome, plan_of

from connectors.layouts import load_layouts
from etl.plan.plan import Plan

_HEAD = """\
# What becomes of every value

<!-- Generated: python tests/properties/order_values.py > docs/order-values.md -->

Each line is one value of a vendor's order record. It was changed in a record that says everything, and what then
changed in the shipped mapping's document stands beside it; or the code that tells of it; or why it is left out, as the
mapping (`source.ignore`) or the connector's layout says. A field that is not here and that a record fills is told
(E329).
"""


def page() -> str:
    parts = [_HEAD]
    for kind in KINDS.values():
        targets = [name for name in ("po_line", "purchase_request") if _mapping(kind, name).exists()]
        parts.append(f"## {load_layouts(kind.mapping)[kind.layout].title}\n")
        parts.append("| value | " + " | ".join(f"`{one}`" for one in targets) + " |")
        parts.append("|---" * (len(targets) + 1) + "|")
        plans = [plan_of(f"{kind.mapping}/{target}.yaml") for target in targets]
        wholes = [outcome(plan, kind.write(kind.record)) for plan in plans]
        for name in kind.record:
            cells = (_becomes(kind, plan, name, whole) for plan, whole in zip(plans, wholes, strict=True))
            shown = name.removeprefix("order.").replace("fordelning.", "fordelning[].")
            parts.append(f"| `{shown}` | " + " | ".join(cells) + " |")
        parts.append("")
    return "\n".join(parts)


def _mapping(kind: Kind, target: str) -> Path:
    return ROOT / "mappings" / kind.mapping / f"{target}.yaml"


def _becomes(kind: Kind, plan: Plan, name: str, before: Said) -> str:
    (other,) = changed(kind.record[name], random.Random(name))  # noqa: S311
    after = outcome(plan, kind.write({**kind.record, name: other}))
    known = {one.message for one in before.told}
    told = sorted({one.code for one in after.told if one.message not in known})
    if after.payload and after.payload != before.payload:
        mine, theirs = (set(_leaves(json.loads(said.payload), "")) for said in (before, after))
        paths = dict.fromkeys(path for path, _ in sorted(mine ^ theirs))
        return ", ".join([*(f"`{path}`" for path in paths), *(f"told: {code}" for code in told)])
    if told or after.texts() != before.texts():
        return ", ".join(f"told: {code}" for code in told) or "the order's key, or the user who asks"
    return f"left out: {listed(plan, kind, name)}"


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, path if name == "value" else f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, path)
    else:
        yield path, str(value)


if __name__ == "__main__":
    sys.stdout.write(page())

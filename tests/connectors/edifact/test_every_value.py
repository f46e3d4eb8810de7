"""No value of a message disappears: change any, and the row, a problem or a note is another, or it is no matter."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from interchanges import interchange

from connectors.edifact import EdifactConnector
from connectors.edifact.unused import NO_MATTER, is_no_matter
from etl.plugin import Batch
from etl.testing.sources import bytes_source

HEAD = ("BGM+31F::28+Q-77+9", "DTM+137:20240311:102", "NAD+BY+7300009000017::9", "NAD+SU+7300009000024::9")
MORE_HEAD = (
    ("DTM+4:20240310:102",),
    ("DTM+2:20240501:102",),
    ("DTM+64:202405:610",),
    ("RFF+ON:B-1:5::7",),
    ("RFF+CT:C-9",),
    ("NAD+BY+17::92+++Gatan 1+Umeå+AC+90101+SE", "RFF+API:000217", "RFF+VA:SE1", "CTA+OC+77:Ek", "COM+ek?@example.org:EM"),
    ("NAD+DP+7300009000099::9",),
    ("NAD+IV+7300009000088::9",),
    ("NAD+WH+12::92",),
    ("CUX+2:SEK:9",),
    ("CUX+2:SEK:9+3:EUR:4+11.3",),
    ("TAX+7+VAT+++:::6+S",),
    ("ALC+A++2+1+DI", "PCD+3:10:13"),
    ("ALC+C++++FC", "MOA+23:49:SEK"),
    ("PAT+1++5:3:D:30", "PCD+12:2"),
    ("FTX+GEN+1+A:B:C+Leverera till Umeå:ring först+SV",),
    ("LOC+7+9012:10:9",),
    ("TDT+20+1+30+31",),
    ("TOD+3++CFR",),
    ("PAI+::42",),
    ("XYZ+1:2+3:4",),
)  # fmt: skip
LINE = ("QTY+1:2", "PRI+AAB:200")
MORE_LINE = (
    ("PIA+5+9199999013:IB+55:SA::91",),
    ("PIA+1+777:SA+8:MF",),
    ("PIA+4+9789199999029:EN",),
    ("IMD+L+010+:::Öberg", "IMD+L+011+:::Åsa"),
    ("IMD+L+050+:::Sju nätter på Åland:och en dag:SV", "IMD+L+060+:::en resa"),
    ("IMD+L+220+hbk:1:28:Inbunden",),
    ("IMD+L+065+:::Del 2",),
    ("IMD+F+080+:::Band 3",),
    ("IMD+L+100+:::2 uppl.", "IMD+L+190+:::Serien", "IMD+L+170+:::2024", "IMD+L+250+:::AN"),
    ("QTY+1:2:PCE",),
    ("QTY+21:2",),
    ("QTY+192:1",),
    ("MEA+AAE+WX+GRM:350",),
    ("PCD+12:5",),
    ("ALI+SE++3",),
    ("DTM+44:20240402:102",),
    ("DTM+63:20240402:102",),
    ("MOA+203:400:SEK",),
    ("MOA+203:360",),
    ("MOA+146:200",),
    ("MOA+52:12",),
    ("GIN+BX+30001",),
    ("GIR+001+HUV:LLO+VUX24:LFN+VUX:LSQ+28:LST+Hcf:LSM", "GIR+001+200.00:LCV+37:LCO+30001:LAC+plastas:LVT+Hcg:LCL"),
    ("GIR+001+HUV:LLO+2:LQT+ZZ:LXX+AA:LVT:1", "GIR+001+BB:LVT"),
    ("FTX+LIN+++Plastas:larmas", "FTX+LNO+1+20:8B:28+Vänta+SV", "FTX+DEL+++Brådskar"),
    ("PRI+AAA:180:CT:NTP:1:PCE",),
    ("PRI+AAE:212:CA:SRP", "TAX+7+VAT+++:::6+S"),
    ("PRI+AAF:200:DI::10:PCE",),
    ("PRI+CAL:1:XX:YY:3:KGM", "RNG+1+PCE:1:9", "APR+WS+2:SEL"),
    ("CUX+2:SEK:9",),
    ("RFF+LI:L-9:1", "RFF+QLI:Q-77/1", "RFF+ON:B-2"),
    ("LOC+7+HUV",),
    ("TAX+7+VAT++++Z",),
    ("TAX+7+GST+++:::6",),
    ("TAX+5+CUD",),
    ("NAD+DP+11::92+Filialen",),
    ("ALC+A++++DI", "PCD+3:10"),
    ("ALC+A++2+1+TD::9:Rabatt", "PCD+3:10", "ALC+A", "PCD+3:5"),
    ("ALC+C++++FC", "MOA+8:15"),
    ("ALC+C++++FC",),
    ("SCC+1", "QTY+11:1"),
    ("PAC+1++CT",),
    ("TOD+3",),
)  # fmt: skip
FOOT = ((), ("MOA+79:400",), ("MOA+86:399",), ("MOA+176:24", "CNT+11:3"), ("ALC+C++++FC", "MOA+8:15"), ("CNT+1:2",))


def composed(dice: random.Random) -> list[str]:
    """The segments between UNH and UNT: what a line needs, and some of everything else, perhaps twice."""
    some = [part for part in MORE_HEAD if dice.random() < 0.15]
    more = [part for part in MORE_LINE if dice.random() < 0.12]
    again = [dice.choice(more)] if more and dice.random() < 0.5 else []
    inside = [segment for part in (*more, *again) for segment in part]
    foot = dice.choice(FOOT)
    return [*HEAD, *(one for part in some for one in part), "LIN+1++9789199999012:EN", *LINE, *inside, "UNS+S", "CNT+2:1", *foot]


def changed(segments: list[str], dice: random.Random, count: int) -> Iterator[list[str]]:
    """Each with one component that says something else, of as many that have a value at all."""
    places = [
        (at, element, part)
        for at, segment in enumerate(segments)
        if segment[:3] not in ("UNS", "CNT")
        for element, parts in enumerate(segment.split("+")[1:], 1)
        for part, text in enumerate(parts.split(":"))
        if text
    ]
    for at, element, part in dice.sample(places, min(count, len(places))):
        elements = [one.split(":") for one in segments[at].split("+")]
        elements[element][part] = another(elements[element][part])
        yield [*segments[:at], "+".join(":".join(one) for one in elements), *segments[at + 1 :]]


def another(text: str) -> str:
    digits = text.isdecimal() or text.replace(".", "", 1).isdecimal()
    return f"{text[:-1]}{(int(text[-1]) + 1) % 10}" if digits else f"{text}x"


def reading(segments: list[str]) -> list[Batch]:
    lines = ["UNH+M1+QUOTES:D:96A:UN:EAN008", *segments, f"UNT+{len(segments) + 2}+M1"]
    return list(EdifactConnector().read(bytes_source(interchange(lines)), EdifactConnector.Options(), None))


def told(batches: list[Batch]) -> Any:
    """All that a run is given, less `raw`, in which every value stands whatever was made of it."""
    rows = [{**row, "raw": None} for batch in batches for row in batch.frame.to_dicts()]
    return rows, [(bool(batch.rejected), batch.notes, batch.unread) for batch in batches]


def raw(batches: list[Batch]) -> dict[str, str]:
    return {name: text for batch in batches for row in batch.frame.to_dicts() for name, text in dict(row["raw"]).items()}


@pytest.mark.parametrize("seed", range(12))
def test_changing_any_value_is_seen(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable, not a secret
    for _ in range(6):
        segments = composed(dice)
        before = reading(segments)
        for other in changed(segments, dice, 12):
            after = reading(other)
            if told(before) != told(after) or before[0].rejected or len(before[0].notes) > 20:
                continue  # of a line that is rejected nothing is made, and what is too much is only counted
            one, two = raw(before), raw(after)
            names = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
            assert names, (segments, other)
            plain = {name.removeprefix("head/").removeprefix("foot/").partition(" repeat ")[0] for name in names}
            assert {name for name in plain if not is_no_matter(name)} == set(), set(other) - set(segments)


def test_what_is_no_matter_names_nothing_that_concerns_an_order() -> None:
    names = ("QTY+21", "GIR+001+LLO", "GIR+001+LFN", "PRI+AAA", "PRI+AAA/basis", "CUX+2", "ALC+A/MOA+8", "ALC+C/PCD+3", "MOA+203",
             "TAX+7/rate", "LIN+EN", "PIA+5+IB", "RFF+ON", "RFF+LI", "NAD+BY:9", "NAD+SU:9", "NAD+DP:9", "LOC+7", "BGM/number",
             "LIN/number", "IMD+050", "IMD+220", "DTM+137", "FTX+LIN")  # fmt: skip
    assert [name for name in names if is_no_matter(name)] == []
    assert all(reason.strip() for reason in NO_MATTER.values())

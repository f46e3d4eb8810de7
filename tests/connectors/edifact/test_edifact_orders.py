"""Messages → neutral order lines: what is read, what is refused, and that the rest is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from interchanges import HEAD, LINE, interchange, line, message
from reading import Reading, read, refusal

from connectors.edifact import EdifactConnector
from etl.plugin import Severity
from etl.testing.sources import bytes_source

DATA = Path(__file__).parents[4] / "shared" / "data" / "edifact"


def one(*segments: str, head: tuple[str, ...] = HEAD, una: str = "UNA:+.? '", **options: object) -> Reading:
    return read(EdifactConnector(), interchange(message(line(*segments), head=head), una=una), **options)


def row(*segments: str, **more: Any) -> dict[str, Any]:
    got = one(*segments, **more)
    assert got.codes == [], [item.problems for item in got.rejected]
    return got.rows[0]


def test_a_quotation() -> None:
    found = row()
    wanted = {
        "source": "edifact",
        "supplier": "7300009000024",
        "account": "000217",
        "order_id": "Q-77",
        "order_date": date(2024, 3, 11),
        "order_type": "QUOTES 31F",
        "line_no": "1",
        "reference": "B-1",
        "article_no": "9789199999012",
        "isbn": "9199999012",
        "title": "Sju nätter på Åland",
        "author": "Öberg, Åsa",
        "quantity": 2,
        "unit_price": Decimal("142.45"),
        "price_basis": "net",
        "price_includes_vat": False,
        "currency": "SEK",
    }
    assert {name: found[name] for name in wanted} == wanted
    places = [(spot["sub_line"], spot["library"], spot["fund"], spot["location"], spot["quantity"]) for spot in found["placements"]]
    assert places == [("001", "HUV", "VUX24", "VUX", 1), ("002", "FIL", "FIL24", "VUX", 1)]
    assert dict(found["raw"])["RFF+QLI"] == "Q-77/1"


def test_a_row_for_each_copy() -> None:
    got = one(placements="lines")
    assert [(found["sub_line"], found["quantity"], found["fund"]) for found in got.rows] == [("001", 1, "VUX24"), ("002", 1, "FIL24")]


def test_a_copy_goes_on_in_a_second_gir() -> None:
    copy = ("QTY+1:1", "GIR+001+HUV:LLO+VUX24:LFN+28:LST+VUX:LSQ+Hcf:LSM", "GIR+001+142.45:LCV+37:LCO+30001:LAC+plastas:LVT+larmas:LVT")
    (spot,) = row(*LINE[:4], *copy)["placements"]
    assert spot == {
        "sub_line": "001",
        "library": "HUV",
        "department": None,
        "location": "VUX",
        "shelfmark": "Hcf",
        "loan_period": "28",
        "quantity": 1,
        "fund": "VUX24",
        "fund_amount": Decimal("142.45"),
        "barcode": "30001",
        "note": "plastas; larmas",
    }


@pytest.mark.parametrize(
    ("segments", "quantities"),
    [
        (["QTY+1:5", "GIR+001+HUV:LLO"], [5]),
        (["QTY+1:5", "GIR+001+HUV:LLO+2:LQT", "GIR+002+FIL:LLO+3:LQT"], [2, 3]),
        (["QTY+1:3", "GIR+001+HUV:LLO+2:LQT", "GIR+002+FIL:LLO"], [2, 1]),
        (["QTY+21:3", "QTY+1:3"], [3]),
        (["QTY+1:1.0"], [1]),
        (["QTY+1:2.000:PCE"], [2]),
        (["QTY+1:2", "GIR+001+HUV:LLO+2.000:LQT"], [2]),
    ],
)
def test_copies(segments: list[str], quantities: list[int]) -> None:
    assert [spot["quantity"] for spot in row(*segments)["placements"]] == quantities


@pytest.mark.parametrize(
    ("una", "written", "amount"),
    [
        ("UNA:+.? '", "142.45", "142.45"),
        ("UNA:+,? '", "142,45", "142.45"),
        ("UNA:+,? '", "142.45", "142.45"),
        ("UNA:+.? '", "142,45", "142.45"),
        ("UNA:+,? '", "1,089", "1.089"),
        ("UNA:+.? '", "1089", "1089"),
        ("", "142.4500000000", "142.45"),
    ],
)
def test_decimal_marks(una: str, written: str, amount: str) -> None:
    assert row("QTY+1:1", f"PRI+AAB:{written}", una=una)["unit_price"] == Decimal(amount)


@pytest.mark.parametrize(
    ("segments", "basis", "taxed", "price"),
    [
        (["PRI+AAB:200", "PRI+AAA:150"], "net", False, "150"),
        (["PRI+AAE:212"], "list", True, "212"),
        (["PRI+AAF:200"], "list", False, "200"),
        (["PRI+CAL:200"], None, None, None),
    ],
)
def test_which_price(segments: list[str], basis: str | None, taxed: bool | None, price: str | None) -> None:
    got = one("QTY+1:1", *segments)
    found = got.rows[0]
    assert (found["price_basis"], found["price_includes_vat"]) == (basis, taxed)
    assert found["unit_price"] == (Decimal(price) if price else None)
    assert got.notes == ([] if price else ["E368"])


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1000:CT::10", "100"), ("1000:CT::10:PCE", "100"), ("99.90:CA::1", "99.90"), ("1:::8", "0.125"), ("250", "250")],
)
def test_a_price_of_several_copies(written: str, amount: str) -> None:
    got = one("QTY+1:1", f"PRI+AAB:{written}")
    assert (got.rows[0]["unit_price"], got.notes) == (Decimal(amount), [])


@pytest.mark.parametrize(
    "written", ["1000:CT::3", "1000:CT::0", "1000:CT::ten", "1000:CT::-1", "1000:CT::1,000", "0.000001:::10"]
)
def test_a_price_that_is_of_no_one_copy_exactly(written: str) -> None:
    assert one("QTY+1:1", f"PRI+AAB:{written}").codes == [(1, "E351")]


FITTING = (
    ["PRI+AAB:200", "PRI+AAE:212", "TAX+7+VAT+++:::6+S"],
    ["PRI+AAB:200", "PRI+AAA:180", "ALC+A++++DI", "PCD+3:10"],
    ["PRI+AAE:212", "PRI+AAA:180", "ALC+A++++DI", "PCD+3:10", "TAX+7+VAT+++:::6+S"],
    ["PRI+AAB:200", "PRI+AAF:200"],
    ["PRI+AAB:200", "PRI+AAE:200", "TAX+7+VAT++++Z"],
    ["PRI+AAB:200", "MOA+203:400:SEK"],
    ["MOA+203:360", "MOA+146:200.00", "PRI+AAB:200", "ALC+A++++DI", "PCD+3:10"],
    ["PRI+AAB:200:CT:SRP:1:PCE"],
    ["PRI+AAB:2000:CT::10", "PRI+AAB:2000:CT::10"],
    ["ALC+C++++FC", "MOA+8:0.00"],
    ["PRI+AAB:200", "ALC+A+++1+DI", "PCD+3:10", "MOA+204:40"],
    ["CUX+2:SEK:9"],
    ["GIR+001+HUV:LLO+FACK:LFN", "RFF+BFN:FACK"],
    ["NAD+DP+7300009000017::9"],
    ["PIA+5+9789199999012:EN", "PIA+5+978-91-99999-01-2:IB"],
)
WAITING = (
    (["PRI+AAB:200", "PRI+AAE:250", "TAX+7+VAT+++:::6+S"], "E427"),
    (["PRI+AAB:200", "PRI+AAA:190", "ALC+A++++DI", "PCD+3:10"], "E427"),
    (["PRI+AAB:150", "PRI+AAA:200"], "E427"),
    (["PRI+AAB:200", "PRI+AAA:ca 150"], "E427"),
    (["PRI+AAB:200", "PRI+AAF:210"], "E427"),
    (["PRI+AAB:200:CT:NTP"], "E427"),
    (["PRI+AAB:200:XX"], "E427"),
    (["PRI+AAB:200:CT::1:KGM"], "E427"),
    (["QTY+21:2:DZN"], "E427"),
    (["QTY+1:3"], "E309"),
    (["QTY+21:3"], "E428"),
    (["QTY+192:1"], "E428"),
    (["MOA+203:300"], "E426"),
    (["MOA+52:10"], "E426"),
    (["ALC+A++++DI", "MOA+204:25"], "E426"),
    (["ALC+C++++FC", "MOA+23:15"], "E426"),
    (["ALC+C++++FC", "PCD+2:5"], "E426"),
    (["ALC+A++++DI", "PCD+3:10", "ALC+A++++TD", "PCD+3:5"], "E309"),
    (["ALC+A++++FC", "PCD+3:10"], "E426"),
    (["ALC+A+++2+DI", "PCD+3:10"], "E426"),
    (["ALC+A++++DI", "PCD+3:10", "MOA+204:41"], "E426"),
    (["ALC+A++2", "PCD+3:10"], "E426"),
    (["ALC+C++++FC"], "E426"),
    (["PCD+12:5"], "E426"),
    (["APR+WS+2:SEL"], "E426"),
    (["RNG+1+PCE:1:9"], "E426"),
    (["CUX+2:EUR:9"], "E428"),
    (["CUX+2:SEK:9+3:EUR:4+11.3"], "E428"),
    (["TAX+7+GST+++:::6"], "E428"),
    (["TAX+7+VAT+++:::6+Z"], "E428"),
    (["TAX+5+CUD"], "E428"),
    (["GIR+001+HUV:LLO+ABC:LLN"], "E428"),
    (["GIR+001+HUV:LLO+ABC"], "E428"),
    (["GIN+BX+30001"], "E428"),
    (["LOC+7+HUV"], "E428"),
    (["NAD+DP+7300009000099::9"], "E428"),
    (["PIA+4+9789199999029:EN"], "E428"),
    (["PIA+5+9199999011:IB+9199999012:IB"], "E309"),
    (["RFF+ON:B-2", "RFF+ON:B-3"], "E309"),
    (["RFF+LI:1", "RFF+LI:2"], "E309"),
    (["SCC+1"], "E428"),
    (["RFF+BFN:FACK"], "E428"),
    (["GIR+001+HUV:LLO+SKON:LFN", "RFF+BFN:FACK"], "E428"),
    (["GIR+001+HUV:LLO+FACK:LFN", "GIR+002+HUV:LLO+SKON:LFN", "RFF+BFN:FACK"], "E428"),
    (["NAD+DP+7300009000017::9", "RFF+BFN:FACK"], "E428"),
)


@pytest.mark.parametrize("segments", FITTING, ids=" ".join)
def test_what_fits_is_used(segments: list[str]) -> None:
    price = [] if any(segment.startswith("PRI") for segment in segments) else ["PRI+AAB:200"]
    got = one("QTY+1:2", *price, *segments, prices=["AAB", "AAE", "AAA"])
    assert (got.codes, got.notes) == ([], [])


@pytest.mark.parametrize(("segments", "code"), WAITING, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_what_may_change_the_order_has_it_wait(segments: list[str], code: str) -> None:
    price = [] if any(segment.startswith("PRI") for segment in segments) else ["PRI+AAB:200"]
    got = one("QTY+1:2", *price, *segments, prices=["AAB", "AAE", "AAA"])
    assert got.codes == []
    assert code in got.notes


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (("ALC+C++++FC", "MOA+23:49"), "E426"),
        (("ALC+A", "PCD+3:10"), "E426"),
        (("MOA+79:99",), "E426"),
        (("NAD+BY+7300009000055::9",), "E309"),
        (("NAD+SU+7300009000055::9",), "E309"),
        (("NAD+IV+7300009000055::9",), "E428"),
        (("CUX+2:EUR:9",), "E309"),
        (("RFF+ON:B-2",), "E309"),
        (("RFF+BFN:FACK",), "E428"),
    ],
)
def test_what_the_head_says_holds_for_every_line(head: tuple[str, ...], code: str) -> None:
    data = interchange(message(line("QTY+1:1"), line("QTY+1:1", number=2), head=(*HEAD, *head)))
    got = read(EdifactConnector(), data)
    assert (len(got.rows), got.notes) == (2, [code] * len(got.notes))
    assert len(got.notes) >= 2


def test_a_fund_of_the_line_can_be_read() -> None:
    got = one("QTY+1:1", "PRI+AAB:200", "RFF+BFN:FACK", columns={"fund": "RFF+BFN"})
    assert ([row["fund"] for row in got.rows], got.notes) == (["FACK"], [])
    got = one("QTY+1:1", "PRI+AAB:200", "GIR+001+S:LFN", "RFF+BFN:FACK", columns={"fund": "RFF+BFN"})
    assert got.notes == ["E440"]


@pytest.mark.parametrize(("foot", "codes"), [("MOA+79:400", []), ("MOA+86:400:SEK", []), ("MOA+79:400:EUR", ["E426"]), ("MOA+79:300", ["E426"]), ("CNT+1:2", []), ("CNT+1:2.0", [])])
def test_totals_in_the_foot(foot: str, codes: list[str]) -> None:
    inside = message(line("QTY+1:2", "PRI+AAB:200"))
    inside[-1:] = [foot, f"UNT+{len(inside) + 1}+M1"]
    assert read(EdifactConnector(), interchange(inside)).notes == codes


def test_copies_that_the_foot_counts_otherwise() -> None:
    inside = message(line("QTY+1:2", "PRI+AAB:200"))
    inside[-1:] = ["CNT+1:3", f"UNT+{len(inside) + 1}+M1"]
    assert read(EdifactConnector(), interchange(inside)).codes == [(1, "E398")]


@pytest.mark.parametrize(
    ("old", "new"), [(b"Q-77+9'", b"Q-77+1'"), (b"++QUOTES'", b"++QUOTES++++1'"), (b"LIN+1+", b"LIN+1+2")]
)
def test_what_is_no_new_order_waits(old: bytes, new: bytes) -> None:
    data = interchange(message(line())).replace(old, new, 1)
    assert read(EdifactConnector(), data).notes == ["E304"]


def test_the_prices_wanted() -> None:
    found = row("QTY+1:1", "PRI+AAA:150", "PRI+AAB:200", "ALC+A", "PCD+3:25", prices=["AAB"])
    assert (found["unit_price"], found["price_basis"], found["discount_percent"]) == (200, "list", 25)
    assert row("QTY+1:1", "PRI+CAL:7", columns={"unit_price": "PRI+CAL"})["unit_price"] == 7


@pytest.mark.parametrize(
    ("segment", "name", "value"),
    [
        ("DTM+44:20240402:102", "delivery_date", date(2024, 4, 2)),
        ("DTM+69:202404021530:203", "delivery_date", date(2024, 4, 2)),
        ("DTM+17:240402:101", "delivery_date", date(2024, 4, 2)),
        ("DTM+44:202404:610", "delivery_date", None),
        ("DTM+44:02042024:4", "delivery_date", date(2024, 4, 2)),
        ("DTM+44:020424:2", "delivery_date", date(2024, 4, 2)),
        ("DTM+44:20240402153000CET:304", "delivery_date", date(2024, 4, 2)),
        ("TAX+7+VAT++++E", "vat_percent", Decimal(0)),
        ("FTX+LIN+++Plastas:larmas", "note_vendor", "Plastas larmas"),
        ("FTX+LNO++20:8B:28+Vänta", "note_internal", "Vänta"),
        ("TAX+7+VAT+++:::6+S", "vat_percent", Decimal(6)),
        ("RFF+LI:L-9", "reference_line", "L-9"),
        ("IMD+L+009+:::Ek, Ida", "author", "Ek, Ida"),
        ("IMD+L+220+:::Inbunden", "form", "Inbunden"),
        ("IMD+L+220+hbk", "form", "hbk"),
        ("CUX+2:EUR:9", "currency", "EUR"),
    ],
)  # fmt: skip
def test_a_value(segment: str, name: str, value: object) -> None:
    assert row("QTY+1:1", segment)[name] == value


@pytest.mark.parametrize(
    ("pieces", "title"),
    [
        (["The Routledge companion to the Amer:ican Civil War era"], "The Routledge companion to the American Civil War era"),
        (["En titel som slutar med ett helt:ord"], "En titel som slutar med ett helt ord"),
        ([f"{'a' * 35}:{'b' * 35}", "c"], f"{'a' * 35}{'b' * 35}c"),
        (["Ett ord", "till"], "Ett ord till"),
        (["The lion?'s and the lamb?'s share o:f America"], "The lion's and the lamb's share of America"),
        (["The lion?'s and the lamb?'s share:of America"], "The lion's and the lamb's share of America"),
        ([f"{'a' * 35}:{'b' * 34} ", "c"], f"{'a' * 35}{'b' * 34} c"),
        ([f"{'a' * 35}:{'b' * 35}", "c", "d"], f"{'a' * 35}{'b' * 35}c d"),
    ],
)
def test_a_long_title_is_put_together(pieces: list[str], title: str) -> None:
    assert row("QTY+1:1", *(f"IMD+L+050+:::{piece}" for piece in pieces))["title"] == title


def test_a_subtitle_follows_and_every_value_is_in_raw() -> None:
    found = row("QTY+1:1", "IMD+L+050+:::Vinter", "IMD+L+060+:::en bok", "IMD+L+270+:::Snö", "IMD+L+270+:::Is", "XYZ+1:2+3")
    raw = dict(found["raw"])
    assert found["title"] == "Vinter : en bok"
    assert (raw["IMD+270"], raw["IMD+270 repeat 2"], raw["XYZ+1"]) == ("Snö", "Is", "2+3")


def test_what_belongs_to_a_party_or_an_allowance_and_what_does_not() -> None:
    found = row("QTY+1:1", "PRI+AAB:200", "ALC+A++++DI", "PCD+3:25", "RFF+QLI:Q-77/1", "NAD+DP+123::92", "RFF+API:9", "FTX+LIN+++x", "RFF+LI:1")
    raw = dict(found["raw"])
    assert (raw["ALC+A/PCD+3"], raw["RFF+QLI"], raw["NAD+DP/RFF+API"], raw["RFF+LI"]) == ("25", "Q-77/1", "9", "1")
    assert (found["account"], found["discount_percent"]) == ("000217", 25)


def test_the_password_of_the_interchange_is_not_kept() -> None:
    data = interchange(message(line("QTY+1:1"))).replace(b"+IC1++QUOTES", b"+IC1+HEMLIGT+QUOTES")
    assert "HEMLIGT" not in str(read(EdifactConnector(), data).rows)


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (["QTY+1:två"], "E351"),
        (["QTY+1:1.5"], "E351"),
        (["QTY+1:-1"], "E351"),
        (["QTY+1:2,000"], "E351"),
        (["QTY+1:1", "DTM+44:11032024:999"], "E353"),
        (["QTY+1:1", "PRI+AAA:1,089"], "E351"),
        (["QTY+1:1", "PRI+AAA:12.50", "PRI+AAA:13.50"], "E351"),
        (["QTY+1:1", "PRI+AAA:12.50", "PRI+AAA:12.50:CT::10"], "E351"),
        (["QTY+1:1", "PRI+AAA:12.50:CT::10", "PRI+AAA:12.50"], "E351"),
        (["QTY+1:1", "DTM+44:20240230:102"], "E353"),
        (["IMD+L+050+:::Utan antal"], "E355"),
        (["QTY+1:3", "GIR+001+HUV:LLO", "GIR+002+FIL:LLO"], "E357"),
        (["QTY+1:2", "GIR+001+HUV:LLO", "GIR+001+FIL:LLO"], "E357"),
        (["QTY+1:1", "PIA+5+9199999020:IB"], "E357"),
    ],
)
def test_a_line_that_is_refused_and_the_next_that_is_read(segments: list[str], code: str) -> None:
    data = interchange(message(line(*segments), line(number=2)))
    got = read(EdifactConnector(), data)
    assert got.codes == [(1, code)]
    assert [found["line_no"] for found in got.rows] == ["2"]
    (rejected,) = got.rejected
    assert rejected.raw.startswith(b"LIN+1++")
    assert rejected.raw.rstrip().endswith(segments[-1].encode("latin-1") + b"'")
    place = rejected.problems[0].data
    assert place is not None
    assert data[place.offset or 0 :].startswith(b"LIN+1++")


def lose(segment: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(segment, b"", 1)


BREAKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a segment lost": (lose(b"QTY+1:2'\r\n"), "E398"),
    "an end mark lost": (lambda data: data.replace(b"QTY+1:2'", b"QTY+1:2", 1), "E398"),
    "an apostrophe not released": (lambda data: data.replace(b"Sju n", b"O'Hara", 1), "E397"),
    "UNT lost": (lambda data: data[: (at := data.index(b"UNT"))] + data[data.index(b"UNH", at) :], "E397"),
    "UNT of another message": (lambda data: data.replace(b"+M1'\r\nUNH", b"+M9'\r\nUNH", 1), "E398"),
    "lines miscounted": (lambda data: data.replace(b"CNT+2:1", b"CNT+2:3", 1), "E398"),
    "more digits than int takes": (lambda data: data.replace(b"CNT+2:1", b"CNT+2:" + b"9" * 5000, 1), "E398"),
    "segments of as many digits": (lambda data: data.replace(b"UNT+21", b"UNT+" + b"9" * 5000, 1), "E398"),
    "a line behind the lines": (lambda data: data.replace(b"UNS+S'", b"UNS+S'LIN+9'", 1).replace(b"UNT+21", b"UNT+22", 1), "E398"),
    "not a word of it": (lambda data: data.replace(b"BGM+31F", b"\x00\x01\x02", 1), "E397"),
    "an invoice": (lambda data: data.replace(b"QUOTES:D", b"INVOIC:D", 1), "E396"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_message_is_kept_and_the_next_is_read(kind: str) -> None:
    damage, code = BREAKS[kind]
    whole = interchange(message(line()), message(line(), name="M2"))
    data = damage(whole)
    assert data != whole
    got = read(EdifactConnector(), data)
    assert got.codes == [(1, code)], [item.problems for item in got.rejected]
    assert [dict(found["raw"])["UNH/reference"] for found in got.rows] == ["M2"]
    assert got.rejected[0].raw.startswith(b"UNH+M1+")
    assert b"RFF+QLI:Q-77/1" in got.rejected[0].raw


def test_what_stands_outside_of_any_message_is_kept_and_said() -> None:
    whole = interchange(message(line()), message(line(), name="M2"))
    got = read(EdifactConnector(), whole.replace(b"UNH+M2", b"FTX+AAI+++lost'\r\nUNH+M2", 1))
    assert [dict(found["raw"])["UNH/reference"] for found in got.rows] == ["M1", "M2"]
    (rejected,) = got.rejected
    assert (rejected.raw.rstrip(), rejected.problems[0].code) == (b"FTX+AAI+++lost'", "E397")
    assert "stands outside of any message" in rejected.problems[0].message


def test_an_interchange_without_its_end_before_the_next() -> None:
    first = interchange(message(line())).replace(b"UNZ+1+IC1'\r\n", b"")
    got = read(EdifactConnector(), first + interchange(message(line(), name="M2")))
    assert [dict(found["raw"])["UNH/reference"] for found in got.rows] == ["M1", "M2"]
    (problem,) = got.rejected[0].problems
    assert "has no UNZ before the next begins" in problem.message
    assert problem.data is not None
    assert problem.data.offset == len(first) + len("UNA:+.? '\r\n")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"UNZ+1+IC1", b"UNZ+2+IC1", 'UNZ counts "2" messages, and the interchange has 1'),
        (b"UNZ+1+IC1", b"UNZ+1+IC9", 'begins as "IC1" and ends as "IC9"'),
        (b"UNZ+1+IC1'", b"", "has no UNZ before the file ends"),
    ],
)
def test_a_miscounted_interchange(old: bytes, new: bytes, told: str) -> None:
    data = interchange(message(line())).replace(old, new)
    got = read(EdifactConnector(), data)
    assert len(got.rows) == 1
    assert got.codes == [(2, "E325")]
    assert told in got.rejected[0].problems[0].message
    warned = read(EdifactConnector(), data, counts="warn")
    assert (len(warned.rows), warned.codes, warned.notes) == (1, [], ["E325"])


def test_counts_that_only_warn() -> None:
    data = interchange(message(line())).replace(b"CNT+2:1", b"CNT+2:3").replace(b"UNT+21", b"UNT+20")
    got = read(EdifactConnector(), data, counts="warn")
    assert (len(got.rows), got.codes, got.notes) == (1, [], ["E398", "E398"])


def test_several_interchanges_with_marks_of_their_own() -> None:
    first = interchange(message(line("QTY+1:1", "PRI+AAB:10.50")))
    second = interchange(message(line("QTY+1:1", "PRI+AAB:10,50"), name="M2"), una="UNA:+,? '")
    got = read(EdifactConnector(), b"\xef\xbb\xbf" + first + b"\x1a\r\n" + second)
    assert [found["unit_price"] for found in got.rows] == [Decimal("10.5")] * 2
    assert (got.codes, got.notes) == ([], [])
    assert got.places[1][2] == 3 + len(first) + 3 + second.index(b"LIN+1"), "bytes of the mark are counted"


@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_another_character_set_than_declared(codec: str) -> None:
    text = "“Sju nätter”"
    data = interchange(message(line("QTY+1:1", f"IMD+L+050+:::{text}")), codec=codec)
    got = read(EdifactConnector(), data)
    assert got.rows[0]["title"] == text
    assert got.notes == ["E399"]


def test_a_wrapped_file() -> None:
    data = interchange(message(line()), gap="")
    got = read(EdifactConnector(), b"\r\n".join(data[at : at + 80] for at in range(0, len(data), 80)))
    assert got.rows[0]["title"] == "Sju nätter på Åland"
    assert got.notes == ["E399"]


def test_what_is_no_edifact_is_refused() -> None:
    assert refusal(EdifactConnector(), b"Ordernr;ISBN\r\nA-1;9789199999012\r\n") == ["E395"]
    assert refusal(EdifactConnector(), "UNA:+.? '".encode("utf-16")) == ["E395"]


def test_inspect_tells_what_is_inside() -> None:
    data = interchange(message(line()), message(line(), kind="INVOIC", name="M2"))
    options = EdifactConnector.Options()
    assert EdifactConnector().inspect(bytes_source(data), options) == {
        "messages": "1 QUOTES, 1 INVOIC",
        "interchange": "from SENDER to BUYER",
        "encoding": "latin-1",
    }


@pytest.mark.parametrize(
    ("name", "rows", "codes"),
    [("SampleQuote.txt", 44, []), ("test2qty.ceq", 1, []), ("invoice_example", 0, ["E396", "E325"])],
)
def test_real_files(name: str, rows: int, codes: list[str]) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"no real file {name}")
    got = read(EdifactConnector(), DATA / name)
    assert (len(got.rows), [code for _, code in got.codes], got.notes) == (rows, codes, [])
    assert all(problem.severity is Severity.ERROR for item in got.rejected for problem in item.problems)


def test_values_of_the_real_quotation() -> None:
    if not (DATA / "SampleQuote.txt").exists():
        pytest.skip("no real file SampleQuote.txt")
    rows = read(EdifactConnector(), DATA / "SampleQuote.txt").rows
    assert [found["line_no"] for found in rows] == [str(number) for number in range(1, 45)]
    assert {found["order_id"] for found in rows} == {"OTG80561"}
    assert rows[6]["title"].startswith("Cook now, eat later : be one step ahead with over 130 delicious recipes")
    assert rows[2]["author"] == "Tulloch, Hugh"
    assert (rows[0]["unit_price"], rows[0]["placements"][0]["fund"]) == (Decimal("6.99"), "ANF")
    assert {found["quantity"] for found in rows} == {1}


def test_a_message_beyond_the_limit_is_rejected_with_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.formats.edifact_messages.MESSAGE_LIMIT", 2000)
    long = message(*[line(number=number) for number in range(1, 20)])
    got = read(EdifactConnector(), interchange(long, message(line(), name="M2")))
    assert got.codes == [(1, "E397")]
    assert len(got.rows) == 1
    assert got.rejected[0].raw.startswith(b"UNH+M1+")

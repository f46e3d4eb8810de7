"""Why a line waits for a person, and what a blocking profile refuses instead."""

from __future__ import annotations

from typing import Any

import pytest
from alma_client import Alma, code, order, sek, with_institution


def status(alma: Alma, **changes: Any) -> tuple[str, list[str]]:
    line = alma.app.world.store.line(alma.post(**changes)["number"])
    assert line is not None
    return alma.call("GET", f"/acq/po-lines/{line.number}")["status"]["value"], line.review


FUND = {"fund_code": code("HBG-BOK"), "amount": sek("258")}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"vendor": None}, "vendor missing"),
        ({"vendor": code("GONE"), "vendor_account": "GONE"}, "vendor GONE is inactive"),
        ({"vendor_account": None}, "vendor account missing"),
        ({"vendor_account": "BTJ"}, "account BTJ is not one of ADLIBRIS"),
        ({"price": None}, "price missing"),
        ({"fund_distribution": None}, "fund missing"),
        (
            {"fund_distribution": [{"fund_code": code("hbg-bok"), "amount": sek("258")}]},
            "fund code unknown: hbg-bok",
        ),
        (
            {"fund_distribution": [{"fund_code": code("BOCKER-25"), "amount": sek("258")}]},
            "fund BOCKER-25 cannot be used now",
        ),
        ({"owner": code("MAIN")}, "fund HBG-BOK cannot be used now"),
        (
            {"fund_distribution": [{"fund_code": code("TOM"), "amount": sek("258")}]},
            "fund TOM has no balance",
        ),
        (
            {"fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("257.99")}]},
            "not fully funded",
        ),
        (
            {
                "fund_distribution": [
                    {"fund_code": code("HBG-BOK"), "amount": sek("129")},
                    {"fund_code": code("HBG-BARN"), "amount": sek("129")},
                ]
            },
            "",
        ),
        ({"fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("300")}]}, ""),
        (
            {
                "acquisition_method": code("GIFT"),
                "fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("1")}],
            },
            "",
        ),
        ({"type": code("PRINT_CO")}, "renewal date missing"),
        ({"type": code("PRINT_CO"), "renewal_date": "2027-01-01Z"}, ""),
        ({"no_charge": True, "price": None, "fund_distribution": None}, ""),
        ({"acquisition_method": code("GIFT"), "price": None, "fund_distribution": None}, ""),
        ({"acquisition_method": code("LEGAL_DEPOSIT"), "price": sek("0"), "fund_distribution": None}, ""),
        (
            {"price": sek("10001"), "fund_distribution": [{"fund_code": code("BOCKER")}]},
            "alert: Price limit reached",
        ),
        (
            {"owner": code("MAIN"), "fund_distribution": [{"fund_code": code("HIST-M")}]},
            "review rule: fund HIST-M",
        ),
    ],
)
def test_what_waits_for_a_person(alma: Alma, changes: dict[str, Any], reason: str) -> None:
    assert status(alma, **changes) == (("INREVIEW", [reason]) if reason else ("SENT", []))


def test_manual_review_is_asked_for_in_the_query(alma: Alma) -> None:
    made = alma.call("POST", "/acq/po-lines", order(), requires_manual_review="true")
    assert made["alert"] == [{"value": "", "desc": "Manually marked for review."}]
    assert alma.call("GET", "/acq/po-lines/POL-1")["status"] == {"value": "INREVIEW", "desc": "In Review"}


def test_the_default_review_rule_comes_first() -> None:
    alma = with_institution(review={"default": True, "rules": [{"vendor": "ADLIBRIS", "review": False}]})
    assert status(alma) == ("INREVIEW", ["review rule: all lines are reviewed"])
    alma = with_institution(
        review={"rules": [{"vendor": "ADLIBRIS", "review": False}, {"owner": "HBG", "review": True}]}
    )
    assert status(alma) == ("SENT", [])
    assert status(alma, vendor=code("BTJ"), vendor_account="BTJ")[1] == ["review rule: owner HBG"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fund_distribution": None}, "not fully funded"),
        ({"fund_distribution": [{"fund_code": code("nope"), "amount": sek("258")}]}, "invalid fund code"),
        ({"fund_distribution": [{"fund_code": code("TOM"), "amount": sek("258")}]}, "insufficient balance"),
        ({"fund_distribution": [{"fund_code": code("HBG-BOK"), "amount": sek("1")}]}, "not fully funded"),
    ],
)
def test_a_blocking_profile_refuses_what_else_waits(alma: Alma, changes: dict[str, Any], words: str) -> None:
    assert alma.post(**changes)["number"] == "POL-1"
    assert (
        words in alma.refused("POST", "/acq/po-lines", order(**changes), profile_code="NEW_ORDER_STRICT")[1]
    )


def test_an_unknown_profile_is_refused(alma: Alma) -> None:
    assert alma.refused("POST", "/acq/po-lines", order(), profile_code="NOPE") == (
        "401872",
        "Given profile_code is illegal.",
    )


def test_money_is_taken_from_the_fund_until_it_is_empty() -> None:
    alma = with_institution(funds=[{"code": "HBG-BOK", "balance": "300", "currency": "SEK"}])
    assert status(alma)[1] == []
    assert status(alma)[1] == ["fund HBG-BOK has no balance"]

"""The page: it escapes what it shows, says what became of things, and speaks Swedish."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

from alma_client import Alma, code, order, sek, wish

from etl.simulator.call import Request
from etl.simulator.page import side_page

ATTACK = "<script>alert('x')</script>\"&"


def page(alma: Alma, path: str, **query: str) -> tuple[int, str]:
    answer = side_page(alma.app, Request("GET", path, query, {}, b""))
    return answer.status, answer.body.decode()


def test_everything_on_the_page_is_escaped(alma: Alma) -> None:
    body = order(
        vendor_reference_number=ATTACK,
        resource_metadata={"title": ATTACK, "isbn": ATTACK},
        number=f"N/{ATTACK}",
    )
    alma.call("POST", "/acq/po-lines", {**body, ATTACK: 1})
    alma.call(
        "POST",
        "/users/bo.ek/purchase-requests",
        wish(resource_metadata={"citation_type": code("BOOK"), "title": ATTACK}),
    )
    alma.raw("GET", f"/acq/{ATTACK}", q=ATTACK)
    for path in (
        "/",
        "/orders",
        "/requests",
        "/log",
        "/orders/" + quote(f"N/{ATTACK}", safe=""),
        "/requests/1",
        "/log/1",
        "/log/3",
        f"/{ATTACK}",
    ):
        status, text = page(alma, path)
        assert status == (404 if path == f"/{ATTACK}" else 200)
        assert "<script" not in text
        assert "script" in text or path in ("/requests",) or "&lt;script" in text
        assert "http" not in text.replace("http-equiv", "").replace(
            "http://sim/", ""
        )  # nothing from elsewhere


def test_the_page_shows_orders_faults_and_refusals(alma: Alma) -> None:
    alma.post(vendor=None)
    alma.raw("POST", "/acq/po-lines", b"{}")
    alma.raw("GET", "/acq/po-lines", headers={"x-sim-fault": "html-502"})
    text = page(alma, "/")[1]
    for words in (
        "POL-1",
        "Fyren vid havet",
        "INREVIEW",
        "vendor missing",
        "html-502",
        "401664",
        "Simulatorbiblioteken",
    ):
        assert words in text
    assert 'http-equiv="refresh" content="5"' in page(alma, "/", refresh="5")[1]
    assert "refresh" not in page(alma, "/", refresh="5;url=x")[1]
    assert "As it was sent" in page(alma, "/orders/POL-1")[1]
    assert page(alma, "/orders/POL-9")[0] == 404
    assert page(alma, "/requests/%C2%B2")[0] == 404


def test_the_log_says_what_alma_said_and_when(alma: Alma) -> None:
    alma.raw("POST", "/acq/po-lines", json.dumps(order(owner=code("X"))).encode())
    alma.post()
    for path in ("/", "/log", "/log/1"):
        text = page(alma, path)[1]
        assert "Given owner is illegal." in text
        assert "2026-03-02 12:00:00" in text
    assert '<a href="/orders/POL-1">POL-1</a>' in page(alma, "/log")[1]
    assert json.loads(page(alma, "/log.json")[1])[0]["text"] == "Given owner is illegal."


def test_the_page_of_requests_says_what_became_of_them(alma: Alma) -> None:
    for _ in range(3):
        alma.call("POST", "/users/bo.ek/purchase-requests", wish())
    alma.call("POST", "/acq/purchase-requests/1", {"approved_by": "bo.ek"}, op="approve")
    alma.call("POST", "/acq/purchase-requests/2", {"reject_reason": code("BUDGET")}, op="reject")
    alma.raw("DELETE", "/acq/purchase-requests/3")
    text = page(alma, "/requests")[1]
    for words in ('<a href="/orders/POL-1">POL-1</a>', "No budget", "till bokcirkeln; önskas snart"):
        assert words in text
    assert "No budget" in page(alma, "/requests/2")[1]
    log = page(alma, "/log")[1]
    assert '<a href="/requests/1">1</a>' in log
    assert '<a href="/requests/3">' not in log  # it is gone
    line = page(alma, "/orders/POL-1")[1]
    assert "As the purchase request made it" in line
    assert "approved_by" not in line
    assert '<a href="/requests/1">1</a>' in line


def test_the_page_speaks_swedish(alma: Alma) -> None:
    alma.post(vendor=None, fund_distribution=[{"fund_code": code("NIX"), "amount": sek("258")}])
    text = page(alma, "/", lang="sv")[1]
    for words in ('lang="sv"', "Beställningsrader", "leverantör saknas; okänd fondkod: NIX", "In English"):
        assert words in text
    assert '<a href="/orders/POL-1?lang=sv">POL-1</a>' in text
    assert "Som Alma sparar den" in page(alma, "/orders/POL-1", lang="sv")[1]
    assert page(alma, "/", lang="xx")[1] == page(alma, "/")[1]


def test_every_word_of_the_page_is_translated() -> None:
    """Each English word that the page says through its tongue has a Swedish one, or is the same."""
    from etl.simulator import page_layout, page_views, page_words

    said = set()
    for module in (page_layout, page_views):
        text = Path(module.__file__).read_text(encoding="utf-8")
        said |= {one[1] for one in re.finditer(r"""tongue\(["']([^"']+)["']\)""", text)}
        said |= {
            word for row in re.findall(r"heads = \[(.*?)\]", text) for word in re.findall(r'"(.*?)"', row)
        }
    missing = said - page_words._SWEDISH.keys() - {"Status", "ISBN", "#"}
    assert missing == set()
    assert len(said) > 25


def test_every_reason_is_translated() -> None:
    """The reasons stand in the code as texts: each begins one of the Swedish ones' patterns."""
    from etl.simulator import line_create, line_rules
    from etl.simulator.page_words import Tongue

    texts = set()
    for module in (line_create, line_rules):
        source = Path(module.__file__).read_text(encoding="utf-8")
        texts |= set(re.findall(r'reasons\.append\(\s*f?"(.*?)"', source))
        texts |= set(re.findall(r'\[f?"(review rule.*?)"\]', source))
    assert len(texts) > 10
    assert [text for text in texts if Tongue("sv").reason(text) == text] == []


def test_the_json_beside_the_page(alma: Alma) -> None:
    alma.post(vendor=None)
    (row,) = json.loads(page(alma, "/orders.json")[1])
    assert (row["number"], row["review"], row["vendor_reference_number"]) == (
        "POL-1",
        ["vendor missing"],
        "A-1001",
    )
    assert json.loads(page(alma, "/state.json")[1])["orders"] == 1
    assert json.loads(page(alma, "/log.json")[1])[0]["saved"] == "POL-1"
    assert json.loads(page(alma, "/requests.json")[1]) == []
    assert page(alma, "/secrets.json")[0] == 404

"""What is asked of Alma: paths, queries, headers, forms; and what is read back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from etl.alma.client import AlmaClient, listed_requests, total
from etl.alma.facts import amount, facts_of, facts_of_payload
from etl.alma.patience import Patience
from etl.alma.recovery import Kind
from etl.alma.tree import members, read_tree, text
from etl.alma.wire import Lost, Received, Sent


class Alma:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Received | Exception) -> None:
        self.answers, self.asked = list(answers), list[Sent]()

    def __call__(self, request: Sent) -> Received:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


OK = Received(200, {"x-exl-api-remaining": "498668"}, b'{"number":"POL-1","request_id":"9"}')
BUSY = Received(
    429, {}, b'{"errorList":{"error":[{"errorCode":"PER_SECOND_THRESHOLD","errorMessage":"over"}]}}'
)


@pytest.mark.parametrize(
    ("user", "path"),
    [
        ("anna", "anna"),
        ("reader@example.org", "reader%40example.org"),
        ("avd/barn 1", "avd%2Fbarn%201"),
        ("Åsa?x=1#y", "%C3%85sa%3Fx%3D1%23y"),
        ("..", "%2E%2E"),
        ("a%2Fb", "a%252Fb"),
    ],
)
def test_an_identifier_is_one_segment(user: str, path: str) -> None:
    alma = Alma(OK)
    AlmaClient(alma, user_id_type="BARCODE").post_request(user, b"{}")
    assert alma.asked[0].path == f"/almaws/v1/users/{path}/purchase-requests?user_id_type=BARCODE"


def test_order_lines_name_profile_and_review() -> None:
    alma = Alma(OK)
    outcome = AlmaClient(alma, profile_code="NEW ORDER", manual_review=True).post_line(b"{}")
    assert (
        alma.asked[0].path == "/almaws/v1/acq/po-lines?profile_code=NEW%20ORDER&requires_manual_review=true"
    )
    assert (outcome.done, outcome.remaining) == (True, 498668)


@pytest.mark.parametrize(
    ("body", "form"), [(b'{"a":1}', "application/json"), (b" <po_line/>", "application/xml; charset=UTF-8")]
)
def test_the_answer_comes_back_as_the_body_went(body: bytes, form: str) -> None:
    alma = Alma(OK)
    AlmaClient(alma).post_line(body)
    assert alma.asked[0].headers["Accept"] == form.partition(";")[0]
    assert alma.asked[0].headers["Content-Type"] == form


def test_searches_include_what_is_closed() -> None:
    alma = Alma(OK)
    AlmaClient(alma).lines("issn_isbn~9789199990019 AND vendor_code~BTJ", offset=100)
    assert "q=issn_isbn~9789199990019%20AND%20vendor_code~BTJ" in alma.asked[0].path
    assert "status=ALL_WITH_CLOSED" in alma.asked[0].path
    assert "offset=100" in alma.asked[0].path


@pytest.mark.parametrize("key", ["purchase_request", "user_request"])
def test_lists_of_requests_under_either_name(key: str) -> None:
    tree = read_tree(f'{{"{key}":[{{"request_id":"1"}}],"total_record_count":1}}'.encode())
    assert [text(row, "request_id") for row in listed_requests(tree)] == ["1"]
    assert total(tree) == 1


def test_an_empty_list_has_no_key() -> None:
    tree = read_tree(b'{"total_record_count":0}')
    assert members(tree, "po_line") == []
    assert total(tree) == 0


def test_json_and_xml_say_the_same() -> None:
    as_json = b"""{"number":"POL-1","owner":{"value":"HBG","desc":"x"},"price":{"sum":"249.0","currency":{"value":"SEK"}},
      "note":[{"note_text":"a"}],"location":[{"quantity":2,"library":{"value":"HBG"}},{"quantity":1}],
      "resource_metadata":{"title":"En  bok","isbn":"91-9999-001-5","mms_id":{"value":"99"}},"created_date":"2024-03-11Z"}"""
    as_xml = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?><po_line><number>POL-1</number>
      <owner desc="x">HBG</owner><price><sum>249.00</sum><currency desc="y">SEK</currency></price>
      <notes><note><note_text>a</note_text></note></notes>
      <locations><location><quantity>2</quantity><library>HBG</library></location><location><quantity>1</quantity></location></locations>
      <resource_metadata><title>En bok</title><isbn>9789199990019</isbn><mms_id link="x">99</mms_id></resource_metadata>
      <created_date>2024-03-11Z</created_date></po_line>"""
    facts = facts_of_payload(as_json)
    assert facts == facts_of_payload(as_xml)
    assert (facts.price, facts.quantity, facts.created, facts.mms_id) == ("249", "3", "2024-03-11", "99")
    assert facts.isbn[:12] == "978919999001"


def test_amounts_are_numbers() -> None:
    assert {amount(one) for one in ("234", "234.0", "234.00", "0234")} == {"234"}
    assert amount("0.00") == "0"
    assert amount("100") == "100"
    assert amount("x") == "x"
    assert Decimal(amount("1E+2")) == 100


def test_facts_of_nothing() -> None:
    assert facts_of({}).as_dict() == {}
    assert facts_of_payload(b"\xff\xfe").as_dict() == {}


def test_throttled_is_tried_again_even_a_post() -> None:
    alma = Alma(BUSY, BUSY, OK)
    outcome = Patience(first=0.001).write(lambda: AlmaClient(alma).post_line(b"{}"))
    assert outcome.done
    assert len(alma.asked) == 3


def test_patience_ends() -> None:
    alma = Alma(BUSY)
    outcome = Patience(first=0.0001, tries=4).write(lambda: AlmaClient(alma).post_line(b"{}"))
    assert (outcome.verdict.kind, len(alma.asked)) == (Kind.THROTTLED, 4)


def test_a_post_without_answer_is_not_repeated_and_a_get_is() -> None:
    alma = Alma(Lost("gone"), OK)
    assert Patience(first=0.001).write(lambda: AlmaClient(alma).post_line(b"{}")).verdict.kind is Kind.UNKNOWN
    assert len(alma.asked) == 1
    alma = Alma(Lost("gone"), OK)
    assert Patience(first=0.001).read(lambda: AlmaClient(alma).line("POL-1")).done
    assert len(alma.asked) == 2


def test_pauses_double_and_jitter() -> None:
    waited: list[float] = []

    class Stop:
        def wait(self, seconds: float) -> bool:
            waited.append(seconds)
            return False

    patience = Patience(first=1.0, tries=8, stop=Stop(), jitter=lambda: 0.5)  # type: ignore[arg-type]
    patience.write(lambda: AlmaClient(Alma(BUSY)).post_line(b"{}"))
    assert waited == [1, 2, 4, 8, 16, 32, 60]

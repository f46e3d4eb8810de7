"""What a person decides about an order → compared with what Alma has, before the ledger believes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alma_orders import KEY, Desk, at_simulator, line, request
from waiting import until

from etl.alma.wire import Wire
from etl.cli.main import run_cli
from etl.ledger.database import open_database, transaction
from etl.problems import Problem, Unavailable
from etl.simulator import Timing, load_institution

Etl = Callable[..., tuple[int, str, str]]
DOUBTFUL = " SIM-FAULT-error-500"
SAVED = " SIM-FAULT-error-500-after"
"""In doubt as well, and found at the first look: the next one would come a quarter of a minute later."""
MAPPING = """\
version: 1
name: m
target: po_line
source: {{connector: csv, path: orders.csv}}
key: [order]
fields: {{owner: HBG, type: PRINTED_BOOK_OT, resource_metadata: {{title: "{{{{ title }}}}"}}}}
sink: {{type: alma, base_url: '{url}', key: 'env:TEST_ALMA_KEY', settle_wait: {wait}}}
"""


def mapping(desk: Desk, wait: float = 0.05) -> None:
    """m.yaml, whose sink is the desk's Alma."""
    (desk.folder / "m.yaml").write_text(MAPPING.format(url=desk.url, wait=wait), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


@pytest.fixture
def etl(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Etl:
    """At the desk, with no options in the environment but the key's own."""
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("TEST_ALMA_KEY", KEY)
    mapping(desk)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(list(words))
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        return code, said.out, said.err

    return call


def state(etl: Etl, key: str) -> str:
    return etl("ledger", "list", key)[1].split()[1]


def test_a_number_is_compared_with_what_was_sent(desk: Desk, etl: Etl) -> None:
    desk.post(line(1), line(2, mark=SAVED), settle_wait=600, max_unknown=1)
    with_sink = ("--mapping", "m.yaml", "--by", "anna")
    for number, words in (("POL-99999999", "Alma has no"), ("POL-1", "is another order: Alma has POL-1")):
        code, _, said = etl("ledger", "resolve", "2", "--posted", number, *with_sink)
        assert code == 2
        assert f'error[E826] "{number}" {words}' in said or f'error[E826] {words} "{number}"' in said
        assert "--force" in said
    assert etl("ledger", "resolve", "2", "--posted", "")[0] == 2
    assert state(etl, "O-2") == "unknown"
    assert etl("ledger", "resolve", "2", "--posted", "POL-2", *with_sink)[0] == 0
    _, out, _ = etl("ledger", "show", "2")
    assert "anna: it is in Alma as POL-2 (Alma agrees)" in out


def test_without_an_alma_the_word_of_a_person_is_taken_as_such(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, mark=DOUBTFUL), max_unknown=9)
    assert etl("ledger", "resolve", "1", "--posted", "POL-77", "--by", "anna")[0] == 0
    assert "anna: it is in Alma as POL-77 (not checked against Alma)" in etl("ledger", "show", "1")[1]


def test_a_wrong_number_can_be_taken_back(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, mark=DOUBTFUL), max_unknown=9)
    etl("ledger", "resolve", "1", "--posted", "POL-77", "--force")
    code, _, said = etl("ledger", "release", "1")
    assert code == 2
    assert "E815" in said
    assert "--not-in-alma" in said
    assert etl("ledger", "release", "1", "--not-in-alma", "--mapping", "m.yaml", "--by", "anna")[0] == 0
    assert state(etl, "O-1") == "released"
    assert (
        "anna: it is not in Alma as POL-77 and may be sent again (Alma agrees)"
        in etl("ledger", "show", "1")[1]
    )


def test_what_is_in_alma_is_not_taken_back(desk: Desk, etl: Etl) -> None:
    desk.post(line(1), request(1))
    for one in ("1", "2"):
        code, _, said = etl("ledger", "release", one, "--not-in-alma", "--mapping", "m.yaml")
        assert code == 2
        assert "error[E826] Alma has" in said
    with transaction(open_database("etl-ledger.sqlite", desk.folder)) as connection:
        connection.exec_driver_sql("update orders set number = 'POL-99' where id = 1")
    code, _, said = etl("ledger", "release", "1", "--not-in-alma", "--mapping", "m.yaml")
    assert code == 2
    assert "found in Alma as POL-1" in said
    assert etl("ledger", "list", "--state", "released") == (0, "", 'no order fits in "etl-ledger.sqlite"\n')


@pytest.mark.parametrize("doubt", ["unknown", "held"])
def test_what_may_be_in_alma_is_looked_for_before_it_is_sent_again(desk: Desk, etl: Etl, doubt: str) -> None:
    """By whom there is an Alma to ask; else what a person says is written down as that."""
    desk.post(line(1, mark=SAVED), settle_wait=600, max_unknown=1)
    if doubt == "held":
        with transaction(open_database("etl-ledger.sqlite", desk.folder)) as connection:
            connection.exec_driver_sql(
                """update orders set state = 'held', cause = '{"rule": "several", "orders": []}'"""
            )
    code, _, said = etl("ledger", "release", "1", "--mapping", "m.yaml")
    assert (code, "error[E826]" in said, "POL-1" in said) == (2, True, True), said
    assert "etl ledger resolve 1 --posted NUMBER" in said
    assert state(etl, "O-1") == doubt
    assert etl("ledger", "release", "1", "--by", "anna")[0] == 0
    told = "anna: it is not in Alma and may be sent again (not checked against Alma)"
    assert told in etl("ledger", "show", "1")[1]


def test_what_alma_does_not_have_is_sent_again_once_that_counts(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, mark=DOUBTFUL), settle_wait=600, max_unknown=1)
    mapping(desk, wait=600)
    code, _, said = etl("ledger", "release", "1", "--mapping", "m.yaml")
    assert (code, "error[E826]" in said, "600 seconds" in said) == (2, True, True), said
    assert state(etl, "O-1") == "unknown"
    mapping(desk)
    assert etl("ledger", "release", "1", "--mapping", "m.yaml")[0] == 0
    assert "may be sent again (Alma agrees)" in etl("ledger", "show", "1")[1]


def test_an_id_is_an_order_however_many_keys_have_it(desk: Desk, etl: Etl) -> None:
    """A customer's number stands in every key, as often as there are orders."""
    count = 23
    parts = (str(count), "ADLIBRIS")
    desk.post(*(replace(line(number), key=(*parts, f"O-{number}")) for number in range(1, count + 1)))
    for number in (1, count):
        code, out, _ = etl("ledger", "show", str(number), "--format", "json")
        assert (code, json.loads(out)["id"]) == (0, number)
    code, _, said = etl("ledger", "show", "ADLIBRIS")
    assert (code, "may be more than 20 orders" in said) == (2, True), said


def test_a_change_may_be_answered_with_what_alma_has(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    changed = line(1, receiving_note="Signera")
    assert [one.outcome for one in desk.post(changed)[0]] == ["held"]
    assert etl("ledger", "resolve", "1", "--keep", "--accept-change")[0] == 2
    assert etl("ledger", "resolve", "1", "--keep", "--by", "anna")[0] == 0
    assert [one.outcome for one in desk.post(changed)[0]] == ["already posted"]
    assert "anna: what is in Alma is right" in etl("ledger", "show", "1")[1]


def test_several_institutions_are_not_mistaken_for_one(desk: Desk, etl: Etl) -> None:
    other = load_institution().changed(code="01SANDBOX_INST")
    with at_simulator(desk.folder, institution=other) as rehearsal:
        desk.post(line(1))
        rehearsal.post(line(2, mark=SAVED), institution="sandbox", max_unknown=1)
        alma = ("--base-url", rehearsal.url, "--key", "env:TEST_ALMA_KEY")
        for words in (("resolve", *alma), ("dead-letters", "--out", "d.csv")):
            code, _, said = etl("ledger", *words)
            assert code == 2
            assert "has orders of alma, sandbox: say --institution or --mapping" in said
        code, _, said = etl("ledger", "resolve", *alma, "--institution", "sandbox")
        assert '1 order in doubt at "sandbox"' in said
        typed = ("--base-url", rehearsal.url, "--institution", "sandbox")
        code, _, said = etl("ledger", "resolve", "--mapping", "m.yaml", *typed)
        assert 'at "sandbox"' in said, "what is typed beside the mapping wins"
    code, _, said = etl("ledger", "resolve", "--mapping", "m.yaml")
    assert (code, '0 orders in doubt at "alma"' in said) == (0, True)
    code, _, said = etl("ledger", "release", "2", "--mapping", "m.yaml")
    assert code == 2
    assert 'order 2 belongs to "sandbox", and the mapping posts to "alma"' in said


def test_the_only_institution_need_not_be_named(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, mark=SAVED), institution="sandbox", max_unknown=1)
    _, _, said = etl("ledger", "resolve", "--base-url", desk.url, "--key", "env:TEST_ALMA_KEY")
    assert 'order in doubt at "sandbox"' in said


@pytest.mark.parametrize(
    "words", [("requests", "list"), ("pull", "--institution-file", "i.json"), ("ledger", "resolve")]
)
def test_every_verb_reaches_alma_the_way_a_site_needs(
    desk: Desk, etl: Etl, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, object]] = []

    def wire(address: object, key: object, **how: object) -> None:
        made.append(how)
        raise Unavailable(Problem("E832", "away"))

    monkeypatch.setattr("etl.sinks.alma.Wire", wire)
    (desk.folder / "ca.pem").touch()
    way = ("--proxy", "http://127.0.0.1:9", "--ca-file", "ca.pem", "--user-id-type", "BARCODE")
    assert etl(*words, "--base-url", desk.url, "--key", "env:TEST_ALMA_KEY", *way)[0] == 5
    assert etl(*words, "--mapping", "m.yaml", *way)[0] == 5
    assert etl(*words, "--mapping", "m.yaml")[0] == 5
    assert [how["proxy"] for how in made] == ["http://127.0.0.1:9", "http://127.0.0.1:9", None]
    assert [how["ca_file"] for how in made] == ["ca.pem", str(desk.folder / "ca.pem"), None]


def test_users_are_named_by_the_type_given(desk: Desk, etl: Etl, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    call = Wire.__call__
    monkeypatch.setattr(
        "etl.alma.wire.Wire.__call__", lambda wire, sent: asked.append(sent.path) or call(wire, sent)
    )
    etl("requests", "list", "--user", "anna.lind", "--mapping", "m.yaml", "--user-id-type", "BARCODE")
    assert "user_id_type=BARCODE" in asked[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("approve", "1", "--by", " "),
        ("approve", "", "--by", "bo.ek"),
        ("reject", "1", "--reason", ""),
        ("cancel", "1", "--user", ""),
        ("show", " "),
    ],
)
def test_blank_is_not_a_name(desk: Desk, etl: Etl, words: tuple[str, ...]) -> None:
    desk.post(request(1))
    yes = ("--yes",) if words[0] != "show" else ()
    code, _, said = etl("requests", *words, "--mapping", "m.yaml", *yes)
    assert code == 2
    assert "it is blank" in said
    assert "INREVIEW" in etl("requests", "list", "--mapping", "m.yaml")[1]


@pytest.mark.parametrize("words", [("ledger", "resolve"), ("verify", "--wait", "60")])
def test_a_signal_ends_asking(tmp_path: Path, words: tuple[str, ...]) -> None:
    """SIGTERM: exit code 130, and what was found until then is written down."""
    with at_simulator(tmp_path, timing=Timing(600, 600, 0, 0)) as desk:
        desk.post(line(1), line(2, mark=DOUBTFUL), settle_wait=600, max_unknown=1)
        mapping(desk, wait=60)
        assert desk.simulator is not None
        before = desk.simulator.log.total
        named = ("--mapping", "m.yaml") if words[0] == "ledger" else ("m.yaml",)
        process = subprocess.Popen(
            [sys.executable, "-m", "etl", *words, *named], cwd=tmp_path,
            env={"TEST_ALMA_KEY": KEY, "PATH": ""}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(lambda: desk.simulator.log.total > before, process)  # it asks, so it can be told
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate()
    assert process.returncode == 130, out + said
    assert "Traceback" not in said
    assert "in doubt" in said or "in Alma:" in said

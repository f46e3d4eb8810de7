"""Problem codes: raised in the source = explained in etl/codes = shown by a case folder."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from etl import codes

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
_CODE = re.compile(r"\bE\d{3}\b")
explanations = cache(codes.explanations)
"""Read once for the hundreds of tests that look at one each."""

# Codes that no command line reaches, why, and the test that raises each instead. Keep it short.
OUT_OF_REACH = {
    "E217": ("needs a broken installation", "test_out_of_reach.py::test_an_extension_that_cannot_be_imported"),
    "E255": ("needs a ledger", "cli/test_check_ledger.py::test_a_changed_key_is_seen_before_the_run"),
    "E256": ("needs a ledger", "cli/test_check_ledger.py::test_a_vendor_that_was_renamed_in_a_table"),
    "E300": ("needs a file that vanishes after it was found", "test_out_of_reach.py::test_a_file_that_vanishes"),
    "E308": ("columns are checked before they are read", "test_out_of_reach.py::test_a_wanted_column_nobody_declared"),
    "E415": ("needs a connector that gives floats", "template/filters/test_filter_money.py::test_a_float_of_a_connector_is_no_amount"),
    "E507": ("needs a connector that gives floats", "documents/test_build_faults.py::test_a_float_of_a_connector_is_no_price"),
    "E462": ("a run has always a day", "test_out_of_reach.py::test_a_dated_row_without_a_day"),
    "E613": ("needs a system that says no", "exit_codes/test_ways_to_stop.py::test_what_the_system_refuses_is_no_bug"),
    "E614": ("needs a killed run", "exit_codes/test_ways_to_stop.py::test_killed_while_delivering"),
    "E616": ("needs a reader that goes away", "exit_codes/test_ways_to_stop.py::test_output_that_takes_no_more"),
    "E620": ("needs a disk that fails", "exit_codes/test_ledger_disk.py::test_the_ledgers_disk_fails"),
    "E622": ("needs a ledger", "ledger/test_keeping.py::test_what_a_restore_would_lose_is_told"),
    "E623": ("needs a ledger that was damaged", "ledger/test_soundness.py::test_what_no_run_leaves_so_is_told"),
    "E625": ("needs a disk that lies", "ledger/test_keeping.py::test_a_copy_that_reads_otherwise_is_none"),
    "E801": ("every mapping has a key", "sinks/test_alma_orders.py::test_without_a_key_nothing_is_sent"),
    "E803": ("needs an Alma", "sinks/test_sink_options.py::test_certificates_that_cannot_be_read"),
    "E811": ("needs a ledger of the future", "ledger/test_ledger.py::test_a_newer_ledger_is_refused"),
    "E813": ("needs a database that goes away", "ledger/test_ledger.py::test_what_cannot_be_opened_is_said_without_the_password"),
    "E814": ("needs an Alma", "sinks/test_alma_orders.py::test_a_rehearsal_does_not_count_as_an_order"),
    "E815": ("needs a ledger", "ledger/test_ledger.py::test_people_cannot_contradict_what_is_known"),
    "E816": ("needs a ledger", "ledger/test_ledger.py::test_people_cannot_contradict_what_is_known"),
    "E817": ("needs a ledger", "ledger/test_ledger.py::test_people_cannot_contradict_what_is_known"),
    "E819": ("needs a ledger", "sinks/test_alma_verbs.py::test_show_has_the_whole_story"),
    "E820": ("needs an Alma", "sinks/test_alma_orders.py::test_refused_orders_are_sent_again"),
    "E821": ("needs an Alma", "sinks/test_alma_orders.py::test_an_own_number_that_is_ours_already"),
    "E822": ("needs an Alma", "sinks/test_alma_orders.py::test_orders_that_cannot_be_searched_are_held"),
    "E823": ("needs an Alma", "sinks/test_alma_orders.py::test_another_payload_is_held_until_a_person_says"),
    "E824": ("needs an Alma", "sinks/test_alma_orders.py::test_several_that_could_be_it_are_listed"),
    "E825": ("needs a second process", "sinks/test_alma_orders.py::test_a_process_that_never_finishes_is_not_waited_for"),
    "E804": ("needs an Alma", "sinks/test_ledger_witness.py::test_it_is_noticed_before_anything_is_sent"),
    "E805": ("needs a second process", "sinks/test_alma_changes.py::test_killed_between_intent_and_answer"),
    "E806": ("needs an Alma", "sinks/test_alma_changes.py::test_each_fault_leaves_it_done_once_or_not_at_all"),
    "E807": ("needs an Alma", "sinks/test_alma_changes.py::test_what_alma_does_not_let_through_is_told_and_nothing_is_sent"),
    "E808": ("needs an Alma", "sinks/test_alma_changes.py::test_what_somebody_changed_in_alma_is_not_written_over_unless_named"),
    "E837": ("needs an Alma", "deadletters/test_lines_mapped_again.py::test_what_could_not_be_read_is_named"),
    "E838": ("needs an Alma", "deadletters/test_lines_mapped_again.py::test_an_order_that_is_older_than_that_is_said"),
    "E828": ("needs an Alma", "sinks/test_alike_orders.py::test_it_is_held_at_every_run_and_names_the_other"),
    "E829": ("needs an old ledger", "ledger/test_older_ledgers.py::test_two_keys_of_one_normal_form_are_told_once"),
    "E827": ("needs a second process", "sinks/test_alma_lapse.py::test_what_was_sent_before_nobody_could_ask_is_said_aloud"),
    "E826": ("needs a ledger", "ledger/test_ledger.py::test_a_number_that_cannot_be_one_loses_no_order"),
    "E830": ("needs an Alma", "sinks/test_alma_orders.py::test_a_key_that_may_not_stops_the_run"),
    "E831": ("needs an Alma", "sinks/test_alma_orders.py::test_the_days_calls_run_out"),
    "E833": ("needs an Alma", "sinks/test_alma_orders.py::test_the_reserve_is_left_to_others"),
    "E834": ("needs an Alma", "sinks/test_alma_faults.py::test_three_in_a_row_without_answer_stop_the_run"),
    "E835": ("needs an Alma", "sinks/test_alma_verbs.py::test_purchase_requests_by_hand"),
    "E836": ("needs an Alma", "sinks/test_alma_verbs.py::test_a_decision_without_answer"),
    "E848": ("needs an Alma", "institution/test_pull.py::test_what_the_key_may_not_read_is_said"),
    "E849": ("needs an Alma", "institution/test_pull.py::test_a_file_that_cannot_be_written"),
    "E853": ("needs an Alma", "verify/test_verify.py::test_what_alma_changed_is_said_in_words"),
    "E854": ("needs an Alma", "verify/test_verify.py::test_a_line_that_is_gone"),
    "E855": ("needs an Alma", "verify/test_verify.py::test_a_prediction_that_does_not_hold"),
    "E856": ("needs a ledger", "deadletters/test_dead_letters.py::test_one_bad_row_and_nothing_is_sent"),
    "E857": ("needs a ledger", "deadletters/test_dead_letters.py::test_the_same_sheet_twice_sends_once"),
    "E858": ("needs an Alma", "verify/test_verify.py::test_a_line_cancelled_in_alma"),
    "E859": ("needs a ledger", "ledger/test_clocks.py::test_a_slot_or_an_answer_that_is_yet_to_come"),
    "E900": ("needs a bug", "test_out_of_reach.py::test_a_bug_of_ours"),
}  # fmt: skip


# Files in which "E241" is something else.
NO_CODES = {"connectors/formats/mrk_mnemonics.py"}  # bytes of MARC-8, in hexadecimal


@cache
def raised() -> dict[str, list[str]]:
    """Code → the files that hold it as a text of its own (a message may also mention others)."""
    found: dict[str, list[str]] = {}
    for package in ("etl", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() in NO_CODES:
                continue
            for code in re.findall(r'"(E\d{3})"', path.read_text(encoding="utf-8")):
                found.setdefault(code, []).append(path.relative_to(ROOT).as_posix())
    return found


@cache
def shown() -> dict[str, str]:
    """Code → its first case folder; the code must stand in what the command says."""
    found: dict[str, str] = {}
    for folder in sorted(CASES.iterdir()):
        code = folder.name.split("-")[0]
        expected = folder / "expected.txt"
        if (
            _CODE.fullmatch(code)
            and expected.is_file()
            and f"[{code}]" in expected.read_text(encoding="utf-8")
        ):
            found.setdefault(code, folder.name)
    return found


def test_every_code_that_is_raised_is_explained() -> None:
    silent = {code: files for code, files in raised().items() if code not in explanations()}
    assert silent == {}, "write  ## CODE title  and a paragraph in etl/codes/"


def test_every_explained_code_is_raised() -> None:
    assert sorted(set(explanations()) - set(raised())) == [], "take the paragraph out of etl/codes/"


def test_every_code_has_a_case_folder() -> None:
    missing = sorted(set(raised()) - set(shown()) - set(OUT_OF_REACH))
    assert missing == [], "make tests/cases/CODE-slug/ that triggers it; see tests/test_cases.py"


def test_every_case_folder_shows_its_code() -> None:
    names = [folder.name for folder in CASES.iterdir() if _CODE.fullmatch(folder.name.split("-")[0])]
    wrong = [name for name in names if name.split("-")[0] not in shown()]
    assert wrong == [], "the folder's name promises a code that its expected.txt does not show"
    assert sorted(set(shown()) - set(raised())) == []


@pytest.mark.parametrize("code", OUT_OF_REACH)
def test_codes_out_of_reach_have_a_test(code: str) -> None:
    why, test = OUT_OF_REACH[code]
    file, name = test.split("::")
    body = re.search(
        rf"^def {name}\(.*?(?=^def |\Z)",
        (ROOT / "tests" / file).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert why
    assert body is not None, f"{test} is gone"
    assert code in body[0], f"{test} does not mention {code}"
    assert code not in shown(), f"{code} has a case folder by now: take it off the list"


@pytest.mark.parametrize("code", sorted(explanations()))
def test_explanations_are_sentences(code: str) -> None:
    one = explanations()[code]
    assert one.title == one.title.strip()
    assert one.title.rstrip(".") == one.title, "a title has no full stop"
    assert one.text.rstrip().endswith((".", ")", "`", "```")), "finish the sentence"
    assert 40 <= len(one.text) <= 1200, "what it means, why it happens, what to do: a paragraph"


@pytest.mark.parametrize("code", sorted(explanations()))
def test_codes_mentioned_in_explanations_exist(code: str) -> None:
    unknown = set(_CODE.findall(explanations()[code].text)) - set(explanations())
    assert unknown == set()

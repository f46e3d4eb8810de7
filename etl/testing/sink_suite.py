"""A sink and a place for it → the promises every sink makes, as tests.

    class TestFtpDrop(SinkSuite):
        sink = FtpDropSink()
        options = {"directory": "out"}
        unusable = {"directory": "blocked/out"}

Relative paths are relative to a fresh folder in which `blocked` is a file. A sink that writes elsewhere
says with `delivered` what has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from pydantic import ValidationError

from etl.plugin import Item, Receipt, Refusal, Sink

OUTCOMES = {"written", "posted", "already posted", "refused", "held", "unknown"}
ARRIVED = {"written", "posted", "already posted"}


def items(count: int = 4) -> list[Item]:
    """Documents with different keys and bytes, and text beyond ASCII."""
    return [
        Item(
            (f"A-{n}", "1"),
            f"A-{n}-1",
            document(f"Å-{n}"),
            "po_line",
        )
        for n in range(1, count + 1)
    ]


def document(title: str) -> bytes:
    """A payload as the target po_line writes it: a sink may replace no other file."""
    code = '{"value": "MAIN"}'
    metadata = f'{{"title": "{title}"}}'
    return f'{{"owner": {code}, "type": {code}, "resource_metadata": {metadata}}}\n'.encode()


class SinkSuite:
    """Subclass it, name the class Test…, and set `sink` and `options`."""

    sink: ClassVar[Sink]
    options: ClassVar[Mapping[str, object]] = {}
    unusable: ClassVar[Mapping[str, object] | None] = None
    """Options that name a place which cannot be used; None if there is no such thing."""

    def delivered(self, base: Path) -> dict[str, bytes]:
        """What has arrived: name → bytes. Override it for a sink that does not write below `base`."""
        return {
            path.relative_to(base).as_posix(): path.read_bytes()
            for path in sorted(base.rglob("*"))
            if path.is_file() and path.name != "blocked"
        }

    @pytest.fixture
    def base(self, tmp_path: Path) -> Path:
        """The folder relative paths start from."""
        folder = tmp_path / "base"
        folder.mkdir()
        (folder / "blocked").write_text("a file where a folder is wanted", encoding="utf-8")
        return folder

    # ------------------------------------------------------------------------------- what it declares

    def test_has_a_name_and_a_summary(self) -> None:
        assert self.sink.name.isidentifier()
        assert self.sink.summary.strip()
        assert "\n" not in self.sink.summary

    def test_every_option_of_its_own_is_described(self) -> None:
        own = {name: field for name, field in self.sink.Options.model_fields.items() if name != "format"}
        assert [name for name, field in own.items() if not field.description] == []

    def test_refuses_an_unknown_option(self) -> None:
        with pytest.raises(ValidationError):
            self.sink.Options.model_validate({**self.options, "no_such_option": 1})

    def test_wants_a_form_that_exists(self) -> None:
        assert self.sink.form(self._options()) in ("json", "json-line", "xml")

    # ------------------------------------------------------------------------------------ what it does

    def test_answers_for_every_item_in_order(self, base: Path) -> None:
        wanted = items()
        receipts = self._deliver(wanted, base)
        assert [receipt.key for receipt in receipts] == [item.key for item in wanted]
        for receipt in receipts:
            check_receipt(receipt)

    def test_every_payload_arrives_unchanged(self, base: Path) -> None:
        wanted = items()
        receipts = self._deliver(wanted, base)
        arrived = b"".join(self.delivered(base).values())
        for item, receipt in zip(wanted, receipts, strict=True):
            if receipt.outcome in ARRIVED:
                assert item.payload in arrived

    def test_keeps_up_with_its_input(self, base: Path) -> None:
        """Items are taken as receipts are given: a million of them never wait in memory."""
        taken = 0

        def counted() -> Iterator[Item]:
            nonlocal taken
            for item in items(20):
                taken += 1
                yield item

        receipts = iter(self.sink.deliver(counted(), self._options(), base))
        for given in range(1, 6):
            next(receipts)
            assert taken <= given + 1
        close(receipts)

    def test_the_second_run_changes_nothing(self, base: Path) -> None:
        self._deliver(items(), base)
        first = self.delivered(base)
        self._deliver(items(), base)
        assert self.delivered(base) == first

    def test_a_changed_document_replaces_the_old_one_whole(self, base: Path) -> None:
        before = items()
        self._deliver(before, base)
        after = [replace(before[0], payload=document("B")), *before[1:]]
        receipts = self._deliver(after, base)
        if receipts[0].outcome == "written":
            arrived = b"".join(self.delivered(base).values())
            assert after[0].payload in arrived
            assert before[0].payload not in arrived

    def test_no_items_are_no_error(self, base: Path) -> None:
        assert self._deliver([], base) == []

    def test_delivers_again_after_an_empty_run(self, base: Path) -> None:
        self._deliver([], base)
        assert len(self._deliver(items(), base)) == len(items())

    # ------------------------------------------------------------------------------- when it is stopped

    def test_nothing_half_written_when_nobody_waits_for_the_rest(self, base: Path) -> None:
        receipts = iter(self.sink.deliver(iter(items()), self._options(), base))
        next(receipts)
        close(receipts)
        self._check_whole(base)

    def test_nothing_half_written_when_the_input_fails(self, base: Path) -> None:
        def failing() -> Iterator[Item]:
            yield from items(2)
            raise RuntimeError("the mapping broke")

        with pytest.raises(RuntimeError, match="the mapping broke"):
            list(self.sink.deliver(failing(), self._options(), base))
        self._check_whole(base)

    def test_a_stopped_run_leaves_the_earlier_one_whole(self, base: Path) -> None:
        self._deliver(items(), base)
        before = self.delivered(base)
        receipts = iter(self.sink.deliver(iter(items()), self._options(), base))
        next(receipts)
        close(receipts)
        assert self.delivered(base) == before

    def test_refuses_a_place_it_cannot_use(self, base: Path) -> None:
        if self.unusable is None:
            pytest.skip("there is no place this sink could not use")
        options = self.sink.Options.model_validate(dict(self.unusable))
        with pytest.raises(Refusal) as refused:
            list(self.sink.deliver(iter(items()), options, base))
        for problem in refused.value.problems:
            assert problem.code[:1] == "E"
            assert problem.message.strip()
        assert self.delivered(base) == {}

    # ---------------------------------------------------------------------------------------- plumbing

    def _options(self) -> Any:
        return self.sink.Options.model_validate(dict(self.options))

    def _deliver(self, wanted: list[Item], base: Path) -> list[Receipt]:
        answers = self.sink.deliver(iter(wanted), self._options(), base)
        return [answer for answer in answers if isinstance(answer, Receipt)]

    def _check_whole(self, base: Path) -> None:
        """Everything that has arrived consists of whole payloads, and nothing else lies about."""
        for name, data in self.delivered(base).items():
            for item in items():
                data = data.replace(item.payload, b"")
            assert data == b"", f"{name} is half written"


def check_receipt(receipt: Receipt) -> None:
    """It has an outcome, says where, and why not if it was refused."""
    assert receipt.outcome in OUTCOMES
    if receipt.outcome in ARRIVED:
        assert receipt.where
    if receipt.outcome in ("refused", "held", "unknown"):
        assert receipt.problem is not None


def close(receipts: Iterator[object]) -> None:
    """Stop listening, as the engine does when it is interrupted."""
    with suppress(AttributeError):
        cast(Any, receipts).close()

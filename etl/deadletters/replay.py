"""An edited sheet → the orders to send again, each checked; or every reason why none is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from etl.deadletters.cells import BadCell, cells_of, changes_of, edited
from etl.deadletters.columns import FIELDS, NO, SEND, USER, YES
from etl.deadletters.letters import Letter
from etl.deadletters.sheet import SheetRow
from etl.institution.check import CodeCheck
from etl.ledger.orders import Order, State
from etl.plugin import Item, Target
from etl.problems import DataPlace, Problem, Refusal
from etl.run.naming import name_of


@dataclass(frozen=True, slots=True)
class Replayed:
    """An order to be sent, and what was changed in it: column → (before, now)."""

    item: Item
    changed: Mapping[str, tuple[str, str]]
    order: Order | None

    def words(self, who: str) -> str:
        """For the ledger's history."""
        told = "; ".join(f'{name}: "{old}" → "{new}"' for name, (old, new) in self.changed.items())
        return f"{who}: sent again from the sheet, {told or 'unchanged'}"


@dataclass(frozen=True, slots=True)
class Replay:
    """What rows are compared with and checked by. `letters` are those that wait now, by reference."""

    file: Path
    letters: Mapping[str, Letter]
    targets: Mapping[str, Target]
    codes: Mapping[str, CodeCheck]

    def orders(self, rows: Iterable[SheetRow]) -> list[Replayed]:
        """The orders of all rows marked to be sent.

        Raises Refusal (E856, E857) with every bad row, sending none: half a sheet sent would be a puzzle.
        """
        found: list[Replayed] = []
        problems: list[Problem] = []
        seen: dict[str, int] = {}
        for row in rows:
            try:
                if not self._wanted(row):
                    continue
                found.append(self._order(row, seen))
            except BadCell as error:
                problems.append(self._problem("E856", str(error), row))
            except _GoneError as error:
                problems.append(self._problem("E857", str(error), row))
        if problems:
            raise Refusal(problems)
        return found

    def _wanted(self, row: SheetRow) -> bool:
        said = row.cells.get(SEND, "").casefold()
        if said in YES:
            return True
        if said in NO:
            return False
        raise BadCell(f'"{row.cells[SEND]}" in the column {SEND} is neither yes nor no')

    def _order(self, row: SheetRow, seen: dict[str, int]) -> Replayed:
        ref = row.cells.get("ref", "")
        if not ref:
            raise BadCell("this record made no order, so there is nothing to send")
        if seen.setdefault(ref, row.line) != row.line:
            raise BadCell(f"the same order stands in row {seen[ref]}")
        letter = self.letters.get(ref)
        if letter is None:
            raise _GoneError("the order has changed since the sheet was made, or waits no longer")
        if letter.order is not None and letter.order.state is State.POSTED:
            raise _GoneError(f"the order is in Alma as {letter.order.number}: change it there")
        target = self.targets[letter.target]
        before = cells_of(target, letter.payload)
        changes = changes_of(
            before, {name: row.cells[name] for name in FIELDS[target.name] if name in row.cells}
        )
        payload = edited(target, letter.payload, changes)
        self._check(target, payload)
        user = row.cells.get(USER) or letter.user
        if target.needs_user and not user:
            raise BadCell("a purchase request needs a user")
        changed = {name: (before[name], new) for name, new in changes.items()}
        if user != letter.user:
            changed[USER] = (letter.user or "", user or "")
        item = Item(letter.key, name_of(letter.key), payload, target.name, user, letter.payload)
        return Replayed(item, changed, letter.order)

    def _check(self, target: Target, payload: bytes) -> None:
        """Raises BadCell for what Alma would refuse."""
        document = target.parse(payload)
        if isinstance(document, list):
            raise BadCell("; ".join(fault.message for fault in document))
        findings = list(target.predict(document))
        if target.name in self.codes:
            findings = list(self.codes[target.name].added_to(findings, document, target.open_codes))
        refused = [
            f"{one.message} ({one.help})" if one.help else one.message
            for one in findings
            if one.outcome == "refused"
        ]
        if refused:
            raise BadCell("; ".join(refused))

    def _problem(self, code: str, words: str, row: SheetRow) -> Problem:
        help_ = (
            "correct the row; nothing of the sheet was sent"
            if code == "E856"
            else "make a new sheet: etl ledger dead-letters; nothing of this one was sent"
        )
        return Problem(code, words, data=DataPlace(str(self.file), line=row.line), help=help_)


class _GoneError(Exception):
    """The order is not as it was when the sheet was made."""

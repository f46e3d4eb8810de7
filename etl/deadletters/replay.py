"""An edited sheet → the orders to send again, each checked; or every reason why none is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.alma.facts import facts_of_payload
from etl.alma.ordered import ordered
from etl.alma.passage import found_by, known_by
from etl.deadletters.cells import cells_of, changes_of, edited
from etl.deadletters.columns import FIELDS, NO, SEND, USER, YES, Language
from etl.deadletters.letters import Letter
from etl.deadletters.said import BadCell, Faulty, Gone, say
from etl.deadletters.sheet import SheetRow
from etl.identity import Identity
from etl.institution.check import CodeCheck
from etl.ledger.known_by import KnownBy
from etl.ledger.orders import Order, State
from etl.ledger.stored_values import totals_text
from etl.plugin import Finding, Item, Target, Totals
from etl.problems import DataPlace, Problem, Refusal, Severity
from etl.run.naming import name_of

_SUMS = frozenset({"E534", "E535"})
"""The funds do not pay what the order costs: refused where an edit made it so, a warning where the mapping
did.
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An order to be sent, what was changed in it (column → before, now), and what is odd about it as it is
    now.
    """

    item: Item
    changed: Mapping[str, tuple[str, str]]
    order: Order
    warnings: Sequence[Problem] = ()

    def words(self, who: str) -> str:
        """For the ledger's history."""
        told = "; ".join(f'{name}: "{old}" → "{new}"' for name, (old, new) in self.changed.items())
        return f"{who}: sent again from the sheet, {told or 'unchanged'}"

    def correction(self) -> dict[str, str | None]:
        """Columns of the order's row: what is to be sent from now on, whoever sends it, in place of what the
        mapping makes.
        """
        facts = facts_of_payload(self.item.payload)
        return {
            **{name: text or None for name, text in found_by(facts).items()},
            "payload": self.item.payload.decode(),
            "payload_hash": hashlib.sha256(self.item.payload).hexdigest(),
            "user_id": self.item.user,
            "replaced_hash": self.order.replaced_hash or self.order.payload_hash,
            "totals": totals_text(self.item.totals),
        }

    def known_by(self) -> KnownBy:
        """What the order is known by besides: what it is corrected to."""
        return known_by(Identity(), facts_of_payload(self.item.payload))


@dataclass(frozen=True, slots=True)
class Replay:
    """What rows are compared with and checked by. `letters` are those that wait now, by reference."""

    file: Path
    letters: Mapping[str, Letter]
    targets: Mapping[str, Target]
    codes: Mapping[str, CodeCheck]
    language: Language = "en"

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
                problems.append(self._problem(error, row))
        if problems:
            raise Refusal(problems)
        return found

    def _wanted(self, row: SheetRow) -> bool:
        said = row.cells.get(SEND, "").strip().casefold()
        if said in YES:
            return True
        if said in NO:
            return False
        raise BadCell("neither yes nor no", SEND, new=row.cells[SEND])

    def _order(self, row: SheetRow, seen: dict[str, int]) -> Replayed:
        ref = row.cells.get("ref", "").strip()
        if not ref:
            raise BadCell("no order", "fix")
        if seen.setdefault(ref, row.line) != row.line:
            raise BadCell("twice", row=seen[ref])
        letter = self.letters.get(ref)
        if letter is None:
            raise Gone("gone")
        if letter.order.state is State.POSTED:
            raise Gone("in Alma", number=letter.order.number)
        target = self.targets[letter.target]
        before = cells_of(target, letter.payload)
        changes = changes_of(
            before, {name: row.cells[name] for name in FIELDS[target.name] if name in row.cells}
        )
        payload = edited(target, letter.payload, changes)
        findings = self._checked(target, payload, letter.payload)
        user = row.cells.get(USER, "").strip() or letter.user
        if target.needs_user and not user:
            raise BadCell("no user", USER)
        changed = {name: (before[name], new) for name, new in changes.items()}
        if user != letter.user:
            changed[USER] = (letter.user or "", user or "")
        item = Item(
            letter.key,
            name_of(letter.key),
            payload,
            target.name,
            user,
            letter.payload,
            totals=ordered(target.name, payload) or Totals(),
        )
        return Replayed(item, changed, letter.order, [self._warning(one, letter, row) for one in findings])

    def _checked(self, target: Target, payload: bytes, before: bytes) -> list[Finding]:
        """What Alma would make of it, short of refusing it.

        Raises BadCell for what it would refuse, and for sums that agreed before they were edited.
        """
        findings = self._findings(target, payload)
        agreed = {one.code for one in self._findings(target, before)}.isdisjoint(_SUMS)
        wrong = [
            f"{one.message} ({one.help})" if one.help else one.message
            for one in findings
            if one.outcome == "refused" or (one.code in _SUMS and agreed and payload != before)
        ]
        if wrong:
            raise BadCell("as said", words="; ".join(wrong))
        return findings

    def _findings(self, target: Target, payload: bytes) -> list[Finding]:
        document = target.parse(payload)
        if isinstance(document, list):
            raise Faulty(target, document)
        findings: Sequence[Finding] = target.predict(document)
        if target.name in self.codes:
            findings = self.codes[target.name].added_to(findings, document, target.open_codes)
        return list(findings)

    def _warning(self, one: Finding, letter: Letter, row: SheetRow) -> Problem:
        place = DataPlace(str(self.file), line=row.line)
        shown = " + ".join(letter.key)
        return Problem(one.code, f"{shown}: {one.message}", Severity.WARNING, data=place, help=one.help)

    def _problem(self, error: BadCell, row: SheetRow) -> Problem:
        code, help_ = ("E857", "new sheet") if isinstance(error, Gone) else ("E856", "correct it")
        place = DataPlace(str(self.file), line=row.line)
        return Problem(code, error.said(self.language), data=place, help=say(help_, self.language))

"""An Alma → its institution file: every code that orders may name, as of today.

Funds are asked for library by library with mode=POL, which is Alma's own answer to "usable in an order line
now" (allocated, active, of this fiscal period, open to that library). What the key may not read is left out
and said, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from etl.alma.client import AlmaClient, Outcome, institution_code, total
from etl.alma.patience import Patience
from etl.alma.recovery import Kind, Language
from etl.alma.said import not_done
from etl.alma.tree import Tree, members, text
from etl.institution.model import (
    LIBRARIES,
    TABLES,
    Fund,
    Institution,
    Library,
    Origin,
    Vendor,
    locations_of,
)
from etl.interruption import interruption
from etl.problems import Problem, Severity

_PAGE = 100


@dataclass(slots=True)
class Puller:
    """SourcesRead one Alma. `calls` counts requests; `remaining` is what Alma says is left of the day's."""

    client: AlmaClient
    patience: Patience = field(default_factory=Patience)
    language: Language = "en"
    told: Callable[[str], None] = lambda _: None
    calls: int = 0
    remaining: int | None = None
    warnings: list[Problem] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)

    def pull(self, host: str, today: date) -> Institution:
        """Everything. Raises Refusal when Alma cannot be read (key, quota, network)."""
        code = institution_code(self._read("/acq/test"))
        self.told("libraries")
        libraries = self._libraries()
        self.told("vendors")
        vendors = {code: vendor for code, vendor in self._vendors() if code}
        self.told("funds")
        funds = self._funds(list(libraries))
        self.told("code tables")
        tables: dict[str, dict[str, str]] = {}
        disabled: dict[str, dict[str, str]] = {}
        self.unavailable += [name for name in TABLES if not self._table(name, tables, disabled)]
        return Institution(
            pulled=Origin(date=today, host=host, institution=code),
            libraries=libraries,
            vendors=vendors,
            funds=funds,
            currencies=self._currencies(),
            tables=tables,
            disabled=disabled,
            unavailable=sorted(self.unavailable),
        )

    # -------------------------------------------------------------------------------- parts

    def _libraries(self) -> dict[str, Library]:
        found: dict[str, Library] = {}
        for row in self._part("/conf/libraries", "library", LIBRARIES):
            code = text(row, "code")
            path = f"/conf/libraries/{quote(code, safe='')}/locations"
            places = self._part(path, "location", locations_of(code))
            locations = {text(place, "code"): text(place, "name") for place in places}
            found[code] = Library(name=text(row, "name"), locations=_filled(locations))
        return found

    def _vendors(self) -> Iterator[tuple[str, Vendor]]:
        for row in self._pages("/acq/vendors", "vendor", status="ALL"):
            code = text(row, "code")
            whole = row if "account" in row or "accounts" in row else self._vendor(code)
            if whole is None:
                continue
            accounts: dict[bool, dict[str, str]] = {True: {}, False: {}}
            for account in members(whole, "account") or members(whole, "accounts"):
                active = text(account, "status") != "INACTIVE"
                accounts[active][text(account, "code")] = text(account, "description")
            yield (
                code,
                Vendor(
                    name=text(whole, "name"),
                    active=text(whole, "status") != "INACTIVE",
                    accounts=_filled(accounts[True]),
                    inactive_accounts=_filled(accounts[False]),
                ),
            )

    def _vendor(self, code: str) -> Tree | None:
        """A list's row without accounts: they stand in the vendor's own document."""
        path = f"/acq/vendors/{quote(code, safe='')}"
        return self._try(path, f'vendor "{code}"')

    def _funds(self, libraries: list[str]) -> dict[str, Fund]:
        asked = {"mode": "POL", "status": "ACTIVE", "view": "full"}
        rows: dict[str, Tree] = {}
        usable: dict[str, list[str]] = {}
        for row in self._pages("/acq/funds", "fund", **asked):
            rows[text(row, "code")] = row
        for library in libraries:
            for row in self._pages("/acq/funds", "fund", library=library, **asked):
                rows.setdefault(text(row, "code"), row)
                usable.setdefault(text(row, "code"), []).append(library)
        return {
            code: Fund(
                name=text(row, "name"),
                currency=text(row, "currency"),
                libraries=None
                if len(usable.get(code, ())) == len(libraries)
                else sorted(usable.get(code, [])),
            )
            for code, row in rows.items()
            if code
        }

    def _currencies(self) -> dict[str, str]:
        tree = self._try("/acq/currencies", "currencies", limit=str(_PAGE))
        rows = members(tree, "currency")
        return _filled({text(row, "code") or text(row, "value"): text(row, "name") for row in rows})

    def _table(
        self, name: str, tables: dict[str, dict[str, str]], disabled: dict[str, dict[str, str]]
    ) -> bool:
        tree = self._try(f"/conf/code-tables/{quote(name, safe='')}", f'code table "{name}"')
        if tree is None:
            return False
        groups: dict[bool, dict[str, str]] = {True: {}, False: {}}
        for row in members(tree, "row"):
            groups[text(row, "enabled") != "false"][text(row, "code")] = text(row, "description")
        tables[name] = _filled(groups[True])
        if groups[False]:
            disabled[name] = _filled(groups[False])
        return True

    # -------------------------------------------------------------------------------- reading

    def _pages(self, path: str, name: str, **query: str) -> Iterator[Tree]:
        """Every row of a list. Lists that know no pages ignore limit and offset: a page that brings nothing
        new ends it.
        """
        first = self._read(path, **query, limit=str(_PAGE), offset="0")
        yield from self._rest(path, name, first, query)

    def _rest(self, path: str, name: str, tree: Tree | None, query: Mapping[str, str]) -> Iterator[Tree]:
        """The rows of a page and of all that follow."""
        seen = 0
        while True:
            rows = members(tree, name)
            yield from rows
            seen += len(rows)
            if not rows or seen >= (total(tree) or 0):
                return
            tree = self._read(path, **query, limit=str(_PAGE), offset=str(seen))

    def _part(self, path: str, name: str, what: str) -> Iterator[Tree]:
        """Every row of a list that the key may read; none, and a warning, of one that it may not."""
        first = self._try(path, what, limit=str(_PAGE), offset="0")
        if first is None:
            self.unavailable.append(what)
            return
        yield from self._rest(path, name, first, {})

    def _read(self, path: str, **query: str) -> Tree | None:
        outcome = self._ask(path, **query)
        if not outcome.done:
            raise not_done(outcome.verdict, self.language)
        return outcome.tree

    def _try(self, path: str, what: str, **query: str) -> Tree | None:
        """None, and a warning, where Alma refuses this one reading: other codes are still worth having.

        That the key is known at all has been seen before: what it may not do now, it may not do here.
        """
        outcome = self._ask(path, **query)
        if outcome.done:
            return outcome.tree
        if outcome.verdict.kind not in (Kind.REFUSED, Kind.KEY):
            raise not_done(outcome.verdict, self.language)
        said = outcome.verdict.said(self.language)
        message = f"{what} could not be read, so its codes will not be checked: {said}"
        self.warnings.append(Problem("E848", message, Severity.WARNING))
        return None

    def _ask(self, path: str, **query: str) -> Outcome:
        interruption.look()
        self.calls += 1
        outcome = self.patience.read(lambda: self.client.reference(path, **query))
        self.remaining = outcome.remaining if outcome.remaining is not None else self.remaining
        return outcome


def _filled(codes: dict[str, str]) -> dict[str, str]:
    """Sorted, without the empty code that some tables have."""
    return {code: codes[code] for code in sorted(codes) if code}

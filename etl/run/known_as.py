"""A row → what a person calls its record by: key, order number, ISBN, ISSN, title; and which names are alike.

Only what these need is evaluated, so that looking for a record costs much less than mapping its file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from etl.normal_form import normal_form
from etl.plan.order import needs, reached
from etl.plan.plan import Members, Plan, ValuePlan
from etl.run.build import Builder
from etl.run.evaluate import Evaluation
from etl.run.naming import as_key, name_of
from etl.run.outcomes import SourceRow
from etl.template.environment import Failure, Recorder
from etl.values.isbn import written_isbns

KINDS = (
    *("key", "order number", "ISBN", "ISSN", "barcode", "part of the key", "title", "order line"),
    *("vendor", "words in the title"),
)
"""What a text may be, the most telling first. Only records of the first kind that fits any are meant."""

_REFERENCES = ("vendor_reference_number", "additional_order_reference")
_DESCRIBED = ("title", "issn")
"""Fields that say what is ordered; a target has them among its fields or in a group of them."""
_COLUMNS = {"order": "order_id", "barcode": "barcode", "title": "title"}
"""What a neutral order line is known by where the mapping's `identity` does not say otherwise."""
_BETWEEN = re.compile(r"[\W_]+")
_NEAR, _LIKE, _LONGEST = 3, 0.5, 200


class KnownAs:
    """What rows are called by. Of `let` only what the key and the references need is evaluated."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._builder = plan, Builder(plan)
        members = plan.fields.members
        self._references = _some_of(plan.fields, _REFERENCES)
        groups = (one for one in members.values() if isinstance(one, Members))
        self._described = [_some_of(one, _DESCRIBED) for one in (plan.fields, *groups)]
        self._vendor = _some_of(plan.fields, ("vendor",))
        lets = dict(plan.let)
        self._identity = {name: one for name, one in plan.identity.items() if name != "another"}
        asked: list[ValuePlan] = [
            *(part for _, part in plan.key),
            self._references,
            *self._described,
            self._vendor,
            *self._identity.values(),
        ]
        needed = reached((name for one in asked for name in needs(one, lets)), lets)
        self._lets = [(name, value) for name, value in plan.let if name in needed]
        titled = any("title" in one.members for one in self._described)
        self.tells_titles = titled or "title" in self._identity

    def of(self, row: SourceRow) -> tuple[str | None, Mapping[str, Collection[str]]]:
        """The name of the payload's file, if the key can be told, and every name by its kind."""
        return self._names(row, self._evaluated(row))

    def _evaluated(self, row: SourceRow) -> Evaluation:
        self._plan.env.recorder.forget()
        evaluation = Evaluation(self._plan.env, self._builder.names([row]))
        for name, value in self._lets:
            evaluation.let(name, value)
        return evaluation

    def _names(
        self, row: SourceRow, evaluation: Evaluation
    ) -> tuple[str | None, Mapping[str, Collection[str]]]:
        texts: tuple[str, ...] = ()
        for name, part in self._plan.key:
            with suppress(Failure):  # a part that is empty: the record is to be found by another
                texts += (as_key(evaluation.value(part, ("key", name)), name, part.place),)
        key = name_of(texts) if len(texts) == len(self._plan.key) else None
        references = evaluation.fields(self._references).values()
        said: dict[str, Any] = {name: row.values.get(column) for name, column in _COLUMNS.items()}
        said |= evaluation.fields(Members(self._identity, self._plan.fields.place))
        described = [evaluation.fields(one) for one in self._described]
        titles = tuple(_texts((said["title"], *(one.get("title") for one in described))))
        orders, lines = list(_texts([said["order"]])), list(_texts([said.get("line")]))
        return key, {
            "key": dict.fromkeys((key, "_".join(texts))) if key else (),
            "order number": dict.fromkeys((*orders, *_texts(list(references)))),
            "ISBN": sorted(isbn for text in _texts(row.values) for isbn in written_isbns(text)),
            "ISSN": dict.fromkeys(_texts([one.get("issn") for one in described])),
            "barcode": dict.fromkeys((*_texts(said["barcode"]), *_barcodes(row.values.get("placements")))),
            "part of the key": texts,
            "title": dict.fromkeys(titles),
            "order line": dict.fromkeys((*(f"{order} {line}" for order in orders for line in lines), *lines)),
            "vendor": tuple(_texts(said.get("vendor"))),
            "words in the title": dict.fromkeys(titles),
        }

    def aside(self, row: SourceRow) -> tuple[tuple[str, ...] | None, dict[str, str]]:
        """Of a row that is no document: its key, if it can be told, and what a person finds it by, columns of
        the ledger. Nothing is counted.
        """
        env = self._plan.env
        counted, env.recorder = env.recorder, Recorder()
        try:
            evaluation = self._evaluated(row)
            _, names = self._names(row, evaluation)
            vendor = list(_texts(evaluation.fields(self._vendor)))
        finally:
            env.recorder = counted
        isbns = sorted(names["ISBN"], key=len, reverse=True)
        said = {"vendor": vendor, "reference": names["order number"], "isbn": isbns, "title": names["title"]}
        found_by = {name: text for name, texts in said.items() if (text := next(iter(texts), None))}
        key = tuple(names["part of the key"])
        return key if len(key) == len(self._plan.key) else None, found_by


def _some_of(plan: Members, names: Collection[str]) -> Members:
    return Members({name: one for name, one in plan.members.items() if name in names}, plan.place)


def plain(text: str) -> str:
    """How texts are compared: without case, and every run of what is no letter or digit alike."""
    return _BETWEEN.sub(" ", normal_form(text).casefold()).strip()


def _barcodes(placements: object) -> Iterator[str]:
    for one in placements if isinstance(placements, list) else ():
        yield from _texts(one.get("barcode") if isinstance(one, Mapping) else None)


def _texts(value: object) -> Iterator[str]:
    """Every filled text and whole number in a value."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        if value != "":
            yield str(value)
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in _texts(one))


class Nearest:
    """The names most like a text, of any number that are seen."""

    def __init__(self, text: str) -> None:
        self._matcher = difflib.SequenceMatcher(autojunk=False)
        self._matcher.set_seq2(text)
        self._best: dict[str, float] = {}

    def see(self, names: Iterator[str]) -> None:
        for name in names:
            if name not in self._best and len(name) < _LONGEST:
                self._weigh(name)

    def _weigh(self, name: str) -> None:
        least = min(self._best.values()) if len(self._best) >= _NEAR else _LIKE
        self._matcher.set_seq1(plain(name))
        if self._matcher.real_quick_ratio() <= least or self._matcher.quick_ratio() <= least:
            return
        if (ratio := self._matcher.ratio()) > least:
            self._best[name] = ratio
            if len(self._best) > _NEAR:
                del self._best[min(self._best, key=self._best.__getitem__)]

    def names(self) -> list[str]:
        return sorted(self._best, key=lambda name: (-self._best[name], name))

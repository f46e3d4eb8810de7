"""A document or a mapping's constants, and an institution file → findings on every code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from etl.institution.coded import codes_in
from etl.institution.judgement import CodeJudge
from etl.institution.model import Institution
from etl.plugin import Finding
from etl.problems import MappingPlace, Problem, Severity

_OLD_DAYS = 60
"""Funds are opened and closed with the fiscal year, vendors now and then; two months are long."""


class CodeCheck:
    """Checks documents of one target against one institution. `file` is what messages call it."""

    def __init__(self, institution: Institution, target: str, file: str) -> None:
        self.institution, self.target, self.file = institution, target, file
        self._judge = CodeJudge(institution, target)

    def findings(self, document: BaseModel) -> list[Finding]:
        """Findings on a whole document, in its order."""
        return self.of_values(document.model_dump(by_alias=True, exclude_none=True))

    def added_to(
        self, predicted: Iterable[Finding], document: BaseModel, open_codes: frozenset[str]
    ) -> tuple[Finding, ...]:
        """A target's predictions and the findings on codes. Doubts about tables that institutions extend
        (`open_codes`) are settled by the institution's own tables.
        """
        return (*(one for one in predicted if one.code not in open_codes), *self.findings(document))

    def of_values(self, values: Mapping[str, Any]) -> list[Finding]:
        """Findings on plain values, which need not be complete."""
        found = (self._judge.finding(code) for code in codes_in(self.target, values))
        return [one for one in found if one is not None]

    def age_warning(self, today: date, place: MappingPlace) -> Problem | None:
        """A warning when the file was pulled long before the run's day."""
        pulled = self.institution.pulled
        days = (today - pulled.date).days
        if days <= _OLD_DAYS:
            return None
        return Problem(
            "E841",
            f'the institution file "{self.file}" is {days} days old (pulled {pulled.date})',
            Severity.WARNING,
            mapping=place,
            help="pull again, and look at what changed: etl pull --institution-file FILE",
        )

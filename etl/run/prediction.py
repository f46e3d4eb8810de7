"""Payload bytes → what Alma would do with them, as it is said before sending and compared afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from etl.institution.check import CodeCheck
from etl.institution.file import load_institution
from etl.plugin import Finding, Target
from etl.registry import Registry

Predicted = Literal["clean", "in review", "refused"]


class Predictor:
    """Predicts payloads of any target with the codes of one institution file, or without."""

    def __init__(self, institution_file: str | None) -> None:
        self._file = institution_file or ""
        self._known = load_institution(Path(self._file), self._file) if institution_file else None
        self._ready: dict[str, tuple[Target, CodeCheck | None]] = {}

    def of(self, target: str, payload: bytes) -> Predicted | None:
        """The prediction; None for a payload that is no document of the target's."""
        if target not in self._ready:
            codes = CodeCheck(self._known, target, self._file) if self._known else None
            self._ready[target] = (Registry.installed().get("targets", target)(), codes)
        return predicted(*self._ready[target], payload)


def predicted(target: Target, codes: CodeCheck | None, payload: bytes) -> Predicted | None:
    """None for a payload that is no document of the target's (written by another version, perhaps)."""
    document = target.parse(payload)
    if isinstance(document, list):
        return None
    findings: Sequence[Finding] = target.predict(document)
    if codes is not None:
        findings = codes.added_to(findings, document, target.open_codes)
    return of_findings(findings)


def of_findings(findings: Sequence[Finding]) -> Predicted:
    """The worst of them."""
    outcomes = {one.outcome for one in findings}
    return "refused" if "refused" in outcomes else "in review" if "review" in outcomes else "clean"

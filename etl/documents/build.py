"""Plain values → a document, or everything that is wrong with them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from etl.documents.empties import Path, prune
from etl.documents.faults import faults_of, missing
from etl.documents.outline import outline
from etl.documents.parts import Part
from etl.documents.size import too_large
from etl.plugin import Fault

Document = TypeVar("Document", bound=Part)


def build(
    model: type[Document], values: Mapping[str, Any], respelt: Counter[str] | None = None
) -> Document | list[Fault]:
    """Validate `values` as a document of `model`, empties left out first.

    `respelt` counts the fields whose code or reference was not written in its normal form. Fault paths are
    those of `values` as given, also where empty list items were left out.
    """
    large = too_large(values)  # before anything is made of them
    if large is not None:
        return [large]
    pruned = prune(values)
    faults = list(_absent_together(model, model, pruned.values, ()))
    try:
        document = model.model_validate(pruned.values, context=respelt)
    except ValidationError as error:
        faults += faults_of(error, model)
    if not faults:
        return document
    return [replace(fault, path=pruned.original(fault.path)) for fault in faults]


def _absent_together(root: type[Part], model: type[Part], values: Any, path: Path) -> Iterator[Fault]:
    """Fields that are required only because others are absent, or present."""
    if not isinstance(values, Mapping):
        return
    if model.one_group_of and not any(all(name in values for name in group) for group in model.one_group_of):
        for name in model.one_group_of[-1]:
            if name not in values:
                yield missing(root, (*path, name))
    for name, companion in model.goes_with.items():
        if name in values and companion not in values:
            yield missing(root, (*path, companion))
    for node in outline(model):
        if node.form == "object" and node.model and node.name in values:
            yield from _absent_together(root, node.model, values[node.name], (*path, node.name))

"""A file and the connectors there are → which of them read it, and what speaks for each.

By its content alone: a name says what somebody thought. That a connector reads it is shown by reading: the
first records come out, or they do not. Where none come out of any, those fit that know the form of the file:
it is damaged, or needs options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from etl.interruption import interruption
from etl.plugin import Connector, Source
from etl.problems import DataPlace, Problem, Refusal
from etl.registry import Registry

UNREAD = "E119"
"""The code of a file that no connector reads."""
_FIRST_BYTES = 24


@dataclass(frozen=True, slots=True)
class Fit:
    """A connector that reads the file. Of the first `of` records it reads `read`; `general`: it takes other
    vendors' files as well. `readings` are options, one set for each part that is read by itself (a sheet).
    """

    connector: str
    why: str
    read: int
    of: int
    general: bool
    readings: Sequence[Mapping[str, Any]] = ({},)


@dataclass(frozen=True, slots=True)
class Recognition:
    """Those that fit, the likeliest first, and why the others do not."""

    fits: Sequence[Fit]
    others: Mapping[str, Problem]


def recognise(source: Source, registry: Registry) -> Recognition:
    """Tries every connector with the options it has by default. Raises Refusal as the source does (E300)."""
    fits: list[Fit] = []
    barren: list[tuple[Fit, Problem]] = []
    others: dict[str, Problem] = {}
    for name in registry.names("connectors"):
        interruption.look()
        try:
            fit, lost = _tried(name, registry.get("connectors", name)(), source)
            if lost is None:
                fits.append(fit)
            else:
                barren.append((fit, lost))
        except Refusal as refusal:
            others[name] = refusal.problems[0]
        except ValidationError:
            others[name] = Problem(UNREAD, "not tried: it has an option without a default")
    if not fits:
        return Recognition(_ranked([fit for fit, _ in barren]), others)
    return Recognition(_ranked(fits), {**others, **{fit.connector: lost for fit, lost in barren}})


def unrecognised(source: Source, others: Mapping[str, Problem]) -> Problem:
    """What to say of a file that no connector reads: what all of them say, or E119 with its first bytes."""
    said = {(one.code, one.message): one for one in others.values()}
    if len(said) == 1:
        return next(iter(said.values()))
    with source.open() as stream:
        head = stream.read(_FIRST_BYTES)
    begins = f'"{head.decode("utf-8", "replace")}" ({head.hex(" ").upper()})'
    told = f"no connector reads this file: it begins with {begins}"
    help_ = "--connector NAME shows what one of them says in full; etl list connectors NAME has its options"
    return Problem(UNREAD, told, data=DataPlace(source.name), help=help_)


def _tried(name: str, connector: Connector, source: Source) -> tuple[Fit, Problem | None]:
    """How it fits, and what is wrong with the first record if none of the first can be read."""
    recognised = connector.recognise(source)
    options = connector.Options.model_validate(recognised.readings[0])
    known = connector.columns_by_default()
    batch = next(iter(connector.read(source, options, None)))
    read, unread = batch.frame.height, len({one.record for one in batch.rejected})
    general = known is None or not (known.closed and known.names)
    fit = Fit(name, recognised.why, read, read + unread, general, recognised.readings)
    return fit, batch.rejected[0].problems[0] if unread and not read else None


def _ranked(fits: Sequence[Fit]) -> list[Fit]:
    """A vendor's connector before a general one, if it is the only one that reads so much: several vendors
    send MARC, and the file does not say which of them this is.
    """
    special = sorted((one for one in fits if not one.general), key=lambda one: -one.read)
    general = sorted((one for one in fits if one.general), key=lambda one: -one.read)
    torn = len(special) > 1 and special[1].read * 2 >= special[0].read
    return [*general, *special] if torn else [*special, *general]

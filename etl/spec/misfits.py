"""What a mapping or a command line says → a model, or what does not fit, in our words and at its place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from etl.documents.outline import names
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest
from etl.plugin import NotRepeated
from etl.problems import MappingPlace, Problem, Refusal
from etl.slips.joined_key import joined_key
from etl.spec.guard_limits import share_as_meant
from etl.spec.model import MappingFile
from etl.spec.unevaluated import has_template
from etl.yaml_tree import Mapping as Group
from etl.yaml_tree import Node, Scalar, find

_SHOWN = 200
_Address = tuple[str | int, ...]
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Typed:
    """Values that stand on the command line. `flag` gives the option one is typed with (`--sink-option key`);
    `whole` is where those that are missing would stand.
    """

    values: Mapping[str, Any]
    whole: str
    flag: Callable[[str], str]


def fitted(
    model: type[_Model],
    own: Mapping[str, Any],
    tree: Node | None,
    at: _Address = (),
    typed: Typed | None = None,
) -> _Model:
    """The model of what a mapping says (`own`, standing at `at` in `tree`) and what is typed, which wins.

    Raises Refusal with everything that does not fit: E107–E109 at its place in the mapping, E626–E628 at the
    option that was typed, or should have been.
    """
    if problems := _braces(typed):
        raise Refusal(problems)
    try:
        return model.model_validate({**own, **(typed.values if typed else {})})
    except ValidationError as error:
        raise Refusal(_Misfits(model, tree, at, typed).problems(error)) from None


def _braces(typed: Typed | None) -> list[Problem]:
    """Templates that are typed: an option is not worked out for a record."""
    if typed is None:
        return []
    said = "no template is worked out here: the braces would stay as they are"
    return [
        Problem("E628", said, mapping=MappingPlace(typed.flag(name)))
        for name, value in typed.values.items()
        if isinstance(value, str) and has_template(value)
    ]


@dataclass(frozen=True, slots=True)
class _Misfits:
    model: type[BaseModel]
    tree: Node | None
    at: _Address
    typed: Typed | None

    def problems(self, error: ValidationError) -> list[Problem]:
        """Unknown names come first: what is misspelt is not missing as well."""
        problems = []
        meant: set[_Address] = set()
        for one in sorted(error.errors(), key=lambda one: one["type"] == "missing"):
            loc = tuple(
                part for part in one["loc"] if isinstance(part, int) or not part.startswith("function-")
            )
            if one["type"] == "extra_forbidden":
                problem, near = self._unknown(loc)
                meant |= {(*loc[:-1], *near)}
                problems.append(problem)
            elif one["type"] != "missing":
                problems.append(self._unfit(one, loc))
            elif loc not in meant:
                problems.append(self._missing(loc))
        return problems

    def _unknown(self, loc: _Address) -> tuple[Problem, list[str]]:
        name = str(loc[-1])
        known = sorted(_known_keys(self.model, loc[:-1]))
        lure = self.model is not MappingFile and name.replace("-", "_") == "institution_file"
        near = [] if lure else difflib.get_close_matches(name, known, 1)
        help_ = (INSTITUTION_FILE if lure else joined_key(name, known)) or (
            f'did you mean "{near[0]}"?'
            if near
            else _elsewhere(name, self.model, loc[:-1])
            or (f"known here: {', '.join(known)}" if known else None)
        )
        if loc[:-1] == ("source",) and self.model is MappingFile and not near:
            help_ = f"{help_}; what the connector is told stands one level deeper:  options: {{{name}: …}}"
        if typed := self._typed(loc):
            said = f'unknown option "{_first_line(name)}"'
            return Problem("E626", said, mapping=MappingPlace(typed), help=help_), near
        address = (*self.at, *loc)
        parent = find(self._tree, address[:-1])
        if isinstance(parent, Group) and name in parent.keys:
            place = parent.key_place(name)
        else:
            place = find(self._tree, address).place()
        return Problem("E107", f'unknown key "{_first_line(name)}"', mapping=place, help=help_), near

    def _missing(self, loc: _Address) -> Problem:
        dotted, name = ".".join(map(str, loc)), str(loc[-1])
        said = f'"{dotted}" is missing'
        if self.tree is None and self.typed is not None:
            about = self.model.model_fields[name].description if name in self.model.model_fields else None
            help_ = f"add  {self.typed.flag(name)}=…" + (f"  {about}" if about else "")
            return Problem("E627", said, mapping=MappingPlace(self.typed.whole), help=help_)
        about = self.model.model_fields[name].description if name in self.model.model_fields else None
        help_ = f"add  {name}: …" + (f"  {about}" if about else "")
        if self.model is MappingFile:
            help_ = _ADD.get(dotted, help_)
        return Problem("E108", said, mapping=self._place(loc), help=help_)

    def _unfit(self, one: Any, loc: _Address) -> Problem:
        secret = isinstance(one.get("ctx", {}).get("error"), NotRepeated)
        words = _words({**one, "input": None} if secret else one, str(loc[-1]) if loc else "")
        if typed := self._typed(loc):
            return Problem("E628", words, mapping=MappingPlace(typed))
        place = self._place(loc)
        empty = isinstance(node := find(self._tree, (*self.at, *loc)), Scalar) and not node.text
        help_ = _FILL.get(one["type"]) if empty and not secret else None
        if not secret and not empty and self.model is MappingFile:
            help_ = _limit_as_meant(loc, one.get("input"))
        # Where a secret may stand, no line is shown.
        shown = MappingPlace(place.file, path=place.path) if secret else place
        return Problem("E109", words, mapping=shown, help=help_)

    def _typed(self, loc: _Address) -> str | None:
        """The option of the command line that is at fault, if it is one of those."""
        if self.typed is None:
            return None
        if loc and loc[0] in self.typed.values:
            return self.typed.flag(str(loc[0]))
        # What is wrong with several together is said where some were typed, else in the mapping.
        return self.typed.whole if self.tree is None or (not loc and self.typed.values) else None

    @property
    def _tree(self) -> Node:
        assert self.tree is not None  # noqa: S101 - else everything was typed
        return self.tree

    def _place(self, loc: _Address) -> MappingPlace:
        address = (*self.at, *loc)
        node = find(self._tree, address)
        place = node.place(len(node.text) if isinstance(node, Scalar) else 0)
        return replace(place, path=place.path or ".".join(map(str, address)))


def _limit_as_meant(loc: _Address, written: object) -> str | None:
    """What to write for a limit of `guards` that a person would understand."""
    if loc[:2] == ("guards", "max_rejected") and isinstance(written, str):
        return f"write  max_rejected: {share_as_meant(written) or '2%'}"
    if loc == ("guards", "max_total"):
        return f"write  max_total: {{SEK: {written}}}" if isinstance(written, str) else None
    if loc[:2] == ("guards", "max_total") and isinstance(written, str):
        digits = "".join(sign for sign in written if sign.isdigit())
        return f"write  {loc[-1]}: {digits}" if digits and "," not in written and "." not in written else None
    return None


_ADD = {
    "version": "add  version: 1",
    "name": "add  name: …  as reports are to call it",
    "target": "add  target: po_line  or  target: purchase_request",
    "source": "add  source: {connector: …, path: …};  etl list connectors  shows what there is",
    "key": "add  key: […]  with the columns that tell one order line from every other",
    "fields": "add  fields:  and below it what goes into the order",
}
"""What to write for a section that is missing."""


def _elsewhere(name: str, model: type[BaseModel], loc: _Address) -> str | None:
    """Where a key belongs that is one level too high: a field of an order, or an option."""
    if model is not MappingFile:
        return None
    if not loc and (name in names(PoLine) or name in names(PurchaseRequest)):
        return f'"{name}" is a field of the order: indent it below fields:'
    homes = [
        at
        for at in MappingFile.model_fields
        if name in _known_keys(MappingFile, (at,)) and at != "parameters"
    ]
    return (
        f"it belongs below {homes[0]}:"
        if homes and not loc
        else "it belongs at the margin"
        if loc and name in MappingFile.model_fields
        else None
    )


INSTITUTION_FILE = "the file of etl pull stands at the margin of the mapping:  institution: FILE"
_FILL = {
    "dict_type": "write its keys below it, each with two blanks more before it",
    "model_type": "write its keys below it, each with two blanks more before it",
    "list_type": "write its members below it, each behind - and a blank",
}
"""What to do where nothing was written behind a key."""
_WANTED = {  # pydantic speaks of Python's types, the author wrote YAML
    "dict_type": "a group of keys belongs here",
    "model_type": "a group of keys belongs here",
    "model_attributes_type": "a group of keys belongs here",
    "list_type": "a list belongs here",
    "tuple_type": "a list belongs here",
    "string_type": "a text belongs here",
    "string_too_short": "it is empty, or too short",
    "string_pattern_mismatch": "it is not written as it has to be",
    "too_short": "it is empty, or too short",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_parsing_size": "write a smaller number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a number",
    "decimal_type": "write a number",
    "decimal_parsing": "write a number",
    "date_type": "write a date as 2024-03-11",
    "date_parsing": "write a date as 2024-03-11",
    "date_from_datetime_parsing": "write a date as 2024-03-11",
    "literal_error": "write {expected}",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write a number of at least {ge}",
    "less_than": "write a number below {lt}",
    "less_than_equal": "write a number of at most {le}",
    "value_error": "{error}",
}


def _words(error: Any, name: str) -> str:
    wanted = _WANTED.get(error["type"], "it is not what belongs here")
    message = wanted.format_map({**error.get("ctx", {})})
    if error["type"] == "literal_error":
        message = message.replace("'", "")
    message = message[:1].lower() + message[1:]
    value = error.get("input")
    shown = f' "{_first_line(str(value))}"' if type(value) in (str, int) else ""
    return f'"{name}"{" is" + shown if shown else ""}: {message}' if name else message


def _first_line(text: str) -> str:
    """A text for a message: of many lines only the first, and not the whole of a long one."""
    line = text.split("\n", 1)[0][:_SHOWN]
    return line if line == text else line + "…"


def _known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys the model knows at a place."""
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", None)
        if fields is None or part not in fields:
            # a value of a dict such as parameters.library: its model is the dict's value type
            continue
        annotation = fields[str(part)].annotation
        arguments = getattr(annotation, "__args__", ())
        models = [a for a in (annotation, *arguments) if isinstance(a, type) and issubclass(a, BaseModel)]
        if not models:
            return []
        current = models[0]
    return list(getattr(current, "model_fields", {}))

"""`env:ALMA_KEY`, `file:path`, `keyring:service/user` → an API key that cannot be printed by accident.

A mapping, a command line and a log only ever hold the reference. The key itself is fetched when the first
request is about to be made and goes nowhere but into the Authorization header.
"""

from __future__ import annotations

import importlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from etl.alma.phrases import phrase
from etl.plugin import NotRepeated
from etl.problems import MappingPlace, Problem, Refusal
from etl.shown import MASK, without_secrets

if TYPE_CHECKING:
    from etl.alma.recovery import Language

_SCHEMES = "env:NAME, file:PATH or keyring:SERVICE/USER"
_PRINTABLE = re.compile(r"[\x21-\x7e]{8,200}")  # what may stand in a header; a line break would split it


class Secret:
    """A text whose str, repr, format and pickle do not give it away. Only `reveal` does."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The text itself, for the header and nothing else."""
        return self.__text

    def redact(self, text: str) -> str:
        """`text` without the secret: a server may echo what it was sent into its error message."""
        return text.replace(self.__text, MASK)

    def redact_bytes(self, data: bytes) -> bytes:
        """The same for bytes as they came from the network."""
        return data.replace(self.__text.encode(), MASK.encode())

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def check_reference(reference: str) -> str:
    """The reference, if it is one. Raises NotRepeated: it might be the key itself."""
    scheme, sign, rest = reference.partition(":")
    if not sign or scheme not in ("env", "file", "keyring") or not rest:
        raise NotRepeated(f"the key is given by reference: {_SCHEMES}")
    if scheme == "keyring" and not all(rest.partition("/")[::2]):
        raise NotRepeated("a key in the keyring is written keyring:SERVICE/USER")
    return reference


def read_key(reference: str, base: Path, language: Language = "en") -> Secret:
    """The key behind a reference; a relative file is relative to `base`.

    Raises Refusal (E800) when there is none, or when what is there cannot be a key. No message repeats what
    was found, nor a name that looks like a key itself.
    """
    scheme, _, rest = check_reference(reference).partition(":")
    reference = f"file:{base / rest}" if scheme == "file" else reference
    try:
        if scheme == "env":
            text = _from_environment(rest)
        elif scheme == "file":
            text = _from_file(base / rest)
        else:
            text = _from_keyring(*rest.split("/", 1))
        return _secret(text.strip())
    except _NoKeyError as none:
        raise Refusal(none.problem(without_secrets(reference, wary=True), language)) from None


def _secret(text: str) -> Secret:
    if not _PRINTABLE.fullmatch(text):
        raise _NoKeyError("key impossible")
    return Secret(text)


class _NoKeyError(Exception):
    """Why there is none: a phrase of the table, and what stands in its blanks."""

    def __init__(self, cause: str, /, **values: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.values = {blank: without_secrets(value, wary=True) for blank, value in values.items()}

    def problem(self, reference: str, language: Language) -> Problem:
        why, own_fix = phrase(self.cause, language, **self.values)
        what, usual_fix = phrase("no key", language, why=why, schemes=_SCHEMES)
        return Problem("E800", what, mapping=MappingPlace(reference), help=own_fix or usual_fix)


def _from_environment(name: str) -> str:
    text = os.environ.get(name)
    if text:
        return text
    raise _NoKeyError(
        "key not set" if without_secrets(name, wary=True) == name else "key in its place", name=name
    )


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _NoKeyError("key file", name=str(path), why=str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _NoKeyError("key file is no text", name=str(path)) from None
    if os.name == "posix" and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise _NoKeyError("key file open", name=str(path))
    return text


def _from_keyring(service: str, user: str) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise _NoKeyError("no keyring") from None
    errors = importlib.import_module("keyring.errors")
    try:
        text = keyring.get_password(service, user)
    except errors.KeyringError as error:
        raise _NoKeyError("keyring shut", why=type(error).__name__) from None
    if not text:
        raise _NoKeyError("not in the keyring", service=service, user=user)
    return str(text)

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

from etl.plugin import NotRepeated
from etl.problems import MappingPlace, Problem, Refusal

MASK = "***"
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


def read_key(reference: str, base: Path) -> Secret:
    """The key behind a reference; a relative file is relative to `base`.

    Raises Refusal (E800) when there is none, or when what is there cannot be a key. No message repeats what
    was found.
    """
    scheme, _, rest = check_reference(reference).partition(":")
    if scheme == "env":
        text = _from_environment(rest)
    elif scheme == "file":
        text = _from_file(base / rest)
    else:
        text = _from_keyring(*rest.split("/", 1))
    text = text.strip()
    if not _PRINTABLE.fullmatch(text):
        raise _no_key(reference, "what it holds is no API key: 8 to 200 printable characters without blanks")
    return Secret(text)


def _from_environment(name: str) -> str:
    text = os.environ.get(name)
    if not text:
        raise _no_key(f"env:{name}", f'the environment variable "{name}" is not set')
    return text


def _from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _no_key(f"file:{path}", f'"{path}" cannot be read: {why}') from None
    if os.name == "posix" and mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise _no_key(
            f"file:{path}", f'"{path}" can be read by everybody on this machine', f"chmod 600 {path}"
        )
    return text


def _from_keyring(service: str, user: str) -> str:
    reference = f"keyring:{service}/{user}"
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise _no_key(
            reference, "the keyring library is not installed", "pip install 'alma-orderdesk[keyring]'"
        ) from None
    errors = importlib.import_module("keyring.errors")
    try:
        text = keyring.get_password(service, user)
    except errors.KeyringError as error:
        raise _no_key(reference, f"the keyring cannot be opened: {type(error).__name__}") from None
    if not text:
        raise _no_key(reference, f'the keyring has no "{user}" for "{service}"')
    return str(text)


def _no_key(reference: str, why: str, help_: str | None = None) -> Refusal:
    return Refusal(
        Problem(
            "E800",
            f"no API key: {why}",
            mapping=MappingPlace(reference),
            help=help_ or f"the key is given by reference: {_SCHEMES}",
        )
    )

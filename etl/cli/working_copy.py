"""A mapping that comes along, and a name → the files of a copy, and a page on what to change first."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from etl.cli.shipped import Shipped, files_of
from etl.run.places import lookup_files
from etl.spec.load import Spec
from etl.yaml_tree import Node, Scalar
from etl.yaml_tree import Sequence as Members

MODELINE = "# yaml-language-server: $schema="
_SCHEMA = "mapping.schema.json"
_FIRST = ("suppliers", "accounts", "internet_accounts", "placements", "libraries", "departments", "funds")
"""Tables that say who is ordered from and where copies go, before those of words and forms."""

_PAGE = """\
# {name}: a working copy of {folder}

*English*

Made by `etl new {name} --from {folder}`, with invented samples and the payloads that come of them, so that
it passes `etl check {place}` and `etl snapshot {place}` before you change anything. Change it
in this order. After each step look at `etl snapshot {place}`; when what it shows is right,
`--update` writes it.

1. **Suppliers, accounts, placements: the tables.** They hold invented codes; put in those of your Alma, and
   the words your vendor uses:
{tables}
2. **Key.** It is what an order line is known by for ever; the ledger and the names of payloads are made of
   it. See that it is filled and unique in your files before the first run, and never change it after:
{keys}
3. **Samples.** Lay two or three files of your own into `samples/` and take the invented ones out. What comes
   in day by day is named on the command line: `etl run {place}/{mapping} 'inbox/*'`.
4. **Guards.** The samples are bad on purpose, so `max_rejected` is high. A good limit is `2%`;
   `max_documents` and `max_total` are yours to say.

5. **Your editor.** The first line of each mapping names `{schema}`: VS Code with the extension
   "YAML" (Red Hat), and every other editor with yaml-language-server, complete and check what you write,
   with no further setting. After an upgrade, or when a connector was installed, make it anew:
   `etl schema mapping > {schema}` (in Windows PowerShell `cmd /c "etl schema mapping > {schema}"`).

What you do not need of `{place}` (a mapping to requests, say) can be taken away, with its
`snapshots/`.

*På svenska*

En arbetskopia av {folder} med påhittade exempel. Ändra i den här ordningen, och se efter varje steg vad
`etl snapshot {place}` visar: först tabellerna (leverantörer, konton, placeringar), sedan
nyckeln `key` (beställningsradens identitet för alltid: ändra den inte efter första körningen), sedan egna
filer i `samples/`, och till sist gränserna i `guards`. `--update` sparar det som du har granskat.
Första raden i varje fil visar din editor var schemat finns; efter en uppgradering:
`etl schema mapping > {schema}`.

"""


def working_copy(name: str, mappings: Sequence[Shipped], into: Path, schema: bytes) -> dict[str, bytes]:
    """Path below `into` → content. The folder and its mappings are called `name`; the rest is as it is.

    The first line of every mapping and base names the editor's `schema`, which lies in `into` itself.
    """
    folder = mappings[0].folder
    files = {
        f"{name}/{path.removeprefix(folder + '/')}" if path.startswith(f"{folder}/") else path: content
        for path, content in files_of(mappings).items()
    }
    for one in mappings:
        files[f"{name}/{one.file}"] = _renamed(files[f"{name}/{one.file}"], folder, name)
    for path in (path for path in files if path.endswith(".yaml") and path.count("/") == 1):
        files[path] = f"{MODELINE}../{_SCHEMA}\n".encode() + files[path]
    files[_SCHEMA] = schema
    files[f"{name}/README.md"] = _page(name, into, mappings) + b"#" + files[f"{name}/README.md"]
    return files


def _renamed(text: bytes, folder: str, name: str) -> bytes:
    """Reports and ledgers call it by its new name: `adlibris-requests` becomes `north-requests`."""
    return text.replace(f"\nname: {folder}".encode(), f"\nname: {name}".encode(), 1)


def _page(name: str, into: Path, mappings: Sequence[Shipped]) -> bytes:
    """In English and Swedish, like the original, which follows below."""
    tables = sorted({path for one in mappings for path in _tables(one.spec)}, key=_rank)
    page = _PAGE.format(
        name=name,
        folder=mappings[0].folder,
        place=(into / name).as_posix(),
        schema=(into / _SCHEMA).as_posix(),
        mapping=mappings[0].file,
        tables="\n".join(f"   - `{path}`" for path in tables),
        keys="\n".join(f"   - `{one.file}`: {_key(one.spec)}" for one in mappings),
    )
    return page.encode()


def _tables(spec: Spec) -> Iterator[str]:
    """As they look from the copy: `lookups/x.csv`, `../_shared/lookups/x.csv`."""
    here = posixpath.dirname(spec.path)
    return (posixpath.relpath(table, here) for table in lookup_files(spec))


def _rank(table: str) -> tuple[int, str]:
    stem = posixpath.basename(table).split(".")[0]
    return (_FIRST.index(stem) if stem in _FIRST else len(_FIRST), table)


def _key(spec: Spec) -> str:
    node: Node = spec.node("key")
    parts = node.items if isinstance(node, Members) else [node]
    return ", ".join(f"`{part.text}`" for part in parts if isinstance(part, Scalar))

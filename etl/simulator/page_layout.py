"""Words and rows → HTML, everything escaped, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is safe already; anything else is escaped."""

    html: str


Cell = Html | str | int

_STYLE = (files("etl.simulator") / "page.css").read_text(encoding="utf-8")
_LINKS = {"": "Overview", "orders": "Orders", "requests": "Purchase requests", "log": "Requests log"}
_GOOD = {"SENT", "200", "204", "APPROVED", "READY", "WAITING_FOR_INVOICE", "CLOSED"}
_WAIT = {"INREVIEW", "new", "AUTO_PACKAGING", "MANUAL_PACKAGING", "DEFERRED", "429"}


def page(title: str, body: str, here: str, refresh: int) -> str:
    """A whole page. `refresh`: seconds until the browser asks again; 0: never."""
    links = "".join(
        f'<a href="/{name}"{" class=here" if name == here else ""}>{escape(word)}</a>'
        for name, word in _LINKS.items()
    )
    meta = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{meta}'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<header><b>Alma simulator</b>{links}<span>not Alma: nothing here is ordered</span></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _cell(value: Cell) -> str:
    return value.html if isinstance(value, Html) else escape(str(value))


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table, or a word that there is nothing."""
    if not rows:
        return '<p class="none">Nothing yet.</p>'
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def facts(words: Mapping[str, Cell]) -> str:
    """Names and values as cards."""
    return (
        "<dl>"
        + "".join(
            f"<div><dt>{escape(name)}</dt><dd>{_cell(value)}</dd></div>" for name, value in words.items()
        )
        + "</dl>"
    )


def badge(word: str) -> Html:
    """A word on a coloured ground."""
    colour = "good" if word in _GOOD else "wait" if word in _WAIT else "bad"
    return Html(f'<span class="tag {colour}">{escape(word)}</span>')


def link(path: str, word: str) -> Html:
    """A link within the simulator."""
    return Html(f'<a href="{escape(quote(path))}">{escape(word)}</a>')


def pre(text: str) -> str:
    """Text as it stands."""
    return f"<pre>{escape(text)}</pre>"

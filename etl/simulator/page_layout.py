"""Words and rows → HTML, everything escaped, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from urllib.parse import quote

from etl.simulator.page_words import Tongue


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is safe already; anything else is escaped."""

    html: str


Cell = Html | str | int

_STYLE = (files("etl.simulator") / "page.css").read_text(encoding="utf-8")
_LINKS = {"": "Overview", "orders": "Orders", "requests": "Purchase requests", "log": "Requests log"}
_GOOD = {"SENT", "200", "204", "APPROVED", "READY", "WAITING_FOR_INVOICE", "CLOSED"}
_WAIT = {"INREVIEW", "new", "AUTO_PACKAGING", "MANUAL_PACKAGING", "DEFERRED", "429"}


def page(title: str, body: str, here: str, refresh: int, tongue: Tongue) -> str:
    """A whole page. `refresh`: seconds until the browser asks again; 0: never."""
    links = "".join(
        f'<a href="/{name}{tongue.query}"{" class=here" if name == here else ""}>{escape(tongue(word))}</a>'
        for name, word in _LINKS.items()
    )
    meta = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        f'<!doctype html><html lang="{tongue.lang}"><head><meta charset="utf-8">{meta}'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<header><b>{tongue('Alma simulator')}</b>{links}"
        f'<a href="{tongue.other}">{tongue("På svenska")}</a>'
        f"<span>{tongue('not Alma: nothing here is ordered')}</span></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _cell(value: Cell) -> str:
    return value.html if isinstance(value, Html) else escape(str(value))


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], tongue: Tongue) -> str:
    """A table that scrolls sideways where it does not fit, or a word that there is nothing."""
    if not rows:
        return f'<p class="none">{tongue("Nothing yet.")}</p>'
    top = "".join(f"<th>{escape(tongue(head))}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def facts(words: Mapping[str, Cell], tongue: Tongue) -> str:
    """Names and values as cards."""
    cards = (
        f"<div><dt>{escape(tongue(name))}</dt><dd>{_cell(value)}</dd></div>" for name, value in words.items()
    )
    return "<dl>" + "".join(cards) + "</dl>"


def badge(word: str, shown: str = "") -> Html:
    """A word on a coloured ground; `shown` is what stands there, if not the word."""
    colour = "good" if word in _GOOD else "wait" if word in _WAIT else "bad"
    return Html(f'<span class="tag {colour}">{escape(shown or word)}</span>')


def link(path: str, word: str, tongue: Tongue) -> Html:
    """A link within the simulator."""
    return Html(f'<a href="{escape(quote(path))}{tongue.query}">{escape(word)}</a>')


def long(text: str) -> Html | str:
    """Words that need some width, however narrow the window."""
    return Html(f'<div class="long">{escape(text)}</div>') if text else ""


def still(text: str) -> Html:
    """Words that stay on one line."""
    return Html(f'<span class="still">{escape(text)}</span>')


def pre(text: str) -> str:
    """Text as it stands."""
    return f"<pre>{escape(text)}</pre>"

"""A text → the same as it is typed: between the quotes of YAML, or as a text of a template's."""

from __future__ import annotations

LONGEST = 90
"""Characters of a text that a help repeats whole."""


def yaml_quoted(text: str) -> str:
    """A text as it is written in a mapping, in quotes.

    >>> print(yaml_quoted("{{ title }}"), yaml_quoted('{{ "it\\'s" }}'))
    "{{ title }}" '{{ "it''s" }}'
    """
    return f'"{text}"' if not set('"\\') & set(text) else "'" + text.replace("'", "''") + "'"


def template_text(text: str) -> str:
    """A text as it is written in an expression, in quotes.

    >>> print(template_text("$title"), template_text("it's"), template_text("C:\\\\"))
    '$title' "it's" 'C:\\\\'
    """
    quote = '"' if "'" in text and '"' not in text else "'"
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def repeatable(text: str) -> bool:
    """Is it short enough, and on one line, so that a help can show the whole of what to write?"""
    return len(text) <= LONGEST and text.isprintable()

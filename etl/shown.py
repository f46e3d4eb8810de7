"""Text of others → text that may be shown: it stays on its line, drives nothing, and gives no password away.

A title, a file name, a parameter or an answer of Alma is data wherever it is shown. Shown as escapes (`\\n`,
`\\x1b`, `\\u202e`) are the characters that a person would not see or that do something: controls, separators
of lines, bidirectional and other format characters, what has no width, halves of surrogate pairs, private
characters and noncharacters. Combining marks, no-break spaces and soft hyphens are text, and stay. A
backslash of the text's own is not doubled: escapes are for eyes, nothing reads them back.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "***"
FORMAT = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0"
)
"""Characters that take no room, or turn text around, as the inside of a character class."""
_UNSEEN = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u2028\u2029{FORMAT}\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
    + "\U000f0000-\U0010ffff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# `##[error]`, `##vso[…]`, `##teamcity[…]`: commands of CI servers wherever they stand in a line
_COMMAND = re.compile(r"#(?=#\w*+\[)", re.ASCII)
# `::error …` is one at the beginning of a line; and no line but our own begins as our messages do
_BEGINNING = re.compile(r"\s*+:(?=:)|(?:error|hold|warning|note)(?=\[)")

_ALMA_KEY = re.compile(r"(?<![0-9A-Za-z])l[0-9]xx[0-9A-Za-z]{8,}", re.IGNORECASE)
_RUN = re.compile(r"[0-9A-Za-z]{16,}")
_NAMED = re.compile(
    r"(?:(?<=[?&;#])[\w.\-]*(?:key|keyid|token|secret|sig|signature|credentials?|auth|pass|passwd|pwd|password|sas|jwt)"
    r"|(?<!\w)(?:password|passwd|pwd|secret|token|api_?key))=([^\s&#;\"'<>]+)",
    re.IGNORECASE,
)
_URL_END = re.compile(r"[\s\"<>]")
_SCHEME = re.compile(r"\"?+[A-Za-z][A-Za-z0-9+.\-]{0,23}+\Z")
_LONGEST_SCHEME = 24


def visible(text: str) -> str:
    """A piece of a line: characters nobody would see as escapes, and no command of a CI server within it.

    >>> visible("Ett\\nTvå \\x1b[31m ##vso[task.complete]")
    'Ett\\\\nTvå \\\\x1b[31m \\\\x23#vso[task.complete]'
    """
    return _COMMAND.sub(r"\\x23", _UNSEEN.sub(_escape, text))


def shown(line: str) -> str:
    """A whole line: also what it begins with is neither a CI server's command nor a message of ours.

    >>> shown("::error::no"), shown("error[E412] no")
    ('\\\\x3a:error::no', '\\\\x65rror[E412] no')
    """
    line = visible(line)
    begins = _BEGINNING.match(line)
    if begins is None:
        return line
    at = begins.end() - 1 if line[begins.end() - 1] == ":" else 0
    return f"{line[:at]}\\x{ord(line[at]):02x}{line[at + 1 :]}"


def shown_json(text: str) -> str:
    """JSON text that says the same, with `visible`'s characters as JSON's own escapes.

    >>> shown_json('{"title": "\\u202eAbc ##[group]"}')
    '{"title": "\\\\u202eAbc \\\\u0023#[group]"}'
    """
    lines = (_UNSEEN.sub(_json_escape, line) for line in text.split("\n"))
    return _COMMAND.sub(r"\\u0023", "\n".join(lines))


def without_secrets(text: str, *, wary: bool = False, same_length: bool = False) -> str:
    """`text` without passwords and signatures of URLs, and without what has the shape of Alma's keys.

    For words that repeat what a person wrote, who may have put a secret where it does not belong. `wary`
    takes out every long run of letters and digits: right where a name is due, too much where order numbers
    are spoken of. With `same_length` each sign becomes a star: places in the text stay where they are.
    """

    def blotted(secret: str) -> str:
        return "*" * len(secret) if same_length else MASK

    text = _NAMED.sub(
        lambda found: found[0][: found.start(1) - found.start()] + blotted(found[1]), _urls(text, blotted)
    )
    text = _ALMA_KEY.sub(lambda found: blotted(found[0]), text)
    return _without_runs(text, blotted) if wary else text


def masked_url(url: str) -> str:
    """`sftp://user:***@host/…?sig=***`: a URL as it may be named. The whole text is the URL.

    >>> masked_url("https://user:pass@host/x.csv?day=1&X-Amz-Signature=abc")
    'https://user:***@host/x.csv?day=1&X-Amz-Signature=***'
    """
    return without_secrets(f'"{url}"')[1:-1]


# --------------------------------------------------------------------------------------------- inside


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    code = ord(sign)
    if sign in _SHORT:
        return _SHORT[sign]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _urls(text: str, blotted: Callable[[str], str]) -> str:
    """Every URL masked. One that begins after a quote goes to the next quote, others to the next blank."""
    parts, done = [], 0
    at = text.find("://")
    while at >= 0:
        following = text.find("://", at + 3)
        limit = following if following >= 0 else len(text)
        scheme = _SCHEME.search(text[max(done, at - _LONGEST_SCHEME) : at])
        end = text.find('"', at, limit) if scheme and scheme[0].startswith('"') else -1
        if end < 0:
            found = _URL_END.search(text, at, limit)
            end = found.start() if found else limit
        web = scheme is not None and scheme[0].lower().endswith(("http", "https"))
        parts += [text[done : at + 3], _masked(text[at + 3 : end], web, blotted)]
        at, done = following, end
    return "".join([*parts, text[done:]])


def _masked(rest: str, web: bool, blotted: Callable[[str], str]) -> str:
    """What follows `://`. A password with `/`, `?` or `@` in it, not escaped, goes to the last `@`."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    begins = "@" not in authority and _user_begins(authority)
    path, mark, query = (rest, "", "") if begins and "@" in rest else rest.partition("?")
    user, _, password = path.rpartition("@")[0].partition(":")
    if password and "/" not in user and (begins or "@" in authority):
        path = f"{user}:{blotted(password)}{path[path.rindex('@') :]}"
    elif web and "@" in authority:  # a token stands alone there
        path = blotted(user) + path[len(user) :]
    return f"{path}{mark}{_without_runs(query, blotted)}"


def _user_begins(authority: str) -> bool:
    """`user:pass`, not `host:8080` nor `[::1]`."""
    _, colon, port = authority.rpartition(":")
    return bool(colon) and not port.isdigit() and not authority.startswith("[")


def _without_runs(text: str, blotted: Callable[[str], str]) -> str:
    """Without runs of letters and digits that look like a key."""
    return _RUN.sub(lambda found: blotted(found[0]) if _random(found[0]) else found[0], text)


def _random(run: str) -> bool:
    return sum(sign.isdigit() for sign in run) >= 4 and not run.isdigit()

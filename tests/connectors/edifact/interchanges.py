"""Composed EDIFACT: segments in, the bytes of an interchange with right counts out. Titles and numbers are invented."""

from __future__ import annotations

HEAD = ("BGM+31F::28+Q-77+9", "DTM+137:20240311:102", "RFF+ON:B-1", "NAD+BY+7300009000017::9", "RFF+API:000217", "NAD+SU+7300009000024::9", "CUX+2:SEK:12")
LINE = (
    "PIA+5+9199999012:IB",
    "IMD+L+010+:::Öberg",
    "IMD+L+011+:::Åsa",
    "IMD+L+050+:::Sju nätter på Åland",
    "QTY+1:2",
    "GIR+001+HUV:LLO+VUX24:LFN+VUX:LSQ",
    "GIR+002+FIL:LLO+FIL24:LFN+VUX:LSQ",
    "PRI+AAA:142.45",
    "RFF+QLI:Q-77/1",
)


def line(*segments: str, number: int = 1, ean: str = "9789199999012") -> list[str]:
    """A LIN and its segments; those of LINE when none are given."""
    return [f"LIN+{number}++{ean}:EN", *(segments or LINE)]


def message(*lines: list[str], head: tuple[str, ...] = HEAD, kind: str = "QUOTES", name: str = "M1") -> list[str]:
    """From UNH to UNT, rightly counted."""
    inside = [*head, *(segment for one in lines for segment in one), "UNS+S", f"CNT+2:{len(lines)}"]
    return [f"UNH+{name}+{kind}:D:96A:UN:EAN008", *inside, f"UNT+{len(inside) + 2}+{name}"]


def interchange(*messages: list[str], una: str = "UNA:+.? '", syntax: str = "UNOC:3", codec: str = "latin-1", gap: str = "\r\n") -> bytes:
    """From UNA to UNZ, rightly counted."""
    unb = f"UNB+{syntax}+SENDER:14+BUYER:14+240311:0930+IC1++QUOTES"
    segments = [unb, *(segment for one in messages for segment in one), f"UNZ+{len(messages)}+IC1"]
    return (una + (gap if una else "") + "".join(f"{segment}'{gap}" for segment in segments)).encode(codec)

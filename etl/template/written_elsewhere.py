"""What people write who think of another language, or whose editor thinks for them → what is meant."""

from __future__ import annotations

import re
from collections.abc import Callable

from etl.slips.typography import DASHES, QUOTES, straight

_PART = r"(?:(?!\b(?:if|then|else)\b)[^{}])++"
_VALUE = r"(?:(?<![\w.])[^\W\d][\w.]*+|'[^']*+'|\"[^\"]*+\")"
Put = str | Callable[[re.Match[str]], str]
WRITTEN: tuple[tuple[str, Put, str, str], ...] = (
    # what is written, what is meant, what is wrong, what to write; {0} is what was written, {1} what is meant
    (rf"[{QUOTES}]", lambda hit: straight(hit[0]), "{0} is no quote: a text editor has put it there",
     "write {1}"),
    (rf"[{DASHES}]", "-", "{0} is no minus: a text editor has put it there", "write -"),
    (r"===", "==", '"===" is not known', "write =="),
    (r"(?<![\w.,])(\d++),(\d++)(?![\w.,])", r"\1.\2", '"{0}" is two numbers, with a comma between them',
     "write the number with a dot:  {1}"),
    (rf"({_VALUE})\s++contains\s++({_VALUE})", r"\2 in \1", '"contains" is not known', "write  {1}"),
    (rf"({_VALUE})\s++(?:starts\s?+with|begins\s++with|startswith)\s++({_VALUE})", r"\1.startswith(\2)",
     "a text is asked by its method how it begins", "write  {1}"),
    (rf"({_VALUE})\s++(?:ends\s?+with|endswith)\s++({_VALUE})", r"\1.endswith(\2)",
     "a text is asked by its method how it ends", "write  {1}"),
    (r"(?<![=!<>])=(?!=)", "==", '"=" does not compare', "write == to compare"),
    (r"<>|!\s++=|≠|=!", "!=", '"{0}" is not known', "write !="),
    (r"=>|≥", ">=", '"{0}" is not known', "write >="),
    (r"=<|≤", "<=", '"{0}" is not known', "write <="),
    (r"&&?|\bund\b|\boch\b", "and", '"{0}" is not known', "write  and"),
    (r"\|\|", "or", '"||" is not known', "write  or"),
    (r"!(?!=)\s*", "not ", '"!" is not known', "write  not"),
    (r"\b(?:AND|OR|NOT|IN|IS|IF|ELSE|And|Or|Not|In|Is|If|Else)\b", lambda hit: hit[0].lower(),
     "{0} is written small", "write  {1}"),
    (r"\b(?:elsif|elseif|else\s+if)\b", "elif", '"{0}" is no statement', "write  elif"),
    (r"\bend\s++(?=if|for|with|set)", "end", '"end" stands apart', "write it as one word: endif, endfor"),
    (rf"\bif\b({_PART})\bthen\b({_PART})\belse\b({_PART})(?=\}}\}})", r"\2 if \1 else \3",
     '"then" is not known: what is wanted stands first', "write  {1}"),
    (r"(?<=\{\{)([^{}?]++)\?([^{}?:]++):([^{}?:]++)(?=\}\})", r"\2 if \1 else \3",
     '"?" and ":" are not known', "write {1}"),
    (rf"\bif\b({_PART})\bthen\b({_PART})(?=\}}\}})", r"\2 if \1 else ''",
     '"then" is not known: what is wanted stands first', "write  {1}"),
    (r"(?<=\{\{)\s*+if\b([^{}]++)(?=\}\})", r" 'x' if \1 else '' ", "a value does not begin with if",
     "write  {{{{ value if condition else other }}}}"),
    (r"\belse\b\s*+(?=\}\}|\))", "else '' ", 'a value is missing behind "else"', "write  else ''"),
    (r"(?<![\w.,])(?<!\d[ \u00a0\u202f])\d{1,3}(?:[ \u00a0\u202f]\d{3})++(?![\w.,])",
     lambda hit: re.sub(r"\s", "", hit[0]),
     "{0} is more than one number: a blank parts them", "write  {1}"),
    (r"\{%-?\s*(?:if|elif)\s*(?=%\})", "{% if x ", "a condition is missing", "write  {{% if … %}}"),
    (r"(\bset\s++\w++)\s++(?!=)", r"\1 = ", '"=" is missing', "write  {1} …"),
    (r"(?<=\{\{)\s*\{\s*", " ", "a brace too many", "write  {{{{ … }}}}"),
    (r"\}\s+(?=\}\})", " ", "a brace too many", "write  {{{{ … }}}}"),
    (r"\b\d++[^\W\d]\w*+", "x", '"{0}" is no name and no number',
     "names begin with a letter, a text stands in quotes"),
    (r"\bthen\b\s*", "", '"then" is not known', "leave it out"),
    (r"(?<=\s)\{\{([^{}]*+)\}\}", r"\1",
     "braces inside braces: here everything is an expression already", "write  {1}  without braces"),
    (r"(\|\s*+\w++)\s*+:\s*+([^\s|}]++)", r"\1(\2)",
     "what a filter is given stands in round brackets", "write  {1}"),
    (r"(\|\s*+\w++)\s++(\"[^\"]*+\"|'[^']*+'|\d++)", r"\1(\2)",
     "what a filter is given stands in round brackets", "write  {1}"),
    (r"\|\s*(?=\}\}|%\}|\||\)|\Z)", "", 'a filter\'s name is missing behind "|"', "name it, or take | away"),
    (r"\.(?=\s|\}|\)|\||\Z)", "", 'a name is missing behind "."', "name what is wanted, or take the . away"),
    (r",\s*,", ",", "one comma too many", "write one"),
    (r"(?:[-+*/~<>]|==|!=|<=|>=|\band\b|\bor\b|\bis\b|\bin\b|\bnot\b)\s*(?=\}\}|%\}|\))", "",
     'something is missing behind "{0}"', "write what it applies to, or take it away"),
    (r"(?<=\{\{)(\s*)(?:[*/~<>]|==|!=|<=|>=|\band\b|\bor\b|\bis\b|\bin\b)(?=\s)", "",
     'something is missing before "{0}"', "write what it applies to, or take it away"),
    (r"([-+*/~<>]|\band\b|\bor\b)\s*([*/~<>]|\band\b|\bor\b)", r"\1",
     "two operators side by side", "write one"),
    (r"(\bfor\s++\w++)\s++of\b", r"\1 in", '"of" is not known here', "write  {1} …"),
    (r"(?<=[\w)])\s++not\s++(?!in\b)", " != ", '"not" stands before one value', "write  !=  or  and not"),
    (r"(?<=[^\W\d])\s+(?=[\"'])", "", "a quote too many, or one that is missing",
     "texts stand in quotes, names do not"),
    (r"[^\w\s\"'(){}\[\]|.,:~+*/%<>=-]", "", 'the sign "{0}" means nothing in a template', "take it away"),
    (r"[:;,.](?=\s|\}|\))", "", '"{0}" does not belong here', "take it away"),
)  # fmt: skip
"""The surest first: what stands below may be right beside what stands above."""

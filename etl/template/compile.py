"""Template text → a function of a record, or every reason why not.

A template that is one expression yields that expression's value with its type. Text around it, or a
statement, makes it text. Everything is parsed once; evaluating does no parsing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Undefined

from etl.plugin import BadValue
from etl.problems import MappingPlace, Problem
from etl.template.bounds import MAX_TEXT, as_list
from etl.template.environment import Failure, NoMember, Sandbox
from etl.template.own_texts import OwnTexts, own_texts
from etl.template.passed_on import PassedOn, passed_on
from etl.template.plain_words import in_plain_words, shown
from etl.template.references import Reads, reads_of
from etl.template.rewrite import Names, Rewriter, check_nodes, parts_of
from etl.template.sources_read import SourcesRead, sources_of
from etl.template.stray_signs import HALF, stray_signs, text_around
from etl.template.syntax_help import syntax_slip
from etl.template.text_arguments import with_quotes
from etl.template.types import UNKNOWN, group_of

Locate = Callable[[int, int], MappingPlace]
_MARK = re.compile(rf"\{{\{{|\{{%|\{{#|{HALF.pattern}")
_QUOTED = re.compile(r"""'([^']*)'|\A"([^"]*)\"""")


@dataclass(frozen=True, slots=True)
class Template:
    """One compiled template. `names` it needs; `optional` it reads only under `default` or `is defined`."""

    text: str
    names: Names
    sources: SourcesRead
    is_expression: bool
    tree: nodes.Template
    _root: Callable[[Any], Any]
    _env: Sandbox
    _locate: Locate
    _own_context: bool
    _weight: int

    def evaluate(self, context: jinja2.runtime.Context, turn: int = 0) -> Any:
        """The value for one record; each member of a list costs `turn` steps more.

        Raises Failure with the place in the mapping.
        """
        env = self._env
        try:
            env.budget.spend(self._weight)
            if self._own_context:
                context = env.context(dict(context.parent))
            if not self.is_expression:
                return env.budget.join(self._root(context))
            for value in self._root(context):
                value = env.budget.weigh(_defined(value))
                if turn and isinstance(value, list | tuple | range):
                    env.budget.spend(len(value) * turn)
                return value
        except Failure:
            raise
        except Exception as error:
            raise self._failure(error) from error
        return None

    @property
    def shown(self) -> str:
        """What it says, as a message shows it: an expression without its braces."""
        text = self.text.strip()
        return shown(text[2:-2] if self.is_expression else text)

    @property
    def has_text_around(self) -> bool:
        """Is it text that an expression stands in, or several of them? Statements may write an answer."""
        return not self.is_expression and all(isinstance(one, nodes.Output) for one in self.tree.body)

    def reads(self) -> Reads:
        """What it reads, part by part. The text is parsed anew: nobody asks but to follow one record."""
        return reads_of(self._env.parse(self.text), frozenset(self.names.all))

    def passed_on(self) -> PassedOn:
        """The texts that it says itself, and the names whose values it hands on."""
        return passed_on(self._env.parse(self.text))

    def own_texts(self) -> OwnTexts:
        """The texts that its author wrote."""
        return own_texts(self._env.parse(self.text))

    def text_around(self) -> str:
        """The text that stands in it, with all code blanked out: the same length."""
        return text_around(self._env.parse(self.text), self.text)

    def with_quotes(self, name: str) -> str | None:
        """`price | amount(sv)` as `price | amount('sv')`, if the name would do as the text it is given."""
        return with_quotes(self._env.parse(self.text), self.text, name, self._env.known_filters)

    def locate(self, offset: int, length: int = 0) -> MappingPlace:
        """The place in the mapping of a position in the template."""
        return self._locate(offset, length)

    def place(self) -> MappingPlace:
        """Where the template stands."""
        start = len(self.text) - len(self.text.lstrip())
        return self._locate(start, len(self.text.strip()))

    def _failure(self, error: Exception) -> Failure:
        place = self.place()
        if isinstance(error, BadValue):
            return Failure(Problem(error.code, error.message, mapping=place, help=error.help))
        if isinstance(error, UndefinedError):
            return self._undefined(error, place)
        if isinstance(error, SecurityError):
            return Failure(Problem("E473", f"not allowed in a template: {error}", mapping=place))
        said = f"the template failed: {in_plain_words(str(error) or type(error).__name__)}"
        code = "E490" if "NoneType" in str(error) else "E472"
        return Failure(Problem(code, said, mapping=place, help=_type_help(error)))

    def _undefined(self, error: UndefinedError, place: MappingPlace) -> Failure:
        message = str(error)
        found = _QUOTED.findall(message)
        name = "".join(found[-1]) if found else ""
        offset = self.names.first_use(name)
        if offset is not None:
            offset = max(self.text.find(name, offset), 0)  # an attribute's token is its dot
            place = self._locate(offset, len(name))
        # a name of ours comes with its own words, a plain one is merely absent
        help_ = "write  | default(…)  if it may be absent" if message.endswith("is undefined") else None
        if isinstance(error, NoMember):
            help_ = group_of(dict.fromkeys(error.known, UNKNOWN)).help_for(error.name)
        read = frozenset(one for one in self.sources if name in one)
        return Failure(Problem("E471", in_plain_words(message), mapping=place, help=help_), read)


def _defined(value: Any) -> Any:
    """The value, if it is one: no undefined, alone or in a list."""
    value = as_list(value)
    for member in value if isinstance(value, list) else (value,):
        if isinstance(member, Undefined):
            member._fail_with_undefined_error()
    return value


def is_template(text: str) -> bool:
    """Does this text hold Jinja marks, or half of one?"""
    return _MARK.search(text) is not None


def compile_template(text: str, env: Sandbox, locate: Locate) -> Template | list[Problem]:
    """Compile one template of a mapping; `locate` turns an offset and a length into a place in the file."""
    if len(text) > MAX_TEXT:
        message = f"the template has {len(text):,} characters (limit {MAX_TEXT:,})"
        return [Problem("E211", message, mapping=locate(0, 0), help="name its parts in let")]
    env.budget.refill()  # constant arguments of filters are looked at now
    try:
        return _compile(text, env, locate)
    except TemplateSyntaxError as error:
        slip = syntax_slip(text, error, env.parse, env.known_filters)
        return [Problem(slip.code, slip.said, mapping=locate(slip.offset, slip.length), help=slip.help)]
    except (ValueError, ArithmeticError):  # Python reads no whole number of more than 4,300 digits
        return [Problem("E211", "a number of more than a thousand digits", mapping=locate(0, len(text)))]
    except (RecursionError, MemoryError, SyntaxError):  # Jinja's recursion, or Python's limits on the code
        return [Problem("E211", "the template nests too deeply", mapping=locate(0, len(text)))]


def _compile(text: str, env: Sandbox, locate: Locate) -> Template | list[Problem]:
    tree = env.parse(text)
    problems = stray_signs(tree, text, locate) or check_nodes(tree, env, text, locate)
    if problems:
        return problems
    names, sources = Names.of(tree), sources_of(tree)
    tree = Rewriter(env, locate, text).visit(tree)
    is_expression = _is_expression(tree)
    source = env._generate(tree, "mapping", None)
    template = jinja2.Template.from_code(env, env._compile(source, "<mapping>"), {}, None)
    weight = sum(1 for _ in parts_of(tree))
    root = template.root_render_func
    return Template(text, names, sources, is_expression, tree, root, env, locate, names.assigns, weight)


def _is_expression(tree: nodes.Template) -> bool:
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return False
    parts = tree.body[0].nodes
    return len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData)


def _type_help(error: Exception) -> str | None:
    text = str(error)
    if ("not supported between" in text and "str" in text) or (
        "unsupported operand" in text and "str" in text
    ):
        return "one side is text: convert it with  | integer ,  | decimal  or  | amount('sv')"
    if "NoneType" in text:
        return "a value is null here: guard it with $if"
    return None

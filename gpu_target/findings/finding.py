"""A finding: what is doubtful, at which places, and how it can be mended where that is certain to be safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gpu_target.language.ast import Expr
from gpu_target.language.codes.findings import ASKED_FOR, FINDING_CODES
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import Rule

SHOWN = 60  # characters of a term in a message


@dataclass(frozen=True, slots=True)
class Place:
    """Another place that a finding is about: a rule, or a term of the same rule."""

    what: str
    span: Span


@dataclass(frozen=True, slots=True)
class Mend:
    """What a safe mend does, in words, and the characters that it replaces.

    Where ``entry`` names a key of the rule file and one inside it, such as ``("lists", "watched")``, that entry of the
    file of ``span`` is deleted instead.
    """

    what: str
    span: Span
    text: str = ""
    entry: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """``rule`` is the id of the rule it is about, empty where it is about something else."""

    diagnostic: Diagnostic
    rule: str = ""
    related: tuple[Place, ...] = field(default=())
    mend: Mend | None = None

    @property
    def code(self) -> str:
        return self.diagnostic.code

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: the diagnostic with its rule and the other places."""
        found = self.diagnostic.as_dict()
        if self.rule:
            found["rule"] = self.rule
        if self.related:
            places = [(each.what, *each.span.location()) for each in self.related]
            found["related"] = [
                {"what": what, "file": file, "line": line, "column": column} for what, file, line, column in places
            ]
        found["fixable"] = self.mend is not None
        return found


def about_rule(
    code: str,
    message: str,
    rule: Rule,
    span: Span | None,
    label: str = "",
    remedy: str = "",
    *,
    related: Sequence[Place] = (),
    mend: Mend | None = None,
) -> Finding:
    """A finding about a rule. Notes say where the other places are, and which row of a decision table it is."""
    notes = [f"{each.what} stands at {shown_place(each.span)}" for each in related]
    if isinstance(rule.when.source, RowSource):
        notes.append(f"with the cells of {rule.when.source.note}")
    return Finding(Diagnostic(code, message, span, label, remedy, notes=tuple(notes)), rule.id, tuple(related), mend)


def shown_place(span: Span) -> str:
    """File, line and column, as an editor opens them."""
    return "{}:{}:{}".format(*span.location())


def place_of(rule: Rule, tree: Expr) -> Span:
    """Where a part of a rule's located tree stands."""
    return Span(rule.when.source, *tree.span)


def text_of(rule: Rule, tree: Expr) -> str:
    """A part of a rule's located tree as it is written, on one line, and not more of it than helps."""
    text = " ".join(rule.when.source.text[slice(*tree.span)].split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def listed(words: Sequence[str]) -> str:
    """Words in a sentence: `a`, `b` and `c`."""
    quoted = [f"`{each}`" for each in words]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f" and {quoted[-1]}"


def chosen(findings: Iterable[Finding], select: Sequence[str], ignore: Sequence[str]) -> list[Finding]:
    """The findings of the codes that begin with a word of ``select``, and with none of ``ignore``.

    Without ``select`` it is all but those that are given only where they are asked for.
    """
    wanted = wanted_codes(select, ignore)
    return [each for each in findings if each.code in wanted]


def wanted_codes(select: Sequence[str], ignore: Sequence[str]) -> set[str]:
    """The codes of findings that are shown."""
    begun = {code for code in FINDING_CODES if any(code.startswith(each) for each in select)}
    wanted = begun if select else set(FINDING_CODES) - ASKED_FOR
    return {code for code in wanted if not any(code.startswith(each) for each in ignore)}

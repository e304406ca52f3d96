"""One rule file: its text in, its canonical text out, which is read again and compared before it is handed over."""

from __future__ import annotations

from gpu_target.formatting.entries import read_entries
from gpu_target.formatting.meaning import meaning
from gpu_target.formatting.writer import Writer
from gpu_target.language.diagnostics import Diagnostic, RuleError, Source
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.terms import Terms
from gpu_target.language.yaml_nodes import YamlMap, YamlScalar, compose
from gpu_target.plan.process import compiling


def formatted(source: Source, root: YamlMap, terms: Terms) -> str:
    """The canonical text of a rule file that ``load_rules`` accepts, of which ``root`` holds the nodes.

    ``terms`` are the conditions read so far. Raises RuleError with RT054 where the new text would not be read as the
    same rules.
    """
    with compiling():
        record = root.entries.get("record")
        name = record[1].value if record is not None and isinstance(record[1], YamlScalar) else ""
        fields = RECORD_TYPES[name].fields if name in RECORD_TYPES else {}
        text = Writer(fields, terms).text(read_entries(source, root))
        if text != source.text:
            _compare(source, root, text, terms)
        return text


def _compare(source: Source, root: YamlMap, text: str, terms: Terms) -> None:
    errors: list[Diagnostic] = []
    again = compose(Source(source.name, text), errors)
    if again is None or errors or meaning(root, terms) != meaning(again, terms):
        message = "the canonical text of this file would not be read as the same rules"
        remedy = "it was left as it is; report this, with the file"
        raise RuleError(Diagnostic("RT054", message, place=source.name, remedy=remedy))

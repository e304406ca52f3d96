"""A rule file or a folder of them: what each holds and what it should hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gpu_target.formatting.rule_file import formatted
from gpu_target.language.files import Draft, read_all, read_text
from gpu_target.language.model import RuleSet
from gpu_target.language.yaml_nodes import YamlMap


@dataclass(frozen=True, slots=True)
class Formatted:
    """One rule file: its bytes as they are and as they should be."""

    path: Path
    before: bytes
    after: bytes

    @property
    def changes(self) -> bool:
        return self.before != self.after


def format_rules(path: Path) -> tuple[RuleSet, list[Formatted]]:
    """The rule set and its files, in order. Raises as ``load_rules`` and ``formatted`` do; nothing is written."""
    draft = Draft(roots={})
    ruleset = read_all(path, draft)
    return ruleset, [_formatted(file, file.read_bytes(), draft) for file in draft.sources]


def format_text(path: Path, data: bytes) -> tuple[RuleSet, Formatted]:
    """The same of a text that is not in its file yet; ``path`` says where it will stand. Raises as ``format_rules``."""
    draft = Draft(roots={})
    ruleset = read_text(path, data, draft)
    return ruleset, _formatted(path, data, draft)


def _formatted(path: Path, data: bytes, draft: Draft) -> Formatted:
    root = (draft.roots or {})[path]
    assert isinstance(root, YamlMap)  # what was read without an error
    text = formatted(draft.sources[path], root, draft.terms)
    return Formatted(path, data, text.encode("utf-8"))

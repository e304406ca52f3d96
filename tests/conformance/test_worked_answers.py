"""Every backend gives the answers that were worked out by hand."""

from __future__ import annotations

import pytest

from gpu_target.language.parser import parse_predicate_text
from tests.conformance.evaluating import worked_letters
from tests.gpu_target.building import BACKENDS
from tests.oracle.cases import ruleset_of
from tests.oracle.test_worked import ALL
from tests.oracle.worked import Worked


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("worked", ALL, ids=lambda each: each.name)
def test_a_backend_answers_as_worked_out_by_hand(worked: Worked, backend: str) -> None:
    ruleset = ruleset_of(
        [parse_predicate_text(text) for text in worked.answers],
        lists=dict(worked.lists),
        tables=dict(worked.tables),
        let={name: parse_predicate_text(text) for name, text in worked.let.items()},
        roles=dict(worked.roles),
    )
    assert worked_letters(worked, ruleset, backend, worked.as_of) == dict(worked.answers)

"""Rule sets made up from a profile: valid, reproducible, and of the shape that is documented."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import gpu_target as gt
import synthetic
from gpu_target.cli.checking import check_names_and_types, columns_of
from gpu_target.language.ast import And, Or
from gpu_target.language.model import RuleSet
from gpu_target.language.printer import to_text
from synthetic.rulesets import conditions, generate_rules, sample, shape
from synthetic.rulesets.generate import PROFILE, RuleMaker
from synthetic.rulesets.luck import Luck
from synthetic.rulesets.sample import RATIOS, sample_of
from synthetic.rulesets.terms import Names

RULES = 1_500


@cache
def text() -> str:
    return generate_rules(RULES, seed=3)


@pytest.fixture(scope="module")
def ruleset(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return loaded(text(), tmp_path_factory.mktemp("rules"))


def loaded(written: str, folder: Path) -> RuleSet:
    file = folder / "rules.yaml"
    file.write_text(written, encoding="utf-8")
    return gt.load_rules(file)


def share(ruleset: RuleSet, of: Counter[str], name: str) -> float:
    return 100 * of[name] / len(ruleset.rules)


def test_the_same_arguments_give_the_same_text_and_another_seed_another() -> None:
    assert generate_rules(40, seed=3) == generate_rules(40, seed=3)
    assert generate_rules(40, seed=3) != generate_rules(40, seed=4)


def test_a_profile_that_was_edited_is_read_again(tmp_path: Path) -> None:
    profile = tmp_path / "mine.yaml"
    written = Path(synthetic.__file__).parent / "profiles" / f"{PROFILE}.yaml"
    profile.write_text(written.read_text(encoding="utf-8"), encoding="utf-8")
    before = sample_of(str(profile))
    assert sample_of(str(profile)) is before
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("year: {value: 2024", "year: {value: 2023"), encoding="utf-8"
    )
    assert sample_of(str(profile)).year != before.year


def test_sets_of_items_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    goods = sample_of(PROFILE)
    monkeypatch.setattr(sample, "MOST_KNOWN", 50)
    monkeypatch.setattr(goods, "_known", {})
    fresh = generate_rules(20, seed=3)
    assert 0 < len(goods._known) <= 50
    monkeypatch.undo()
    assert generate_rules(20, seed=3) == fresh


def test_rule_sets_made_before_change_nothing() -> None:
    fresh = generate_rules(40, seed=3)
    generate_rules(40, seed=4)  # lists of the same names, with other values
    sample.SAMPLES.clear()
    assert generate_rules(40, seed=3) == fresh
    generate_rules(40, seed=4)
    assert generate_rules(40, seed=3) == fresh


@pytest.mark.parametrize("size", [60, 3_000])
def test_a_rule_does_not_depend_on_the_others_of_its_set(size: int) -> None:
    goods = sample_of(PROFILE)
    names = Names({"goods_01": goods.drawn("commodity_code", 30, Luck("goods"))}, frozenset(RATIOS))
    one, other = (RuleMaker(goods, names, 3, size) for _ in range(2))
    rules = [one.make(k) for k in range(60)]
    assert all(other.make(k) == rules[k] for k in (7, 59, 0, 31, 7))


def test_sets_too_small_for_broad_rules_begin_alike() -> None:
    few, more = (generate_rules(size, seed=3).split("rules:\n")[1] for size in (40, shape.RULES_PER_BROAD - 1))
    assert more.startswith(few)
    assert more != few


def test_no_rules_are_a_rule_set_too(tmp_path: Path) -> None:
    assert loaded(generate_rules(0), tmp_path).rules == ()


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(synthetic.ProfileError, match=r"PR011.*rules is -1"):
        generate_rules(-1)
    with pytest.raises(synthetic.ProfileError, match=r"PR011.*seed is -1"):
        generate_rules(1, seed=-1)


def test_names_and_types_fit_the_record_type(ruleset: RuleSet) -> None:
    columns = columns_of(ruleset, None, None)
    assert columns is not None
    assert check_names_and_types(ruleset, columns) == []
    assert len({rule.id for rule in ruleset.rules}) == RULES


def test_conditions_are_written_as_the_printer_writes_them(ruleset: RuleSet) -> None:
    conditions = re.findall(r"when: >-\n((?: {6}.*\n)+)", text())
    assert [re.sub(r"\s*\n\s*", " ", each.strip()) for each in conditions] == [
        to_text(rule.when.tree) for rule in ruleset.rules
    ]


def test_every_condition_is_true_of_an_item_of_the_sample(tmp_path: Path) -> None:
    bare = re.sub(r"\n    (valid|flow|offices): .*", "", text())  # the item fits them, the sample's day may not
    table = sample_of("morocco-2024").table
    ruleset = loaded(bare, tmp_path)
    counts = gt.compile(ruleset, table.schema).evaluate(table).counts
    relief = {rule.id for rule in ruleset.rules if rule.relief is not None}
    assert [name for name, count in counts.items() if not count and name not in relief] == []


def test_lanes_rates_and_bounds_are_as_frequent_as_documented(ruleset: RuleSet) -> None:
    lanes = Counter(str(rule.lane) for rule in ruleset.rules)
    for lane, percent in shape.LANES:
        assert share(ruleset, lanes, lane) == pytest.approx(percent, abs=4)
    rates = Counter(str(rule.rate) for rule in ruleset.rules if not rule.mandatory and rule.relief is None)
    for rate, percent in shape.RATES:
        assert share(ruleset, rates, str(rate)) == pytest.approx(percent, abs=5)
    assert 0.25 < np.mean([bool(rule.offices) for rule in ruleset.rules]) < 0.35
    assert 0.25 < np.mean([bool(rule.valid and rule.valid.until) for rule in ruleset.rules]) < 0.35
    for rule in ruleset.rules:
        if rule.valid and rule.valid.until:
            assert rule.valid.first is not None
            assert (rule.valid.until - rule.valid.first).days < shape.LONGEST_VALID
    assert any(rule.mandatory for rule in ruleset.rules)
    assert all(rule.lane == "red" for rule in ruleset.rules if rule.mandatory)
    assert any(rule.relief is not None for rule in ruleset.rules)


def test_conditions_have_as_many_terms_as_documented(ruleset: RuleSet) -> None:
    trees = [rule.when.tree for rule in ruleset.rules]
    terms = np.array([len(tree.operands) if isinstance(tree, And) else 1 for tree in trees])
    assert 3 < terms.mean() < 4.5
    assert terms.max() <= shape.MOST_TERMS
    either = [any(isinstance(each, Or) for each in getattr(tree, "operands", ())) for tree in trees]
    assert 0.10 < np.mean(either) < 0.20


def test_no_rule_has_more_terms_than_the_most(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conditions, "MOST_TERMS", 2)
    trees = [rule.when.tree for rule in loaded(generate_rules(200, seed=3), tmp_path).rules]
    assert {len(tree.operands) if isinstance(tree, And) else 1 for tree in trees} == {1, 2}


def test_an_or_matches_more_than_either_side_and_not_everything(ruleset: RuleSet, tmp_path: Path) -> None:
    table = sample_of(PROFILE).table
    found = [either for rule in ruleset.rules for either in _ors(rule.when.tree)]
    assert len(found) > 100
    texts = [to_text(each) for either in found for each in (either, *either.operands)]
    rules = [f"  - {{id: R{k}, lane: red, when: {json.dumps(each)}}}" for k, each in enumerate(texts)]
    head = text()[: text().index("rules:\n")]
    written = loaded("\n".join([head, "rules:", *rules]), tmp_path)
    counts = gt.compile(written, table.schema).evaluate(table).count_array.reshape(-1, 3)
    assert (counts[:, 0] > counts[:, 1:].max(axis=1)).all()
    assert (counts[:, 0] < table.num_rows).all()


def _ors(tree: object) -> list[Or]:
    operands = tree.operands if isinstance(tree, And) else (tree,)
    return [each for each in operands if isinstance(each, Or)]


def test_most_rules_read_the_commodity_code_and_many_use_lists_and_ratios(ruleset: RuleSet) -> None:
    texts = [to_text(rule.when.tree) for rule in ruleset.rules]
    used = {word: np.mean([word in each for each in texts]) for word in ("commodity_code", "@", "unit_value")}
    assert 0.6 < used["commodity_code"] < 0.9
    assert used["@"] > 0.05
    assert used["unit_value"] > 0.05


def test_rules_match_in_every_world_and_fill_the_lanes_as_published(ruleset: RuleSet) -> None:
    tables = [
        synthetic.generate("morocco-2024", 2_000_000, seed=11, start=start, stop=start + 4_000)
        for start in range(0, 2_000_000, 200_000)
    ]
    items = [each["items"] for each in tables]
    plan = gt.compile(ruleset, items[0].schema)
    red = imports = fired = 0
    for table in items:
        result = plan.evaluate(table, outputs=("counts", "lanes"))
        lanes = result.lanes().to_pandas().set_index("declaration_id")
        flows = table.select(["declaration_id", "flow"]).to_pandas().drop_duplicates().set_index("declaration_id")
        imported = lanes[flows.loc[lanes.index, "flow"] == "IM"]
        red, imports = red + int((imported["lane"] == "red").sum()), imports + len(imported)
        fired = np.maximum(fired, result.count_array > 0)
    assert 0.05 < red / imports < 0.12  # domain: 6 to 10 % of imports, over a whole year
    assert np.mean(fired) > 0.25


def test_a_larger_rule_set_matches_less_with_each_rule(tmp_path: Path) -> None:
    table = sample_of("morocco-2024").table
    means = []
    for rules in (1_500, 6_000):
        ruleset = loaded(generate_rules(rules, seed=5), tmp_path)
        counts = gt.compile(ruleset, table.schema).evaluate(table).counts
        means.append(counts[counts < 0.005 * table.num_rows].mean())
    assert means[1] < 0.7 * means[0]

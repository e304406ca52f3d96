"""Rule sets of any size as YAML text."""

from __future__ import annotations

import datetime
import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from synthetic.generate import LABEL, whole
from synthetic.rulesets import shape
from synthetic.rulesets.conditions import Aim, Made, make_condition
from synthetic.rulesets.luck import Luck
from synthetic.rulesets.sample import RATIOS, Sample, sample_of
from synthetic.rulesets.terms import Names, is_one_of, listed, quoted

PROFILE = "morocco-2024"
MOST_RULES = 1_000_000
WIDTH = 120  # of the lines of a condition
TITLES = {
    "classification": "Goods and their duty", "origin": "Origin and preference", "party": "Parties to watch",
    "undervaluation": "Low unit value", "regime": "Customs procedure", "value": "Value and terms",
    "routing": "Route and time", "documents": "Documents", "mass": "Mass and quantity", "containers": "Containers",
}  # fmt: skip
PREFIXES = {
    "classification": "C", "origin": "O", "party": "P", "undervaluation": "V", "regime": "R", "value": "V",
    "routing": "R", "documents": "D", "mass": "M", "containers": "L",
}  # fmt: skip


class Rule(NamedTuple):
    """``fields`` are the lines of the rule after its id, as YAML keys and values in their written form."""

    id: str
    fields: dict[str, str]


def generate_rules(rules: int, seed: int = 0, profile: str = PROFILE) -> str:
    """A rule set over the record type ``declaration-item``, as the text of a YAML file.

    The same arguments give the same text. The conditions are fitted to a sample of the profile's goods, so they match
    in every world of that profile, whatever its seed. Sets of more than 1,500 rules match less each.

    Errors: PR001 to PR006 for the profile, PR011 for a number out of range.
    """
    whole("rules", rules, 0, MOST_RULES)
    whole("seed", seed, 0, (1 << 64) - 1)
    sample = sample_of(profile)
    names = Names(_lists(sample, Luck("lists", seed)), frozenset(RATIOS))
    maker = RuleMaker(sample, names, seed, rules)
    return "\n".join([
        f"# {rules:,} rules made up from the profile {profile} with seed {seed}; they mean nothing.",
        f"# {LABEL[0].upper()}{LABEL[1:]}.",
        "ruleset: made-up",
        "record: declaration-item",
        "lists:",
        *(f"  {name}: [{', '.join(map(quoted, values))}]" for name, values in names.lists.items()),
        "let:",
        *(f"  {name}: {left} / {right}" for name, (left, right) in RATIOS.items()),
        "rules:" if rules else "rules: []",
        *(line for k in range(rules) for line in written(maker.make(k), "  ")),
    ]) + "\n"  # fmt: skip


class RuleMaker:
    """Makes rule k of a set of ``size`` rules: the same one in whatever order. In a set of another size it differs.

    The size says which rules are broad, and beyond 1,500 rules how much each may match.
    """

    def __init__(self, sample: Sample, names: Names, seed: int, size: int) -> None:
        self.sample, self.names, self.seed = sample, names, seed
        self.scale = min(1.0, shape.NATIONAL / max(size, 1))
        broad = min(shape.BROAD_RULES, size // shape.RULES_PER_BROAD)
        self.broad = {(2 * k + 1) * size // (2 * broad) for k in range(broad)}

    def make(self, k: int) -> Rule:
        """Rule k, with a typology and its number for an id."""
        luck = Luck("rule", self.seed, k)
        broad = k in self.broad
        if not broad and luck.chance(shape.RELIEF):
            return self._relief(k, luck)
        lanes = [each for each in shape.LANES if not broad or each[0] != "red"]
        lane = luck.weighted(lanes)
        item = luck.pick(self.sample.of_flow(luck.weighted(shape.FLOWS)))
        wanted = luck.log_uniform(*(shape.BROAD if broad else shape.SELECTIVITY))
        aimed = wanted if broad else wanted * self.scale * shape.LOST
        where, within = ({}, self.sample.all) if broad else self._where(luck, item)
        when, part_of_year = ({}, 1.0) if broad else self._when(luck)
        aim = Aim(item, within, aimed / part_of_year)
        made = make_condition(self.sample, luck, self.names, aim, luck.chance(shape.HEADER_RULES))
        typology = luck.pick(made.columns).typology
        fields = {"title": self._title(typology, made, item), "when": made.text, "lane": lane}
        if lane == "red" and luck.chance(shape.MANDATORY):
            fields["mandatory"] = "true"
        else:
            fields["rate"] = str(luck.weighted(shape.RATES))
        fields["weight"] = str(luck.whole(*shape.WEIGHTS[lane]))
        fields |= where | when | {"tags": f"[{typology}]"}
        fields["source"] = f"decision {luck.whole(1, 999)}/{self.sample.year}"
        return Rule(f"{PREFIXES[typology]}-{k + 1:05d}", fields)

    def _relief(self, k: int, luck: Luck) -> Rule:
        """Trusted traders keep a part of every rate."""
        held = [name for name in self.names.lists if name.startswith("importers_")]
        if held:
            condition = f"importer_id IN @{luck.pick(held)}"
        else:
            condition = f"importer_id IN {listed(self.sample.drawn('importer_id', 5, luck))}"
        fields = {"title": "Trusted traders", "when": condition, "relief": str(luck.pick([5, 10, 20, 50]))}
        return Rule(f"T-{k + 1:05d}", fields)

    def _where(self, luck: Luck, item: int) -> tuple[dict[str, str], int]:
        """The flow and office of the item, and the items that have them."""
        fields: dict[str, str] = {}
        within = self.sample.all
        if luck.chance(shape.FLOW_RULES):
            flow = fields["flow"] = str(self.sample.value("flow", item))
            within &= is_one_of(self.sample, "flow", [flow])().items
        if luck.chance(shape.OFFICE_RULES):
            offices = {str(self.sample.value("customs_office_code", item))}
            while luck.chance(shape.FURTHER_OFFICE):
                offices |= set(self.sample.drawn("customs_office_code", 1, luck))
            fields["offices"] = f"[{', '.join(map(quoted, sorted(offices)))}]"
            within &= is_one_of(self.sample, "customs_office_code", sorted(offices))().items
        return fields, within

    def _when(self, luck: Luck) -> tuple[dict[str, str], float]:
        """Days within the year, and what part of it they are."""
        day = luck.whole(0, 364)
        first = datetime.date(self.sample.year, 1, 1) + datetime.timedelta(day)
        if luck.chance(shape.EXPIRING):
            days = min(luck.whole(7, shape.LONGEST_VALID), 366 - day)
            return {"valid": f"{{from: {first}, until: {first + datetime.timedelta(days - 1)}}}"}, days / 366
        if luck.chance(shape.FROM_RULES):
            return {"valid": f"{{from: {first}}}"}, (366 - day) / 366
        return {}, 1.0

    def _title(self, typology: str, made: Made, item: int) -> str:
        code = self.sample.value("commodity_code", item) or ""
        goods = any(each.name == "commodity_code" for each in made.columns)
        return f"{TITLES[typology]}, chapter {code[:2]}" if goods else TITLES[typology]


def written(rule: Rule, indent: str) -> Iterable[str]:
    """The lines of the rule as an entry of a block sequence whose dashes stand behind ``indent``."""
    yield f"{indent}- id: {rule.id}"
    for name, value in rule.fields.items():
        if name == "when":
            yield f"{indent}  when: >-"
            inside = indent + "    "
            yield from textwrap.wrap(
                value, WIDTH, initial_indent=inside, subsequent_indent=inside, break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip
        else:
            yield f"{indent}  {name}: {value}"


def written_in_line(rule: Rule) -> str:
    """The rule as a flow mapping."""
    fields = {name: json.dumps(value) if name in ("title", "when") else value for name, value in rule.fields.items()}
    return "{" + ", ".join(f"{name}: {value}" for name, value in {"id": rule.id, **fields}.items()) + "}"


def _lists(sample: Sample, luck: Luck) -> Mapping[str, Sequence[str]]:
    """Lists by name; values of goods, origins and parties are as likely as they are in trade, and of one kind."""
    columns = {
        "goods": "commodity_code", "origins": "country_of_origin", "importers": "importer_id",
        "declarants": "declarant_id",
    }  # fmt: skip
    found: dict[str, Sequence[str]] = {}
    for kind, column in columns.items():
        for number in range(1, shape.LISTS[kind] + 1):
            size = round(luck.log_uniform(*shape.LIST_SIZES[kind]))
            found[f"{kind}_{number:02d}"] = sample.drawn(column, size, luck)
    containers = sorted(sample.holders["container_ids"])
    found["watched_containers"] = sorted(luck.shuffled(containers)[: shape.WATCHED_CONTAINERS])
    return found

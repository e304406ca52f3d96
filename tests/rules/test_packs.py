"""Every shipped rule pack loads, passes its own tests, has no findings and says what it is for."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gpu_target.language.files import load_rules
from gpu_target.language.model import RuleSet

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
PACKS = sorted(path for path in RULES.iterdir() if path.is_dir())
COMMAND = [sys.executable, "-c", "from gpu_target.cli.main import main; main()"]
LARGEST_TABLE = 1 << 20  # bytes
FEWEST_BY_HAND, FEWEST = 60, 1_000  # rules of the main pack
HOME = "MA"  # the country of the packs; the one of its own that rules name
ID = re.compile(r"`((?:[A-Z]{3}|[A-Z]-\d{4})-\d{3,4})`")
INVENTED_CONTAINER = r"X{3}U\d{7}"  # a number as ISO 6346 has them, of an owner's code that nobody holds
USERS_OWN_CODE = re.compile(r"X[A-Z]")
COUNTRY_CONDITION = re.compile(r"(?:country_of_\w+|nationality|document_issuer|plate_country) (?:=|<>) '(\w+)'")

each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)


def gpu_target(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def loaded(pack: Path) -> RuleSet:
    return load_rules(pack)


@cache
def outcome_of(pack: Path) -> dict[str, Any]:
    """What the tests of a pack found; fails where one of them does."""
    done = gpu_target("rules", "test", str(pack), "--coverage", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def page(pack: Path) -> str:
    return (pack / "README.md").read_text(encoding="utf-8")


def by_hand(pack: Path) -> int:
    """Rules that no decision table made: ids of those name their file."""
    return sum(".csv-" not in rule.id for rule in loaded(pack).rules)


def test_there_are_packs() -> None:
    assert {pack.name for pack in PACKS} >= {"ma-exports", "ma-imports", "ma-notices", "ma-travellers"}


@each_pack
def test_the_pack_has_a_page_of_its_own(pack: Path) -> None:
    text = page(pack)
    assert text.startswith(f"# {pack.name}\n")
    assert loaded(pack).name == pack.name
    missing = [path.name for path in pack.glob("*.yaml") if path.name not in text]
    assert missing == [], "files that the page does not mention"


@each_pack
def test_the_page_names_every_table(pack: Path) -> None:
    text = page(pack) + "".join(path.read_text(encoding="utf-8") for path in pack.glob("*.yaml"))
    files = [path.relative_to(pack).as_posix() for path in pack.rglob("*.csv")]
    missing = [name for name in files if name not in text and f"{Path(name).parent}/*.csv" not in text]
    assert missing == [], "tables that neither page nor rules mention"


@each_pack
def test_the_pack_has_no_findings(pack: Path) -> None:
    done = gpu_target("rules", "check", str(pack))
    assert done.returncode == 0, done.stdout + done.stderr


@each_pack
def test_the_files_are_in_canonical_form(pack: Path) -> None:
    done = gpu_target("rules", "format", str(pack), "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@each_pack
def test_the_tests_in_the_files_pass_and_decide_every_rule_and_term(pack: Path) -> None:
    found = outcome_of(pack)
    assert found["failed"] == []
    assert found["rules_without_tests"] == 0
    coverage = found["coverage"]
    assert coverage["rules"]["whole"] >= len(loaded(pack).active)
    for what in ("rules", "terms"):
        assert coverage[what]["decided"] == coverage[what]["whole"] > 0, what


@each_pack
def test_every_rule_says_what_it_looks_for_why_and_who_answers_for_it(pack: Path) -> None:
    for what in ("title", "why", "owner", "tags"):
        bare = [rule.id for rule in loaded(pack).rules if not getattr(rule, what)]
        assert bare == [], f"rules without `{what}`"


@each_pack
def test_no_country_is_singled_out_that_exists(pack: Path) -> None:
    for path in pack.rglob("*.yaml"):
        for country in COUNTRY_CONDITION.findall(path.read_text(encoding="utf-8")):
            assert country == HOME or USERS_OWN_CODE.fullmatch(country), f"{path.name}: {country}"


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("ma-imports/tables/trade_remedies.csv", "origin_under_measure"),
        ("ma-imports/tables/production.csv", "country"),
        ("ma-exports/tables/destinations.csv", "destination"),
    ],
)
def test_tables_single_out_codes_that_are_left_to_users(file: str, column: str) -> None:
    with (RULES / file).open(encoding="utf-8", newline="") as rows:
        named = {row[column] for row in csv.DictReader(rows)}
    assert named
    assert all(USERS_OWN_CODE.fullmatch(each) for each in named), named


@each_pack
def test_identifiers_are_invented(pack: Path) -> None:
    invented = re.compile(rf"EXAMPLE|{INVENTED_CONTAINER}")
    kinds = ("lists/watched_*.csv", "lists/*_alerts.csv", "tables/*parties.csv", "tables/trader*.csv")
    for path in [each for kind in kinds for each in pack.glob(kind)]:
        rows = path.read_text(encoding="utf-8").splitlines()[1:]
        assert rows, path.name
        assert [row for row in rows if not invented.search(row)] == [], path.name


def check_digit(container: str) -> int:
    """The last digit of a container number, from the ten signs before it (ISO 6346)."""
    letters = [value for value in range(10, 39) if value % 11]  # A is 10, B is 12: multiples of 11 are left out
    values = [int(sign) if sign.isdigit() else letters[ord(sign) - ord("A")] for sign in container[:10]]
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def test_the_check_digit_of_a_known_container() -> None:
    assert check_digit("CSQU3054383") == 3  # the example of ISO 6346


@each_pack
def test_containers_have_their_check_digit(pack: Path) -> None:
    files = [*pack.rglob("*.csv"), *pack.rglob("*.yaml")]
    named = {each for path in files for each in re.findall(INVENTED_CONTAINER, path.read_text(encoding="utf-8"))}
    assert [each for each in sorted(named) if check_digit(each) != int(each[-1])] == []


def test_the_list_of_patterns_is_whole() -> None:
    text = (RULES / "README.md").read_text(encoding="utf-8").split("## Patterns")[1]
    whole = {"V": 13, "C": 8, "O": 7, "M": 7, "P": 9, "R": 12, "L": 4, "T": 6}
    expected = {f"{letter}{number:02}" for letter, last in whole.items() for number in range(1, last + 1)}
    assert set(re.findall(r"\b[VCOMPRLT]\d\d\b", text)) == expected


@each_pack
def test_tables_stay_small(pack: Path) -> None:
    assert [path.name for path in pack.rglob("*.csv") if path.stat().st_size >= LARGEST_TABLE] == []


def test_the_main_pack_has_the_rules_that_it_promises() -> None:
    pack = RULES / "ma-imports"
    assert by_hand(pack) >= FEWEST_BY_HAND
    assert len(loaded(pack).rules) > FEWEST


@each_pack
def test_the_list_of_packs_counts_their_rules(pack: Path) -> None:
    text = (RULES / "README.md").read_text(encoding="utf-8")
    record = loaded(pack).record
    counts = f"| {by_hand(pack)} | {len(loaded(pack).rules):,} |"
    assert f"| [{pack.name}]({pack.name}/README.md) | {record} {counts}" in text


def test_the_rules_that_the_pages_name_exist() -> None:
    known = {rule.id for pack in PACKS for rule in loaded(pack).rules}
    pages = [RULES / "README.md", *(pack / "README.md" for pack in PACKS)]
    named = {name for path in pages for name in ID.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 60
    assert named <= known, named - known


def test_notices_end_and_say_where_they_come_from() -> None:
    for rule in loaded(RULES / "ma-notices").rules:
        assert rule.valid is not None
        assert rule.valid.until is not None, rule.id
        assert re.fullmatch(r"Notice N-20\d\d-\d{4}", rule.origin), rule.id


def test_every_status_is_in_use() -> None:
    assert {rule.status for rule in loaded(RULES / "ma-notices").rules} == {"active", "draft", "retired"}

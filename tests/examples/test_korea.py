"""Rules on the Korean import declarations, through a map, match what DuckDB finds in the CSV file itself.

The conditions are written out here by hand, over the file's own columns and with casts of their own: nothing of the
toolkit takes part in the answers that its own are compared with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import gpu_target as gt
from gpu_target.inputs import Data, open_data
from gpu_target.rule_tests import run_tests

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "korea"
FILE = ROOT.parent / "shared" / "data" / "korea" / "declarations_train.csv"
COMMAND = [sys.executable, "-c", "from gpu_target.cli.main import main; main()"]

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"the Korean import declarations are not there: {os.path.relpath(FILE, ROOT)}"
)

FTA = "'FAS1','FAU1','FCA1','FCN1','FEU1','FIN1','FTR1','FUS1','FVN1'"
EU = "'AT','BE','BG','CY','CZ','DE','DK','EE','ES','FI','FR','GR','HR','HU','IE','IT','LT','LU','LV','MT','NL','PL','PT','RO','SE','SI','SK'"  # noqa: E501
PARTNERS = "'VN','ID','TH','MY','PH','AU','CA','CN','IN','TR','US'"
WATCHED = "'708A72F','1ZNY80M','NXZGW6G','0019DHQ','ZZZ3DX5'"

# Short names for casts, and the longest prefix of the floors' table by hand: six digits, then four, then two.
PREPARED = f"""
SELECT *,
       CAST("Date" AS DATE) AS lodged,
       CAST("Net Mass" AS DOUBLE) AS mass,
       CAST("Item Price" AS DOUBLE) AS price,
       CAST("Tax Rate" AS DECIMAL(6, 2)) AS rate,
       CAST("Tax Rate" AS DOUBLE) AS rate_number,
       CASE WHEN CAST("Net Mass" AS DOUBLE) = 0 THEN NULL
            ELSE CAST("Item Price" AS DOUBLE) / CAST("Net Mass" AS DOUBLE) END AS per_kg,
       COALESCE(
           (SELECT CAST(floor AS DOUBLE) FROM floors WHERE hs = "HS6 Code"),
           (SELECT CAST(floor AS DOUBLE) FROM floors WHERE hs = substr("HS6 Code", 1, 4)),
           (SELECT CAST(floor AS DOUBLE) FROM floors WHERE hs = substr("HS6 Code", 1, 2))) AS floor_price
FROM read_csv('{FILE}', all_varchar = true)
"""

BY_HAND = {
    "KR-001": """starts_with("HS6 Code", '07') AND mass > 20000""",
    "KR-002": """starts_with("HS6 Code", '93') OR (starts_with("HS6 Code", '3604') AND strlen("HS6 Code") = 6)
                 OR "HS6 Code" = '360100' OR "HS6 Code" = '360200' OR "HS6 Code" = '360300'""",
    "KR-003": """"HS6 Code" >= '610000' AND "HS6 Code" <= '629999' AND per_kg < 20""",
    "KR-004": "per_kg < 0.5 * floor_price",
    "KR-005": f""""Importer ID" IN ({WATCHED})""",
    "KR-006": """"Seller ID" IS NULL AND price >= 10000000""",
    "KR-007": """"Seller ID" IS NULL AND "Courier ID" IS NULL""",
    "KR-008": """"Courier ID" IS NOT NULL AND "Mode of Transport" NOT IN ('40', '50')""",
    "KR-009": f""""Tax Type" IN ({FTA}) AND "Country of Departure" <> "Country of Origin\"""",
    "KR-010": f"""regexp_full_match("Tax Type", 'FEU.') AND NOT "Country of Origin" IN ({EU})""",
    "KR-011": """"Tax Type" IN ('FCN1', 'FUS1', 'FVN1') AND substr("Tax Type", 2, 2) <> "Country of Origin\"""",
    "KR-012": f""""Country of Origin" IN ({PARTNERS}) AND substr("Tax Type", 1, 1) <> 'F' AND rate > 0""",
    "KR-013": "price * rate_number / 100 > 5e7",
    "KR-014": """CASE WHEN rate IS NULL OR rate > 50 THEN price * 50::DOUBLE / 100
                      ELSE price * rate_number / 100 END >= 1e8""",
    "KR-015": "rate < 0 OR rate > 100",
    "KR-016": """rate IN (6.5::DECIMAL(6, 2), 8::DECIMAL(6, 2), 13::DECIMAL(6, 2)) AND "Tax Type" = 'A'""",
    "KR-017": """"Tax Type" <> 'A' AND substr("Tax Type", 1, 1) NOT IN ('F', 'C') AND rate = 0""",
    "KR-018": "dayname(lodged) IN ('Saturday', 'Sunday')",
    "KR-019": "lodged BETWEEN DATE '2020-12-25' AND DATE '2020-12-31' OR (lodged > DATE '2020-12-31' AND month(lodged) = 12)",  # noqa: E501
    "KR-020": "strftime(lodged, '%m') IN ('03', '06', '09', '12') AND strftime(lodged, '%d') >= '28' AND price > 1e8",
    "KR-021": """"HS6 Code" = '630790' AND (per_kg > 5 OR price / 1e6 > 5)
                 AND lodged >= DATE '2020-02-26' AND lodged < DATE '2020-07-12'""",
    "KR-022": """price > 0 AND "Import Type" IN ('87', '94') AND "Office ID" IN ('20', '40')""",
    "KR-023": "mass = 0 OR mass IS NULL OR price IS NULL",
    "KR-024": "fmod(price, 10000) = 0 AND price <> 0",
    "KR-025": """"Country of Origin Indicator" = 'N' AND "Country of Origin" NOT IN ('KR', 'kr')""",
    "KR-026": """substr("HS6 Code", 1, 2) IN ('84', '85', '87') AND strlen("HS6 Code") = 6 AND mass < 20 AND price > 300000""",  # noqa: E501
    "KR-027": """"Country of Origin" = 'KR' AND rate = 0""",
}


@pytest.fixture(scope="module")
def by_hand() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    floors = EXAMPLE / "tables" / "unit_floors.csv"
    connection.execute(f"CREATE TABLE floors AS SELECT * FROM read_csv('{floors}', all_varchar = true)")
    connection.execute(f"CREATE TABLE rows_by_hand AS {PREPARED}")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def counts_by_hand(by_hand: duckdb.DuckDBPyConnection) -> dict[str, int]:
    selected = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in BY_HAND.values())
    found = by_hand.execute(f"SELECT {selected} FROM rows_by_hand").fetchone()
    assert found is not None
    return dict(zip(BY_HAND, found, strict=True))


@pytest.fixture(scope="module")
def ruleset() -> gt.RuleSet:
    return gt.load_rules(EXAMPLE / "rules.yaml")


@pytest.fixture(scope="module")
def data() -> Data:
    return open_data(FILE, map=EXAMPLE / "map.yaml")


@pytest.fixture(scope="module")
def result(ruleset: gt.RuleSet, data: Data) -> gt.Result:
    plan = gt.compile(ruleset, data.schema, key=data.key, roles=data.roles)
    return plan.evaluate(data.reader(plan.columns), outputs=("counts", "lanes", "matches"), seed=1)


def test_every_active_rule_is_written_by_hand(ruleset: gt.RuleSet) -> None:
    assert [rule.id for rule in ruleset.active] == list(BY_HAND)
    assert len(BY_HAND) >= 20


def test_every_rule_matches_somewhere_and_none_everywhere(result: gt.Result) -> None:
    assert [rule for rule, count in result.counts.items() if not 0 < count < result.rows] == []


def test_every_rule_counts_what_duckdb_counts_in_the_file(result: gt.Result, counts_by_hand: dict[str, int]) -> None:
    assert result.counts.to_dict() == counts_by_hand


def test_every_rule_matches_the_very_declarations_that_duckdb_finds(
    result: gt.Result, by_hand: duckdb.DuckDBPyConnection
) -> None:
    found: dict[str, set[str]] = {rule: set() for rule in BY_HAND}
    for match in result.match_keys().to_pylist():
        found[match["rule_id"]].add(match["declaration_id"])
    for rule, condition in BY_HAND.items():
        rows = by_hand.execute(f'SELECT "Declaration ID" FROM rows_by_hand WHERE {condition}').fetchall()
        assert found[rule] == {row[0] for row in rows}, rule


def test_each_declaration_has_one_lane_and_arms_are_always_red(
    result: gt.Result, by_hand: duckdb.DuckDBPyConnection
) -> None:
    lanes = {each["declaration_id"]: each for each in result.lanes().to_pylist()}
    assert len(lanes) == result.rows == result.lanes().num_rows
    arms = by_hand.execute(f'SELECT "Declaration ID" FROM rows_by_hand WHERE {BY_HAND["KR-002"]}').fetchall()
    assert {lanes[row[0]]["lane"] for row in arms} == {"red"}
    weights = by_hand.execute(
        f'SELECT "Declaration ID" FROM rows_by_hand WHERE {BY_HAND["KR-002"]} AND NOT ({BY_HAND["KR-005"]}) LIMIT 1'
    ).fetchone()
    assert weights is not None
    assert lanes[weights[0]]["score"] >= 200


def test_leading_zeros_and_missing_cells_survive_the_map(data: Data) -> None:
    table = data.reader(["hs6", "seller_id", "courier_id", "tax_rate", "lodged_on"]).read_all()
    assert table.num_rows == 37_385
    assert {len(code) for code in table["hs6"].to_pylist()} == {6}
    assert [table[name].null_count for name in table.column_names] == [0, 3_715, 30_671, 0, 0]


def test_the_tests_in_the_file_pass(ruleset: gt.RuleSet, data: Data) -> None:
    outcomes = run_tests(ruleset, {field.name: field.type for field in data.schema}, roles=data.roles)
    assert [(each.rule_id, each.index) for each in outcomes if not each.passed] == []
    assert {each.rule_id for each in outcomes} == {rule.id for rule in ruleset.rules}


def test_the_command_writes_the_same_counts(tmp_path: Path, counts_by_hand: dict[str, int]) -> None:
    arguments = ["run", str(EXAMPLE / "rules.yaml"), str(FILE), "--map", str(EXAMPLE / "map.yaml"), "--json"]
    done = subprocess.run(
        [*COMMAND, *arguments, "--out", str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    counts = pq.read_table(tmp_path / "out" / "counts.parquet").to_pylist()
    assert {row["rule_id"]: row["matches"] for row in counts} == counts_by_hand
    facts = json.loads(done.stdout)
    assert (facts["rows"], facts["rules"], facts["matches"]) == (37_385, len(BY_HAND), sum(counts_by_hand.values()))
    assert sum(facts["lanes"].values()) == 37_385

"""gpu-target explain: what it prints of a record, what it holds as JSON, and how it fails."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from gpu_target.cli.explanation import RuleHead
from tests.gpu_target.cli.conftest import Call

DESK = """ruleset: desk
key: [declaration, line]
roles: {date: lodged_on}
lists:
  watched: [XA, XB]
tables:
  floors: {file: floors.csv, key: [commodity_code], prefix: commodity_code, types: {floor: number}}
let:
  unit_value: price / kilos
  small: kilos < 10
rules:
  - id: CHEAP
    title: Cars below their metal
    when: commodity_code LIKE '8703%' AND unit_value < floors.floor
    lane: red
    rate: 50
    weight: 5
  - id: WATCHED
    when: origin IN @watched AND NOT (small OR price IS NULL)
    lane: yellow
    valid: {from: 2024-01-01, until: 2024-06-30}
  - id: TRUSTED
    when: origin = 'FR'
    relief: 10
  - id: OLD
    when: price > 5
    lane: red
    status: retired
  - id: SOON
    when: price > 100000
    lane: red
    status: draft
"""
FLOORS = "commodity_code,floor\n87,2\n8703,20\n"
LODGED = """declaration,line,commodity_code,origin,price,kilos,lodged_on
A-1,1,8703231000,XA,900,1500,2024-03-01
A-1,2,2106900000,FR,12000,20,2024-03-01
A-2,1,8703231000,DE,90000,1500,2024-07-02
A-3,1,,XB,,0,2024-02-01
A-3,1,8704000000,XB,50,0,2024-02-01
"""
MAP = """columns:
  line: {from: line, type: integer}
  price: {from: price, type: number}
  kilos: {from: kilos, type: number}
  lodged_on: {from: lodged_on, type: date}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("desk.yaml", DESK), ("floors.csv", FLOORS), ("desk.csv", LODGED), ("desk_map.yaml", MAP)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain(call: Call, key: str, *more: object) -> dict:  # type: ignore[type-arg]
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", key, "--json", *more)
    assert found.code == 0, found.err
    return found.document


def shown(call: Call, key: str, *more: object) -> str:
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", key, *more)
    assert found.code == 0, found.err
    assert max(map(len, found.out.splitlines())) <= 80
    return found.out


def test_a_match_shows_every_condition_and_what_it_saw(desk: Path, call: Call) -> None:
    page = " ".join(shown(call, "A-1,1", "--seed", 1).split())
    assert "declaration 'A-1', line 1" in page
    assert "TRUE commodity_code LIKE '8703%' '8703231000' begins with '8703'" in page
    assert "TRUE unit_value < floors.floor 0.6 is below 20" in page
    assert "unit_value = price / kilos = 900 / 1500 = 0.6" in page
    assert "floors.floor is 20: row 2, found by commodity_code '8703231000', which begins with '8703'" in page
    assert "@watched has 2 values" in page
    assert "FALSE small OR price IS NULL all of its 2 conditions are FALSE" in page
    assert "2 rules are draft or retired and did not run" in page


def test_a_miss_names_the_change_that_would_have_made_it_match(desk: Path, call: Call) -> None:
    page = " ".join(shown(call, "A-2,1").split())
    assert "CHEAP ■ red Cars below their metal 1 condition away" in page
    assert "unit_value would have to be below 20 (now 60, 40 less)" in page
    assert "enough alone: price would have to be below 30000 (now 90000, 60000 less)" in page
    assert "or kilos would have to be above 4500 (now 1500, 3000 more)" in page
    assert "origin would have to be 'FR' (now 'DE')" in page
    assert "WATCHED ▲ yellow 2 conditions away" in page
    assert "it would match with these 2 changes together: origin would have to be 'XA'" in page
    assert "lodged_on would have to be 2024-01-01 or later and 2024-06-30 or earlier" in page


def test_the_document_has_the_change_as_values_that_do_match(desk: Path, call: Call) -> None:
    (item,) = explain(call, "A-2,1")["items"]
    nearest = {each["rule_id"]: each for each in item["nearest"]}
    assert [each["rule_id"] for each in item["nearest"]] == ["CHEAP", "TRUSTED", "WATCHED"]
    miss = nearest["CHEAP"]["miss"]
    assert miss["not_true"] == 1
    (change,) = miss["changes"]
    assert (change["of"], change["computed"], change["from"]) == ("price", False, 90000)
    assert change["to"] == pytest.approx(30000)
    assert change["to"] < 30000
    assert miss["failing"][0]["computed"][0]["of"] == "unit_value"
    assert nearest["WATCHED"]["miss"]["not_true"] == 2
    assert [each["to"] for each in nearest["WATCHED"]["miss"]["changes"]] == ["XA", "2024-06-30"]


def test_missing_values_and_rows_that_were_not_found_are_told_in_words(desk: Path, call: Call) -> None:
    page = " ".join(shown(call, "A-3,1").split())
    assert "2 rows of the data have this key; all of them are shown." in page
    assert "UNKNOWN commodity_code LIKE '8703%'" in page
    assert "commodity_code is missing, so this is UNKNOWN" in page
    assert "price is missing and floors.floor has no row: commodity_code is missing, so this is UNKNOWN" in page
    assert "unit_value = price / kilos = 50 / 0, which is no number: a division by zero has no result" in page
    document = explain(call, "A-3,1")
    assert document["shared_key"] is True
    assert [item["row"] for item in document["items"]] == [3, 4]


def test_the_declaration_alone_means_all_its_items(desk: Path, call: Call) -> None:
    document = explain(call, "A-1")
    assert [item["key"] for item in document["items"]] == [
        {"declaration": "A-1", "line": 1}, {"declaration": "A-1", "line": 2},
    ]  # fmt: skip
    assert document["shared_key"] is False
    page = shown(call, "A-1")
    assert page.index("Item 1, row 1") < page.index("Item 2, row 2")


@pytest.mark.parametrize("seed", range(6))
def test_the_lane_is_the_one_that_run_writes(desk: Path, call: Call, seed: int) -> None:
    options = ["--map", "desk_map.yaml", "--seed", seed]
    assert call("run", "desk.yaml", "desk.csv", *options, "--out", "out").code == 0
    for row in pq.read_table("out/lanes.parquet").to_pylist():
        found = explain(call, row["declaration"], "--seed", seed)["declaration"]
        assert {name: found[name] for name in ("lane", "score", "rule_id", "selected_by")} == {
            name: row[name] for name in ("lane", "score", "rule_id", "selected_by")
        }


def test_the_cause_of_a_lane_says_relief_and_draw(desk: Path, call: Call) -> None:
    page = " ".join(shown(call, "A-1").split())
    assert "Relief: TRUSTED leaves 10 % of every rate that is not mandatory." in page
    parts = {each["rule_id"]: each for each in explain(call, "A-1")["declaration"]["rules"]}
    assert (parts["CHEAP"]["chance_percent"], parts["CHEAP"]["items"]) == (5, ["1"])
    assert parts["WATCHED"]["chance_percent"] == 10
    assert parts["TRUSTED"]["effect"] == "relief"


def test_one_rule_can_be_asked_for_also_one_that_does_not_run(desk: Path, call: Call) -> None:
    page = " ".join(shown(call, "A-1,1", "--rule", "OLD").split())
    assert "OLD ■ red retired, does not run TRUE price > 5 900 is above 5" in page
    assert "CHEAP" not in page.split("Matched")[1]
    (item,) = explain(call, "A-1,1", "--rule", "SOON")["items"]
    assert item["matched"] == []
    assert item["nearest"][0]["miss"]["changes"][0]["would"] == "be above 100000"


def test_top_says_how_many_misses(desk: Path, call: Call) -> None:
    assert len(explain(call, "A-2,1", "--top", 2)["items"][0]["nearest"]) == 2
    (item,) = explain(call, "A-2,1", "--top", 0)["items"]
    assert (item["nearest"], item["not_shown"]) == ([], 3)


def test_quiet_leaves_nothing_and_json_only_the_document(desk: Path, call: Call) -> None:
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", "A-1", "--quiet")
    assert (found.code, found.out, found.err) == (0, "", "")
    assert explain(call, "A-1")["ruleset"] == "desk"


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("A-9", "US050", "the nearest that there are: A-2, A-3"),
        ("A-1,7", "US050", "its items are 1, 2"),
        ("A-1,x", "US051", "`x` is no value of the key column `line`"),
        ("A-1,1,1", "US051", "the key has 2 columns (declaration, line), and 3 values were given"),
        ("", "US051", "the key (declaration, line) is empty"),
        (",1", "US051", "the key (declaration, line) has an empty part, `declaration`"),
        ("A-1,", "US051", "the key (declaration, line) has an empty part, `line`"),
        ("A-1,x", "US051", "which holds whole numbers"),
        ("A-1,x", "US051", "give one such as --key A-1,1"),
    ],
)
def test_a_wrong_key_is_told_with_what_there_is(desk: Path, call: Call, key: str, code: str, words: str) -> None:
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", key)
    assert found.code == 2
    assert code in found.err
    assert words in " ".join(found.err.split())


def test_an_unknown_rule_is_told_with_the_nearest(desk: Path, call: Call) -> None:
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", "A-1", "--rule", "CHEEP")
    assert (found.code, "US052" in found.err, "did you mean `CHEAP`?" in found.err) == (2, True, True)


def test_rules_without_a_key_cannot_name_a_record(desk: Path, call: Call) -> None:
    (desk / "keyless.yaml").write_text("ruleset: k\nrules:\n  - {id: A, when: price > '1', lane: red}\n")
    found = call("explain", "keyless.yaml", "desk.csv", "--key", "A-1")
    assert (found.code, "US016" in found.err) == (2, True)


def test_a_rule_that_reads_as_of_needs_a_day(desk: Path, call: Call) -> None:
    text = DESK.replace("price > 100000", "lodged_on < AS_OF")
    (desk / "desk.yaml").write_text(text)
    explain(call, "A-1")  # the draft does not run
    arguments = ("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", "A-1,1", "--rule", "SOON")
    found = call(*arguments)
    assert (found.code, "US015" in found.err) == (2, True)
    page = call(*arguments, "--as-of", "2024-02-01").out
    assert "AS_OF is 2024-02-01" in page
    assert "lodged_on would have to be 2024-01-31 or earlier" in " ".join(page.split())


@pytest.mark.parametrize("form", ["parquet", "arrow", "folder"])
def test_every_kind_of_data_gives_the_same_explanation(desk: Path, call: Call, form: str) -> None:
    table = pc.read_csv("desk.csv", convert_options=pc.ConvertOptions(column_types={
        "line": pa.int64(), "commodity_code": pa.string(), "price": pa.float64(), "kilos": pa.float64(),
        "lodged_on": pa.date32(),
    }, strings_can_be_null=True))  # fmt: skip
    if form == "parquet":
        pq.write_table(table, "data.parquet", row_group_size=2)
    elif form == "arrow":
        feather.write_feather(table, "data.arrow")
    else:
        Path("data.folder").mkdir()
        for number in range(3):
            pq.write_table(table.slice(2 * number, 2), f"data.folder/part-{number}.parquet")
    for key in ("A-1", "A-2", "A-3,1"):
        found = call("explain", "desk.yaml", f"data.{form}", "--key", key, "--json").document
        expected = explain(call, key)
        assert {**found, "data": ""} == {**expected, "data": ""}


def test_a_key_that_holds_a_comma_stands_in_quotes(tmp_path: Path, call: Call) -> None:
    (tmp_path / "rules.yaml").write_text(
        "ruleset: c\nkey: [id, part]\nrules:\n  - {id: A, when: part = 'x', lane: red}\n"
    )
    (tmp_path / "data.csv").write_text('id,part\n"a,1",x\n')
    found = call("explain", tmp_path / "rules.yaml", tmp_path / "data.csv", "--key", '"a,1",x', "--json")
    assert found.document["declaration"]["lane"] == "red"


def test_tables_of_a_generated_folder_are_looked_into(tmp_path: Path, call: Call) -> None:
    (tmp_path / "rules.yaml").write_text(
        "ruleset: g\nrecord: declaration-item\n"
        "tables:\n  importers: {data: parties, key: {importer_id: party_id}}\n"
        "rules:\n  - {id: A, when: importers.party_id = importer_id, lane: red}\n"
    )
    year = tmp_path / "year"
    assert call("generate", "morocco-2024", "--declarations", "20", "--seed", "1", "--out", year).code == 0
    items = pq.read_table(year / "items.parquet", columns=["declaration_id", "importer_id"]).to_pylist()
    declaration = next(each["declaration_id"] for each in items if each["importer_id"] is not None)
    found = call("explain", tmp_path / "rules.yaml", year, "--key", declaration, "--json").document
    (rule,) = found["items"][0]["matched"] + found["items"][0]["nearest"]
    (seen, *_) = rule["conditions"][0]["seen"]
    assert seen["kind"] == "lookup"
    assert "found by importer_id" in seen["how"]
    assert found["label"].startswith("synthetic")


def test_help_says_what_nearest_means(call: Call) -> None:
    page = " ".join(call("explain", "--help").out.split())
    assert "d / (value + d)" in page
    assert "Example: gpu-target explain" in page


def test_the_python_function_gives_the_same(desk: Path, call: Call) -> None:
    import gpu_target
    from gpu_target.explaining.document import document
    from gpu_target.inputs import open_data

    data = open_data("desk.csv", map="desk_map.yaml")
    found = gpu_target.explain(gpu_target.load_rules("desk.yaml"), data.reader().read_all(), ("A-1", 2))
    expected = explain(call, "A-1,2")
    assert json.loads(json.dumps(document(found))) == {
        name: value for name, value in expected.items() if name not in ("data", "label")
    }


def test_blanks_around_the_parts_of_a_key_do_not_count(desk: Path, call: Call) -> None:
    assert explain(call, " A-1 , 1 ")["key"] == explain(call, "A-1,1")["key"]


def test_one_item_is_told_by_its_row_its_line_and_the_rows_of_its_declaration(desk: Path, call: Call) -> None:
    assert "Row 2 (line 3) of desk.csv. Its declaration has 2 items, rows 1, 2. 3 rules of desk, seed 0" in " ".join(
        shown(call, "A-1,2").split()
    )
    assert "2 items, rows 1, 2 (lines 2, 3) of desk.csv;" in " ".join(shown(call, "A-1").split())


def test_all_that_is_told_of_a_miss_stands_under_its_rule(desk: Path, call: Call) -> None:
    lines = shown(call, "A-2,1").splitlines()
    at = next(place for place, line in enumerate(lines) if "these 2 changes together" in line)
    assert lines[at].startswith(" " * 9 + "→ it would match")
    assert lines[at + 1].startswith(" " * 11 + lines[at + 1].strip()[:1])


@pytest.mark.parametrize("width", [50, 60, 80])
def test_the_line_that_heads_a_rule_is_never_broken(width: int) -> None:
    rule = SimpleNamespace(id="A-RULE", lane="red", relief=None, title="A title " * 20, is_active=True)
    page = io.StringIO()
    console = Console(file=page, width=width)
    console.print(RuleHead(rule, "1 condition away"))
    (line,) = page.getvalue().splitlines()
    assert line.endswith("…  1 condition away")
    assert len(line) <= width


def test_the_id_of_a_template_is_told_with_the_rules_that_it_makes(desk: Path, call: Call) -> None:
    (desk / "limits.csv").write_text("chapter,above\n87,1000\n64,500\n")
    template = "{id: BIG, when: \"commodity_code LIKE '{chapter}%' AND price > {above}\", lane: red}"
    head = DESK.split("rules:")[0]
    (desk / "desk.yaml").write_text(f"{head}rules:\n  table: limits.csv\n  template: {template}\n")
    found = call("explain", "desk.yaml", "desk.csv", "--map", "desk_map.yaml", "--key", "A-1", "--rule", "BIG")
    assert found.code == 2
    assert "`BIG` is the id of a template, which makes 2 rules" in found.err
    assert "name one of them: BIG-limits.csv-2, BIG-limits.csv-3" in found.err


def test_a_number_of_many_digits_is_rounded_to_the_side_that_is_still_right(desk: Path, call: Call) -> None:
    text = DESK.replace("price > 100000", "price * 3 > 2600 AND kilos / 3 < 70.00001")
    (desk / "desk.yaml").write_text(text)
    page = " ".join(shown(call, "A-3,1", "--rule", "SOON").split())
    assert "enough alone: price would have to be at least 866.667 (now missing)" in page
    page = " ".join(shown(call, "A-2,1", "--rule", "SOON").split())
    assert "enough alone: kilos would have to be below 210.00003 (now 1500, 1290 less)" in page

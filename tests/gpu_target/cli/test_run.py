"""gpu-target run: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gpu_target.plan.plan import Plan
from tests.gpu_target.backends.cuda.fake_cupy import installed
from tests.gpu_target.cli.conftest import Call

ROOT = Path(__file__).parents[3]
SECONDS = ["read", "compile", "encode", "match", "output", "total"]


def test_json_is_the_only_thing_on_standard_output_and_has_every_field(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--json")
    assert found.code == 0
    facts = found.document
    assert facts["ruleset"] == "mine"
    assert len(facts["ruleset_sha256"]) == 64
    assert (facts["rows"], facts["rules"], facts["matches"], facts["rules_fired"]) == (4, 3, 2, 2)
    assert facts["lanes"] == {"green": 1, "blue": 0, "yellow": 1, "red": 1}
    assert (facts["declarations"], facts["seed"], facts["out"]) == (3, 0, None)
    assert facts["threads"] >= 1
    assert facts["device"]
    assert list(facts["seconds"]) == SECONDS
    parts = sum(facts["seconds"][name] for name in SECONDS[:-1])
    assert 0 < parts <= facts["seconds"]["total"] + 1e-3
    assert set(os.listdir(here)) == {"rules.yaml", "map.yaml", "lodged.csv"}


def test_result_files_are_written_and_describe_themselves(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--matches", "--out", "out", "--json")
    assert json.loads((here / "out" / "run.json").read_text()) == found.document
    assert found.document["out"] == "out"
    assert pq.read_table(here / "out" / "counts.parquet").to_pylist() == [
        {"rule_id": "CHEAP-CARS", "matches": 1},
        {"rule_id": "NO-PRICE", "matches": 1},
        {"rule_id": "NEVER", "matches": 0},
    ]
    assert pq.read_table(here / "out" / "matches.parquet").to_pylist() == [
        {"declaration": "A-1", "line": 1, "rule_id": "CHEAP-CARS"},
        {"declaration": "A-2", "line": 1, "rule_id": "NO-PRICE"},
    ]
    assert pq.read_table(here / "out" / "lanes.parquet").to_pylist() == [
        {"declaration": "A-1", "lane": "red", "score": 5, "rule_id": "CHEAP-CARS", "selected_by": "RULE"},
        {"declaration": "A-2", "lane": "yellow", "score": 1, "rule_id": "NO-PRICE", "selected_by": "RULE"},
        {"declaration": "A-3", "lane": "green", "score": 0, "rule_id": None, "selected_by": None},
    ]
    call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out")
    assert set(os.listdir(here / "out")) == {"counts.parquet", "lanes.parquet", "run.json"}


def test_the_summary_fits_eighty_columns_and_names_lanes_without_their_colours(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml")
    assert found.code == 0
    assert max(len(line) for line in found.out.splitlines()) <= 80
    for words in ("3 rules on 4 rows", "■ red", "33.33 %", "CHEAP-CARS", "2 of 3 rules fired", "total s"):
        assert words in found.out
    assert "\x1b" not in found.out + found.err


def test_long_titles_and_ids_leave_the_numbers_readable(here: Path, call: Call) -> None:
    text = (here / "rules.yaml").read_text().replace("CHEAP-CARS", "CHEAP-CARS-WITH-A-LONG-ID")
    title = "Cars that cost less than what they weigh in scrap metal, whoever declares them"
    (here / "rules.yaml").write_text(text.replace("ID\n", f"ID\n    title: {title}\n"))
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml")
    assert max(len(line) for line in found.out.splitlines()) <= 80
    row = next(line for line in found.out.splitlines() if line.startswith("CHEAP"))
    for words in ("CHEAP-CARS-WITH-A-LONG-ID", "25.00 %", "■ red", "Cars that"):
        assert words in row


def test_auto_says_which_backend_it_took_and_why(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--json")
    reason = found.document["backend_reason"]
    assert reason.startswith(f"{found.document['backend']}: ")
    shown = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml")
    assert f"Backend chosen by auto: {reason}" in shown.out
    named = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "interpreter", "--json")
    assert (named.err, named.document["backend"], named.document["backend_reason"]) == ("", "interpreter", None)
    assert "chosen by auto" not in call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "cpu").out
    assert named.document["lanes"] == found.document["lanes"]


def test_quiet_says_nothing(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--quiet")
    assert (found.code, found.out, found.err) == (0, "", "")


def test_no_rows_are_no_error(here: Path, call: Call) -> None:
    (here / "lodged.csv").write_text("Number;Line;HS6 Code;Item Price\n")
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out", "--matches", "--json")
    assert found.code == 0
    assert (found.document["rows"], found.document["matches"]) == (0, 0)
    assert found.document["lanes"] == {"green": 0, "blue": 0, "yellow": 0, "red": 0}
    assert pq.read_table(here / "out" / "matches.parquet").num_rows == 0
    assert call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml").code == 0


def test_without_a_key_there_are_counts_and_no_lanes(here: Path, call: Call) -> None:
    rules = (here / "rules.yaml").read_text().replace("key: [declaration, line]\n", "")
    (here / "rules.yaml").write_text(rules)
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out", "--json")
    assert (found.document["lanes"], found.document["matches"]) == (None, 2)
    assert "no lanes" in found.err
    assert set(os.listdir(here / "out")) == {"counts.parquet", "run.json"}
    refused = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out", "--matches", "--json")
    assert (refused.code, refused.error_codes) == (2, ["US016"])


def test_matches_without_a_folder_say_where_they_would_go(here: Path, call: Call) -> None:
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--matches", "--json")
    assert (found.code, found.document["out"]) == (0, None)
    assert "--out" in found.err


def test_as_of_reaches_the_rules(here: Path, call: Call) -> None:
    (here / "rules.yaml").write_text(
        "ruleset: r\nkey: [n]\nrules:\n  - {id: OLD, when: d < AS_OF, lane: red}\n", encoding="utf-8"
    )
    (here / "d.csv").write_text("n,d\n1,2024-01-31\n2,2024-06-30\n")
    (here / "map.yaml").write_text("columns: {d: {type: date}}\n")
    asked = ("run", "rules.yaml", "d.csv", "--map", "map.yaml", "--json")
    found = call(*asked, "--as-of", "2024-03-01")
    assert (found.document["matches"], found.document["as_of"]) == (1, "2024-03-01")
    assert call(*asked).error_codes == ["US015"]
    for wrong in ("1 March", "20240131", "2024-W05-3"):
        assert call(*asked, "--as-of", wrong).error_codes == ["US014"]


@pytest.mark.parametrize("command", [("run", "rules.yaml", "lodged.csv"), ("rules", "check", "rules.yaml"),
                                     ("rules", "test", "rules.yaml")])  # fmt: skip
def test_wrong_options_are_refused_before_any_work_also_where_they_are_not_needed(
    here: Path, call: Call, command: tuple[str, ...]
) -> None:
    for option, value, code in (
        ("--as-of", "garbage", "US014"),
        ("--seed", "-5", "US012"),
        ("--seed", str(2**64), "US012"),
    ):
        found = call(*command, option, value, "--json")
        assert (found.code, found.error_codes) == (2, [code])


def test_text_that_is_no_utf8_in_a_parquet_file_is_told_with_its_place(here: Path, call: Call) -> None:
    wrong = pa.StringArray.from_buffers(1, pa.array([0, 1], pa.int32()).buffers()[1], pa.py_buffer(b"\xff"))
    pq.write_table(pa.table({"s": wrong, "n": [1]}), here / "wrong.parquet")
    (here / "s.yaml").write_text("ruleset: r\nkey: [n]\nrules:\n  - {id: A, when: \"UPPER(s) = 'A'\", lane: red}\n")
    found = call("run", "s.yaml", "wrong.parquet", "--out", "out", "--json")
    assert (found.code, found.error_codes) == (2, ["DT105"])
    assert not (here / "out").exists()
    assert "UTF" in found.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("rules.yaml", "lodgd.csv"), "DT101", "did you mean lodged.csv?"),
        (("rules.yaml", "lodged.csv", "--map", "mop.yaml"), "DT101", "there is no such map"),
        (("rules.yaml", "lodged.csv"), "DT119", "delimiter"),
        (("rule.yaml", "lodged.csv"), "RT020", "rule.yaml"),
        (("rules.yaml",), "US022", "DATA"),
        (("rules.yaml", "lodged.csv", "--sed", "1"), "US022", "--seed"),
        (("rules.yaml", "lodged.csv", "--seed", "x"), "US022", "--seed"),
        (("rules.yaml", "lodged.csv", "--map", "map.yaml", "--seed", "-1"), "US012", "from 0 to 18446744073709551615"),
        (("rules.yaml", "lodged.csv", "--map", "map.yaml", "--threads", "0"), "US013", "threads"),
        (("rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "map.yaml"), "US020", "cannot be written"),
    ],
)
def test_bad_input_gives_a_message_and_exit_code_two(
    here: Path, call: Call, arguments: tuple[str, ...], code: str, said: str
) -> None:
    found = call("run", *arguments, "--json")
    assert found.code == 2
    assert code in found.error_codes
    plain = call("run", *arguments)
    assert (plain.code, plain.out) == (2, "")
    assert f"[{code}]" in plain.err
    assert "Traceback" not in plain.err
    if code != "US020":
        assert said in plain.err


def test_a_graphics_card_that_is_not_there_is_exit_code_four(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "cuda", "--out", "out")
    with installed(monkeypatch, None):
        found, told = call(*asked, "--json"), call(*asked)
    assert (found.code, found.error_codes) == (4, ["EN401"])
    assert (told.code, told.out) == (4, "")
    for words in ("cuda cannot run here: CuPy is not installed", "pip install '.[cuda13]'", "or use --backend cpu"):
        assert words in told.err
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (KeyboardInterrupt(), 130, None),
        (MemoryError(), 4, "EN411"),
        (OSError(errno.ENOSPC, "No space left on device"), 4, "EN410"),
        (OSError(errno.EIO, "Input/output error"), 4, "EN412"),
    ],
)
def test_a_run_that_breaks_off_keeps_the_earlier_results(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, code: str | None
) -> None:
    asked = ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out", "--json")
    call(*asked)
    before = {path.name: path.read_bytes() for path in (here / "out").iterdir()}

    def break_off(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Plan, "evaluate", break_off)
    found = call(*asked)
    assert found.code == status
    assert [each.get("code") for each in found.document["errors"]] == [code]
    assert {path.name: path.read_bytes() for path in (here / "out").iterdir()} == before


def test_a_fault_of_the_program_is_not_hidden(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(Plan, "evaluate", fail)
    with pytest.raises(AssertionError, match="a bug"):
        call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml")


def test_a_listener_that_hangs_up_is_no_error(here: Path) -> None:
    program = "from gpu_target.cli.main import main; main()"
    arguments = ["run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--out", "out"]
    for extra in ([], ["--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        found = subprocess.run(
            [sys.executable, "-c", program, *arguments, *extra],
            stdout=writing, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        )  # fmt: skip
        os.close(writing)
        assert (found.returncode, "Traceback" in found.stderr, "BrokenPipe" in found.stderr) == (0, False, False)
        assert (here / "out" / "run.json").exists()


def test_rules_that_have_not_changed_are_compiled_once(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPU_TARGET_CACHE_DIR", str(here / "cache"))
    arguments = ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--json", "--matches", "--out")
    first = call(*arguments, "first").document
    counts = pq.read_table(here / "first" / "counts.parquet")
    with monkeypatch.context() as patch:
        patch.setattr("gpu_target.language.files.read_all", lambda *_: pytest.fail("the rules were read again"))
        second = call(*arguments, "second").document
        summary = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml")
    assert "CHEAP-CARS" in summary.out
    for table in ("counts", "lanes", "matches"):
        names = [here / folder / f"{table}.parquet" for folder in ("first", "second")]
        assert pq.read_table(names[0]).equals(pq.read_table(names[1]))
    for facts in (first, second):
        for changing in ("seconds", "out"):
            facts.pop(changing)
    assert first == second
    slow = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "interpreter", "--out", "third")
    assert slow.code == 0
    assert pq.read_table(here / "third" / "counts.parquet").equals(counts)
    (here / "rules.yaml").write_text((here / "rules.yaml").read_text().replace("price < 1000", "price < 800"))
    third = call(*arguments, "fourth").document
    assert (third["matches"], third["ruleset_sha256"] != first["ruleset_sha256"]) == (1, True)


def test_another_map_is_another_plan(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPU_TARGET_CACHE_DIR", str(here / "cache"))
    arguments = ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--json")
    before = call(*arguments).document
    (here / "map.yaml").write_text((here / "map.yaml").read_text() + "key: [declaration]\n")
    after = call(*arguments).document
    assert before["matches"] == after["matches"]
    assert before["plan_sha256"] != after["plan_sha256"]

"""The codes of what the environment cannot do, and of wrong calls and commands: EN4xx and US0xx."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

USAGE_CODES: dict[str, Code] = {
    "EN401": Code(
        "backend cannot run here",
        "The message says what is missing.",
    ),
    "EN402": Code(
        "memory of the card is not enough",
        "Parts of the data are made as small as they have to be before.",
    ),
    "EN403": Code(
        "the card failed",
        "Nothing of what it found is used, and nothing is computed elsewhere instead.",
    ),
    "EN404": Code(
        "memory for copies to the card is not enough",
        "It belongs to the machine, may not be swapped out, and every thread has its own.",
    ),
    "EN410": Code(
        "disk full",
        "Nothing half-written stands under a final name.",
    ),
    "EN411": Code(
        "out of memory",
        "Lanes and matches grow with the rows; counts alone do not.",
    ),
    "EN412": Code(
        "writing failed",
        "The operating system says why.",
    ),
    "EN420": Code(
        "Dask is not installed",
        "It comes with the extra `scale`.",
    ),
    "EN421": Code(
        "cluster gave up",
        "Workers ended again and again on the same rows, or the cluster was closed.",
    ),
    "EN499": Code(
        "PyYAML without its C parser",
        "The pure Python parser is many times slower and is not used.",
    ),
    "US010": Code(
        "output not asked for",
        "Lanes and matches are computed only where outputs names them.",
    ),
    "US011": Code(
        "unknown output",
        "counts, lanes, matches.",
    ),
    "US012": Code(
        "seed out of range",
        "A seed is a whole number from 0 to 2^64 - 1.",
        """$ gpu-target run rules.yaml items.csv --seed -1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target run rules.yaml items.csv --seed 1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US013": Code(
        "bad number of threads",
        "At least one.",
        """$ gpu-target run rules.yaml items.csv --threads 0
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target run rules.yaml items.csv --threads 1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US014": Code(
        "bad date",
        "Dates are written as 2024-01-31.",
        """$ gpu-target run rules.yaml items.csv --as-of 31/12/2024
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target run rules.yaml items.csv --as-of 2024-12-31
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US015": Code(
        "AS_OF without a day",
        "A rule that reads AS_OF needs --as-of DATE.",
        """$ gpu-target run rules.yaml items.csv
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: registration_ts < AS_OF, lane: red}
# file: items.csv
declaration_id,item_number,registration_ts
1,1,2024-01-31T08:00:00""",
        """$ gpu-target run rules.yaml items.csv --as-of 2024-12-31
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: registration_ts < AS_OF, lane: red}
# file: items.csv
declaration_id,item_number,registration_ts
1,1,2024-01-31T08:00:00""",
    ),
    "US016": Code(
        "no key",
        "Lanes and matches are reported by the key columns.",
    ),
    "US017": Code(
        "not a table",
        "Arrow tables and readers, pandas and polars frames, DuckDB relations are read.",
    ),
    "US018": Code(
        "unknown backend",
        "auto, cpu, cuda or interpreter.",
    ),
    "US019": Code(
        "argument of another kind",
        "`compile` takes a rule set and a schema, not paths and tables.",
    ),
    "US020": Code(
        "cannot be written there",
        "A file stands where a folder was named, writing is not allowed, or the results would stand among the rules.",
        """$ gpu-target run rules.yaml items.csv --out items.csv
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target run rules.yaml items.csv --out results
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US021": Code(
        "folder in use",
        "Two runs cannot write into one folder at the same time.",
    ),
    "US022": Code(
        "wrong usage",
        "A command, option or value that does not exist; --help lists them.",
        """$ gpu-target run rules.yaml items.csv --treads 1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target run rules.yaml items.csv --threads 1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US023": Code(
        "options that contradict each other",
        "The message says which of them to leave out.",
        """$ gpu-target rules generate --add 5 --out more.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target rules generate --rules 5 --out more.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US024": Code(
        "file that is there already",
        "What someone may have written is replaced with --force alone.",
        """$ gpu-target rules generate --rules 5 --out rules.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target rules generate --rules 5 --out more.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US040": Code(
        "partial results of different evaluations",
        "One plan, the same outputs, seed and day.",
    ),
    "US041": Code(
        "partial result too large for a record",
        "A cell of a record batch holds 2 GiB.",
    ),
    "US042": Code(
        "nothing to collect",
        "Not one record came back, so not even the rules are known.",
    ),
    "US043": Code(
        "no Dask cluster",
        "A client names the cluster; Dask knows the one made last.",
    ),
    "US044": Code(
        "bad number of rows or splits",
        "Rows are counted from 0, splits from 1.",
    ),
    "US050": Code(
        "no such record",
        "No row of the data has the key; the message names some that there are.",
        """$ gpu-target explain rules.yaml items.csv --key 9,1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target explain rules.yaml items.csv --key 1,1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US051": Code(
        "bad key",
        "--key takes the values of the key columns in order, separated by commas.",
        """$ gpu-target explain rules.yaml items.csv --key one,1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target explain rules.yaml items.csv --key 1,1
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
    "US052": Code(
        "no such rule",
        "Rules are named by their id; those of drafts and retired rules are known too.",
        """$ gpu-target explain rules.yaml items.csv --key 1,1 --rule B
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
        """$ gpu-target explain rules.yaml items.csv --key 1,1 --rule A
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: items.csv
declaration_id,item_number,customs_value
1,1,10""",
    ),
}

"""The table of codes: the only place that lists them. Codes are never reused.

RT0xx syntax of rules and their files, RT1xx names and types, RT2xx logic, RT3xx cost, RT4xx style, DT data and maps,
EN environment, US usage. Each entry: a short title and what a reader should know.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A title, what a reader should know, and a rule set (or a part of one) that is wrong in this way and mended."""

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""


CODES: dict[str, Code] = {
    # RT001-RT019: the text of a predicate
    "RT001": Code(
        "not part of the language", "A character, or an operator of another language; the message says what to write."
    ),
    "RT002": Code(
        "no closing quote", "A text stands in 'single', a name in \"double\" quotes; a quote inside is written twice."
    ),
    "RT003": Code(
        "bad number", "7, 7.0, .5 and 1e-05 are numbers: at most 400 characters, and within the range of float64."
    ),
    "RT004": Code("unexpected here", "The message says what was found and what can stand there."),
    "RT005": Code("unbalanced parenthesis", "Every ( has its )."),
    "RT006": Code("unknown function", "The functions are a closed list; see the reference."),
    "RT007": Code("wrong arguments", "The number of arguments, or a written value that the function asks for."),
    "RT008": Code(
        "chained comparison", "Comparisons, BETWEEN, IN, LIKE and IS NULL do not chain: use AND or parentheses."
    ),
    "RT009": Code("NULL outside IS NULL", "Nothing equals NULL; whether a value is missing is asked with IS NULL."),
    "RT010": Code(
        "bad date or timestamp", "DATE '2024-01-31' and TIMESTAMP '2024-01-31 08:00:00', years 0001 to 9999."
    ),
    "RT011": Code("bad LIKE pattern", "A text in quotes; ESCAPE is one character that stands before %, _ or itself."),
    "RT012": Code("misplaced list", "@list stands right of IN and as second argument of CONTAINS_ANY, nowhere else."),
    "RT013": Code("bad name", "A column, or table.column; a name has at least one character."),
    "RT014": Code(
        "nested too deeply",
        "At most 200 parentheses, functions, NOT and minus signs inside one another, and 256 operators; a sum of n "
        "terms counts as n - 1 operators inside one another, a chain of AND or OR as one.",
    ),
    "RT015": Code("too long", "A predicate has at most 1 MiB (1,048,576 bytes) of UTF-8."),
    "RT016": Code("empty predicate", "A condition is needed."),
    # RT101-RT149: names and types
    "RT101": Code("unknown column", "Names are case-sensitive; columns come from the data or the record type."),
    "RT102": Code("unknown list", "@name is a key under `lists`."),
    "RT103": Code("unknown table", "table.column reads a key under `tables`."),
    "RT104": Code("unknown column of a table", "The columns are those of the table's file."),
    "RT105": Code("types that cannot be compared", "Text, numbers, dates and booleans are never converted silently."),
    "RT106": Code("wrong type of argument", "The operator or function takes another type here."),
    "RT107": Code("number out of range", "Literals lie between 1e-1000 and 1e1000."),
    "RT108": Code("circular definition", "A name under `let` may use other names, but not itself."),
    "RT109": Code("list value of the wrong type", "The values of a list are read as the type of the column they meet."),
    "RT110": Code("condition expected", "A rule is TRUE or not; a bare number or text is neither."),
    "RT111": Code(
        "unsupported column type", "Numbers, text, booleans, dates, timestamps and lists of them can be read."
    ),
    "RT112": Code("test value of the wrong type", "The values of a test are read as the types of their columns."),
    "RT113": Code("unknown key column", "`key` names columns of the data; the first is the declaration."),
    "RT114": Code("role without a column", "valid, flow and offices read the record's date, flow and office columns."),
    "RT115": Code("unknown column in a test", "A test names columns of the record."),
    "RT116": Code(
        "definitions too large", "Names of `let` are written out where they are used: 400 levels, 10^6 terms."
    ),
    # RT020-RT059: the structure, keys and values of rule files
    "RT020": Code("no such rule file", "Rules are a YAML file, or a folder with *.yaml files; both must be readable."),
    "RT021": Code("folder without rules", "A folder that is a rule set has at least one *.yaml file."),
    "RT022": Code("rule file with another ending", "Only *.yaml is read; a file left out must not go unnoticed."),
    "RT023": Code("rule file is not UTF-8", "The message names the first byte that is not, with its line and column."),
    "RT024": Code("character not allowed", "NUL, control characters, and line breaks that editors do not show."),
    "RT025": Code("not YAML", "The YAML parser cannot go on; the message says what it met and what to write."),
    "RT026": Code("tab in the indentation", "YAML is indented with spaces."),
    "RT027": Code("second YAML document", "One file holds one document; a rule set of several files is a folder."),
    "RT028": Code("alias, anchor or tag", "What is read is what is seen, and small files stay small."),
    "RT029": Code("YAML nested too deeply", "Mappings and lists stand at most 40 deep inside one another."),
    "RT030": Code("duplicate key", "A key stands once in its mapping; the second would silently replace the first."),
    "RT031": Code("unknown key", "The keys are those of the published JSON Schema; the message names the nearest."),
    "RT032": Code("missing key", "ruleset and rules; per rule id, when, and lane or relief; per test expect."),
    "RT033": Code("value of the wrong kind", "A value, a list or a mapping stands where another of them was expected."),
    "RT034": Code("empty", "The key is there, its value is not."),
    "RT035": Code("reserved key", "`features` is kept for history and aggregates as columns."),
    "RT036": Code("key that is no word", "A key is a word, never a list or a mapping."),
    "RT037": Code("bad name", "Lists, tables and expressions have names that a condition can write without quotes."),
    "RT038": Code("another rule set", "Every file of a folder names the same rule set."),
    "RT039": Code("duplicate id", "An id is unique over all files of the rule set."),
    "RT040": Code("bad id", "An id is not blank, has no control characters and at most 200 characters."),
    "RT041": Code("defined twice", "A name of lists, tables or let, or a value of record, key or roles, is set once."),
    "RT042": Code("unknown record type", "declaration-item and traveller; without `record` the data decide."),
    "RT043": Code("unknown word", "lane, status and expect are one of a few words."),
    "RT044": Code("bad number", "rate and relief are 0 to 100, also with decimals; weight is whole, 0 to 65535."),
    "RT045": Code("neither true nor false", "true and false are the only two words."),
    "RT046": Code("bad day", "A day is written as 2024-01-31."),
    "RT047": Code("ends before it begins", "`until` is the same day as `from` or a later one."),
    "RT048": Code("both lane and relief", "A rule sends to a lane, or grants relief."),
    "RT049": Code("keys that exclude each other", "Mandatory rules have rate 100; relief rules have neither."),
    "RT050": Code("too many problems", "Past a limit the rest of a file is not read: mend the first ones."),
    "RT051": Code("brace alone in a template", "{column} is a cell; a brace itself is written twice."),
    "RT052": Code("unknown placeholder", "A placeholder names a column of the decision table."),
    "RT053": Code("rules changed meanwhile", "The files were edited between two readings of one run: run it again."),
    "RT054": Code(
        "not formatted", "The canonical text is read again and compared before it is written: this file would differ."
    ),
    # DT101-DT199: data files and maps
    "DT101": Code("no such data", "DATA is a file, a folder of part files, or a generated folder."),
    "DT102": Code("unknown kind of file", "Parquet, Arrow IPC and CSV are read; the name's ending says which it is."),
    "DT103": Code(
        "no single kind of data in a folder", "A folder holds part files of one kind, not inside subfolders."
    ),
    "DT104": Code("empty file", "Even data without rows has column names."),
    "DT105": Code("damaged file", "Cut off, overwritten in part, or not of the kind that its name says."),
    "DT106": Code("part files differ", "Every part file has the same columns with the same types."),
    "DT107": Code("not text in this encoding", "CSV is UTF-8 unless a map names another encoding."),
    "DT108": Code(
        "row of another length", "Every row of a CSV file has as many cells as the first line names columns."
    ),
    "DT109": Code("quote never closed", "Such a quote would swallow every row behind it."),
    "DT110": Code("two columns of one name", "Column names are unique."),
    "DT111": Code("column without a name", "The first line of a CSV file names every column."),
    "DT112": Code(
        "cell of another type", "Cells are read by their declared type; the first few that do not fit are shown."
    ),
    "DT113": Code("type that cannot become another", "A map changes types where no value can be lost on the way."),
    "DT114": Code("unreadable CSV", "Arrow's reader refuses the file."),
    "DT115": Code("bad manifest", "manifest.json of a generated folder names its tables and the main one."),
    "DT116": Code("no such table", "The tables of a generated folder are those that its manifest names."),
    "DT117": Code("no such column", "The column is not in the data, after the map."),
    "DT118": Code("file cannot be opened", "The operating system refuses it."),
    "DT119": Code("another delimiter", "The only column's name holds a character that elsewhere separates columns."),
    "DT120": Code("files that cannot be split", "Only files that say how many rows they hold are split for workers."),
    "DT130": Code("map is not UTF-8", "A map is one YAML file in UTF-8."),
    "DT131": Code("unknown key in a map", "columns, key, roles, null_values and csv; the message names the nearest."),
    "DT132": Code("bad value in a map", "The JSON Schema of maps says what stands where."),
    "DT133": Code("map names a column that the data lacks", "`from` is a column's name in the data, letter by letter."),
    "DT134": Code(
        "name taken twice", "A name given by the map is also the name of a column that the map leaves alone."
    ),
    "DT135": Code("bad format", "`format` is for dates and timestamps, in the codes of Python's strptime."),
    "DT136": Code("key or role names no column", "`key` and `roles` use the names of columns after the map."),
    "DT137": Code("bad CSV setting", "`delimiter` is one ASCII character, `encoding` a text encoding."),
    # DT150-DT154: data against a plan
    "DT150": Code("column of the wrong type for the record", "The record type declares it; a map can convert it."),
    "DT151": Code("missing column", "The rules read a column that the data lacks."),
    "DT152": Code("column of another type than compiled for", "A plan fits one schema; compile for this one."),
    "DT153": Code("row without a declaration", "The first key column is never empty where lanes are wanted."),
    "DT154": Code("unusable key type", "A declaration is named by text, a whole number or a date."),
    # DT160: two results
    "DT160": Code("results about different data", "Two rule sets are compared over the same declarations."),
    # DT170-DT172: partial results
    "DT170": Code("row in two partial results", "A row counts once; every part says which is its first row."),
    "DT171": Code("rows missing from partial results", "A result is of all rows: some are in no partial result."),
    "DT172": Code("no partial results", "Records of the documented schema, as they were written."),
    # DT201-DT249: types, lists, lookup tables and the files of decision tables
    "DT201": Code("unknown type", "text, integer, number, decimal(p, s), boolean, date, timestamp, list(text)."),
    "DT202": Code("decimal digits out of range", "decimal(p, s) has p from 1 to 76 digits, s of them after the point."),
    "DT203": Code("file cannot be read", "Paths are relative to the rule file that names them; nothing is fetched."),
    "DT204": Code("CSV is not UTF-8", "The message names the first byte that is not, with its line and column."),
    "DT205": Code("not CSV", "A quoted cell ends with a quote; a quote inside it is doubled."),
    "DT206": Code("row of another length", "Every row of a list or table has as many cells as its header."),
    "DT207": Code("empty value", "Values of lists and keys of tables are never empty."),
    "DT208": Code("no such column in the file", "The message names the nearest column that is there."),
    "DT209": Code("bad header", "The first line names the columns, each once, separated by commas."),
    "DT210": Code("not Parquet", "The file is damaged, or is not what its name says."),
    "DT211": Code("unknown kind of file", "Lists and tables are CSV or Parquet, decision tables CSV, by their ending."),
    "DT212": Code("bad lookup table", "One of file and data; key columns once each; prefix is one of them."),
    "DT213": Code("type of a column that has one", "`types` is for CSV columns that are neither key nor `valid`."),
    "DT215": Code("cell that cannot stand outside quotes", "A cell never adds to the structure of a condition."),
    "DT216": Code("cell missing in a condition", "A condition needs every cell that it uses."),
    "EN499": Code("PyYAML without its C parser", "The pure Python parser is many times slower and is not used."),
    # DT251-DT253: lookup tables met by a schema
    "DT251": Code("two rows for one key", "A lookup table has one row per key, and per day where it has validity."),
    "DT252": Code(
        "cell of a lookup table of the wrong type", "`types`, keys and days of validity say what is expected."
    ),
    "DT253": Code(
        "table of the generated folder missing", "{data: NAME} needs a generated folder that has that table."
    ),
    # EN401: backends
    "EN401": Code("backend cannot run here", "The message says what is missing."),
    "EN402": Code("memory of the card is not enough", "Parts of the data are made as small as they have to be before."),
    "EN403": Code("the card failed", "Nothing of what it found is used, and nothing is computed elsewhere instead."),
    "EN404": Code(
        "memory for copies to the card is not enough",
        "It belongs to the machine, may not be swapped out, and every thread has its own.",
    ),
    # EN410-EN419: the machine, met by the command line
    "EN410": Code("disk full", "Nothing half-written stands under a final name."),
    "EN411": Code("out of memory", "Lanes and matches grow with the rows; counts alone do not."),
    "EN412": Code("writing failed", "The operating system says why."),
    # EN420-EN421: clusters
    "EN420": Code("Dask is not installed", "It comes with the extra `scale`."),
    "EN421": Code("cluster gave up", "Workers ended again and again on the same rows, or the cluster was closed."),
    # US010-US018: calls of the engine
    "US010": Code("output not asked for", "Lanes and matches are computed only where outputs names them."),
    "US011": Code("unknown output", "counts, lanes, matches."),
    "US012": Code("seed out of range", "A seed is a whole number from 0 to 2^64 - 1."),
    "US013": Code("bad number of threads", "At least one."),
    "US014": Code("bad date", "Dates are written as 2024-01-31."),
    "US015": Code("AS_OF without a day", "A rule that reads AS_OF needs --as-of DATE."),
    "US016": Code("no key", "Lanes and matches are reported by the key columns."),
    "US017": Code("not a table", "Arrow tables and readers, pandas and polars frames, DuckDB relations are read."),
    "US018": Code("unknown backend", "auto, cpu, cuda or interpreter."),
    # US020-US039: the command line
    "US020": Code("cannot be written there", "A file stands where a folder was named, or writing is not allowed."),
    "US021": Code("folder in use", "Two runs cannot write into one folder at the same time."),
    "US022": Code("wrong usage", "A command, option or value that does not exist; --help lists them."),
    "US023": Code("options that contradict each other", "The message says which of them to leave out."),
    # US040-US044: partial results and clusters
    "US040": Code("partial results of different evaluations", "One plan, the same outputs, seed and day."),
    "US041": Code("partial result too large for a record", "A cell of a record batch holds 2 GiB."),
    "US042": Code("nothing to collect", "Not one record came back, so not even the rules are known."),
    "US043": Code("no Dask cluster", "A client names the cluster; Dask knows the one made last."),
    "US044": Code("bad number of rows or splits", "Rows are counted from 0, splits from 1."),
}

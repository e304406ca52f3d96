"""The table of codes: the only place that lists them. Codes are never reused.

RT0xx syntax of rules and their files, RT1xx names and types, RT2xx logic, RT3xx cost, RT4xx style, DT data and maps,
EN environment, US usage. Each entry: a short title and what a reader should know.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    title: str
    explanation: str


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
    "RT111": Code("unsupported column type", "Numbers, text, booleans, dates, timestamps and lists of them can be read."),
    "RT112": Code("test value of the wrong type", "The values of a test are read as the types of their columns."),
    "RT113": Code("unknown key column", "`key` names columns of the data; the first is the declaration."),
    "RT114": Code("role without a column", "valid, flow and offices read the record's date, flow and office columns."),
    "RT115": Code("unknown column in a test", "A test names columns of the record."),
    "RT116": Code("definitions nested too deeply", "Names of `let` inside one another add up; at most 400 levels."),
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
    # DT201-DT249: types, lists, lookup tables and the files of decision tables
    "DT201": Code("unknown type", "text, integer, number, decimal(p, s), boolean, date, timestamp, list(text)."),
    "DT202": Code("decimal digits out of range", "decimal(p, s) has p from 1 to 76 digits, s of them after the point."),
    # DT251-DT253: lookup tables met by a schema
    "DT251": Code("two rows for one key", "A lookup table has one row per key, and per day where it has validity."),
    "DT252": Code("cell of a lookup table of the wrong type", "`types`, keys and days of validity say what is expected."),
    "DT253": Code("table of the generated folder missing", "{data: NAME} needs a generated folder that has that table."),
    # EN401: backends
    "EN401": Code("backend cannot run here", "The message says what is missing."),
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
}

"""The rule language: text and files of rules, parsed, located and printed. Imports nothing else of ours."""

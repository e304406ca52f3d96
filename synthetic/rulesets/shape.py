"""What made-up rule sets look like: every number with its source, or the word assumed."""

from __future__ import annotations

# All are assumed but where a source is named; no administration publishes its rules. They give, over a year of
# 2.6 items a declaration, about the lane shares that are published: 6 to 10 % of imports red.
MEAN_FURTHER_TERMS = 2.2  # conditions of a rule: 1 + Poisson(2.2)
MOST_TERMS = 12
DISJUNCTIONS = 0.15  # of the rules have an OR
SELECTIVITY = (1e-7, 5e-4)  # share of items that a rule matches, log-uniform
LOST = 2.5  # fitted to a few items of a sample, conditions match so many times less in another world (measured)
BROAD = (0.01, 0.03)  # of the few broad rules
BROAD_RULES, RULES_PER_BROAD = 5, 100  # at most five, and one for each hundred rules
NATIONAL = 1_500  # rules of one country: larger sets match less each, or every declaration would be red
FLOWS = (("IM", 85), ("EX", 10), ("TR", 5))  # of the goods that rules are made for
LANES = (("red", 45), ("yellow", 40), ("blue", 15))
RATES = ((100, 55), (50, 15), (20, 7), (30, 7), (40, 6), (10, 5), (5, 3), (2, 2))
HEADER_RULES = 0.25  # read columns of the declaration alone
OFFICE_RULES, FURTHER_OFFICE = 0.30, 0.30  # hold at some offices alone; the chance that another one is named
EXPIRING, LONGEST_VALID = 0.30, 90  # share of rules that end within so many days
FROM_RULES = 0.30  # share that begin within the year and have no end
FLOW_RULES = 0.60  # share that name their flow
MANDATORY = 0.06  # of red rules: prohibitions and sanctions
RELIEF = 0.002  # share that lower the rates of trusted traders in place of naming a lane
WEIGHTS = {"red": (40, 100), "yellow": (20, 60), "blue": (5, 30)}
LISTS = {"goods": 24, "origins": 12, "importers": 10, "declarants": 4}  # how many of each a rule set has
LIST_SIZES = {"goods": (10, 120), "origins": (3, 20), "importers": (20, 300), "declarants": (5, 40)}
WATCHED_CONTAINERS = 200
CHANGES = (("threshold", 45), ("rate", 35), ("lane", 20))  # what a decision changes in a rule

"""Rule sets made up from a profile: any number of rules, and changed versions of one.

The rules mean nothing. How many conditions they have, which columns they read, how many items they match and which
lanes and rates they carry follow published descriptions of customs rule sets, or are assumed: see ``shape``.
"""

from synthetic.rulesets.changes import change_rules
from synthetic.rulesets.generate import generate_rules

__all__ = ["change_rules", "generate_rules"]

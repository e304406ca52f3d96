"""Synthetic customs worlds: declarations, traders, hidden truth and rule sets, made up from a profile.

Everything is labelled "synthetic, calibrated to public aggregates". No real declaration, importer or officer is
represented; all fraud behaviour is an assumption. Results on this data compare systems, they predict nothing.
"""

from synthetic.errors import ProfileError
from synthetic.generate import LABEL, generate, is_compiled
from synthetic.profile import Profile, load_profile, profile_names, profile_sha256
from synthetic.write import write_dataset

__all__ = [
    "LABEL",
    "Profile",
    "ProfileError",
    "generate",
    "is_compiled",
    "load_profile",
    "profile_names",
    "profile_sha256",
    "write_dataset",
]

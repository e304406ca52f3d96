"""Everything that is fixed once profile, seed and number of declarations are known, before any declaration is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthetic import catalogue, choices, kernel_tables, places, times, traders
from synthetic.catalogue import Catalogue
from synthetic.kernel_tables import Tables
from synthetic.places import PlaceNames
from synthetic.profile_model import Profile
from synthetic.traders import Traders


class World(NamedTuple):
    profile: Profile
    seed: np.uint64
    declarations: int
    catalogue: Catalogue
    names: PlaceNames
    traders: Traders
    tables: Tables


def build(profile: Profile, declarations: int, seed: int) -> World:
    """The world of a profile: some tens of milliseconds."""
    word = np.uint64(seed)
    names, place_tables = places.build(profile, word)
    known = catalogue.build(profile)
    people = traders.build(profile, place_tables, word)
    days = times.build(profile, declarations)
    tables = kernel_tables.build(known.tables, place_tables, people, choices.build(profile), days)
    return World(profile, word, declarations, known, names, people, tables)

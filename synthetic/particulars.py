"""The remaining fields of an item: description, references, and what temporary admission asks for."""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled
from synthetic.draws import SCALE
from synthetic.fraud import MISCLASSIFIED
from synthetic.headers import IMPORT, swap
from synthetic.philox import block
from synthetic.streams import ITEM_PAPERS, ITEM_PARTIES, ITEM_VALUE

BRANDS, SITES, ADDITIONAL, QUOTAS, AUTHORISATIONS = 600, 900, 40, 60, 4_000
DAY_SECONDS = 86_400


class Particular:
    """One record per item; -1 is missing."""

    previous: np.int64  # a word that numbers the previous document
    reexport: np.int64
    documents: np.int64  # a word that decides which documents are there
    description: np.int32
    brand: np.int32
    additional: np.int32
    quota: np.int32
    site: np.int32
    authorisation: np.int32
    ta_deadline: np.int32  # days since 1970


@compiled
def fill_particulars(seed, header_of, items, tables, out):
    """Fill the particulars of a chunk's items.

    header_of ``Header``, items ``Item`` records, tables ``Tables``; out ``Particular`` records, written.
    """
    codes, chapters, regimes = tables.codes, tables.chapters, tables.regimes
    for k in range(len(items)):
        item, each = items[k], out[k]
        header = header_of[item.parent]
        n, line, regime = header.row, np.int64(item.line), regimes[header.regime]
        _, _, brand, text = block(seed, n, line, ITEM_VALUE, 0)
        previous, documents, additional, quota = block(seed, n, line, ITEM_PAPERS, 0)
        site, authorisation, reexport, deadline = block(seed, n, line, ITEM_PARTIES, 0)
        # the words follow the goods themselves in one misclassified item of three
        told = item.true_code if item.typology == MISCLASSIFIED and text & 0xFFFF < 21_845 else item.code
        each.description = codes[told].heading * 3 + (0 if text < SCALE // 2 else 1 + (text & 1))
        branded = chapters[codes[item.code].chapter].branded and brand < SCALE // 2
        common = (swap(brand) * (swap(brand) >> 1)) >> 31  # the first brands are the most common
        each.brand = (common * BRANDS) >> 32 if branded else -1
        each.additional = (swap(additional) * ADDITIONAL) >> 32 if additional < SCALE // 10 else -1
        has_quota = item.preference >= 0 and quota < SCALE // 25
        each.quota = (swap(quota) * QUOTAS) >> 32 if has_quota else -1
        each.previous = previous if regime.earlier or previous < SCALE // 50 else -1
        each.site = (swap(site) * SITES) >> 32 if header.exporter >= 0 and site < SCALE // 5 * 2 else -1
        each.documents = documents
        each.authorisation, each.ta_deadline, each.reexport = -1, -1, -1
        if regime.temporary and header.flow == IMPORT:
            each.authorisation = (authorisation * AUTHORISATIONS) >> 32
            each.ta_deadline = header.time // DAY_SECONDS + 90 + ((deadline * 8) >> 32) * 90
            if item.quantity >= 0:
                done = (item.quantity * (reexport >> 16)) >> 16
                each.reexport = done if reexport < SCALE // 4 * 3 else item.quantity

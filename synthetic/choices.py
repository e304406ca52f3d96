"""The remaining parameters of a profile as thresholds, alias tables and factors for the kernels."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import Alias, alias, threshold
from synthetic.fixed_point import ONE, sigma_bits
from synthetic.places import PlaceNames
from synthetic.profile_model import FLOWS, TYPOLOGIES, DocumentNeed, Profile


class Choices(NamedTuple):
    """Thresholds are numbers of 32-bit words; factors have 16 bits behind the point."""

    id_base: np.int64  # declaration_id of declaration 0
    regimes: Alias
    flow: NDArray[np.int8]  # [r] 0 import, 1 export, 2 transit
    suspended: NDArray[np.bool_]  # [r] no duty is paid, a guarantee stands for it
    earlier: NDArray[np.bool_]  # [r] follows another procedure
    warehouse: NDArray[np.bool_]  # [r] 070 is the procedure or the one before
    temporary: NDArray[np.bool_]  # [r] temporary admission: 022 and 040
    items: Alias  # 1, 2, ...
    terms: Alias
    without_freight: NDArray[np.bool_]  # [t]
    declaration_types: Alias
    natures: Alias
    payments: Alias
    home_office: np.int64
    main_declarant: np.int64
    second_declarant: np.int64  # of main and second together
    same_dispatch: np.int64
    freight: NDArray[np.int64]  # [3] medians by mode
    insurance: np.int64
    container: np.int64
    exporter_missing: np.int64
    off_activity: np.int64
    new_goods: np.int64
    same_origin: np.int64
    unit_value_sigma: np.int64
    packing_median: np.int64
    packing_sigma: np.int64
    fraud_rate: NDArray[np.int64]  # [3] by flow, thresholds
    learnable: np.int64  # factor
    typologies: Alias
    habit: np.int64
    degree: NDArray[np.int64]  # mean, sigma, low, high of undervaluation; 24 bits behind the point
    mass_factor: NDArray[np.int64]  # low, high
    fine: np.int64  # factor
    document_share: NDArray[np.int64]  # [s, 2] thresholds of up to two documents of a sector
    document_code: NDArray[np.int32]  # [s, 2]
    inspect_random: np.int64
    inspect_criteria: np.int64
    inspect_risk: np.int64  # factor
    inspect_duty: np.int64  # basis points
    detection: NDArray[np.int64]  # [5] thresholds by typology, 0 unused


def factor(value: float) -> int:
    """A factor with 16 bits behind the point."""
    return round(value * 65_536)


def build(profile: Profile) -> Choices:
    """The kernels' parameters of a profile."""
    d, t, f = profile.declarations, profile.traders, profile.fraud
    regimes = d.regimes.value
    freight = d.freight_shares.value
    under = f.undervaluation.value
    plan = f.inspections.value
    share, code = _documents(profile)
    return Choices(
        id_base=np.int64(profile.calendar.year.value % 100 * 10_000_000_000 + 1),
        regimes=alias([each.share for each in regimes]),
        flow=np.array([FLOWS.index(each.flow) for each in regimes], np.int8),
        suspended=np.array([each.suspended for each in regimes]),
        earlier=np.array([each.previous != "000" for each in regimes]),
        warehouse=np.array(["070" in (each.procedure, each.previous) for each in regimes]),
        temporary=np.array([each.procedure in {"022", "040"} for each in regimes]),
        items=alias(_items(profile)),
        terms=alias([each.share for each in d.delivery_terms.value]),
        without_freight=np.array([each.without_freight for each in d.delivery_terms.value]),
        declaration_types=alias([each.share for each in d.declaration_types.value]),
        natures=alias([each.share for each in d.natures_of_transaction.value]),
        payments=alias([each.share for each in d.payment_modes.value]),
        home_office=np.int64(threshold(d.home_office_share.value)),
        main_declarant=np.int64(threshold(d.main_declarant_share.value)),
        second_declarant=np.int64(threshold(d.main_declarant_share.value + d.second_declarant_share.value)),
        same_dispatch=np.int64(threshold(profile.places.dispatch_same_as_origin.value)),
        freight=np.array([factor(freight.sea), factor(freight.road), factor(freight.air)], np.int64),
        insurance=np.int64(factor(d.insurance_share.value)),
        container=np.int64(threshold(d.container_share.value)),
        exporter_missing=np.int64(threshold(d.exporter_missing.value)),
        off_activity=np.int64(threshold(t.off_activity_share.value)),
        new_goods=np.int64(threshold(t.new_goods_share.value)),
        same_origin=np.int64(threshold(t.same_origin_share.value)),
        unit_value_sigma=np.int64(sigma_bits(profile.goods.unit_value_sigma.value)),
        packing_median=np.int64(factor(profile.goods.packing.value.median)),
        packing_sigma=np.int64(sigma_bits(profile.goods.packing.value.sigma)),
        fraud_rate=np.array([threshold(f.base_rate.value), threshold(f.export_base_rate.value), 0], np.int64),
        learnable=np.int64(factor(f.learnable_share.value)),
        typologies=alias([f.typologies.value.get(each, 0.0) for each in TYPOLOGIES]),
        habit=np.int64(threshold(f.habit_share.value)),
        degree=np.array([round(each * ONE) for each in (under.mean, under.sigma, under.low, under.high)], np.int64),
        mass_factor=np.array([factor(each) for each in f.mass_factor.value], np.int64),
        fine=np.int64(factor(f.fine_share.value)),
        document_share=share,
        document_code=code,
        inspect_random=np.int64(threshold(plan.random_share)),
        inspect_criteria=np.int64(threshold(plan.criteria_share)),
        inspect_risk=np.int64(factor(plan.risk_from)),
        inspect_duty=np.int64(round(plan.duty_from * 100)),
        detection=np.array([0, *(threshold(f.detection.value.get(each, 0.0)) for each in TYPOLOGIES)], np.int64),
    )


def _items(profile: Profile) -> list[float]:
    """Weights of 1, 2, ... items, on straight lines between the steps."""
    steps = profile.declarations.items_per_declaration.value
    weights = [steps[0].weight]
    for low, high in itertools.pairwise(steps):
        rise = (high.weight - low.weight) / (high.items - low.items)
        weights += [low.weight + rise * i for i in range(1, high.items - low.items)] + [high.weight]
    return [max(each, 0.0) for each in weights]


def document_names(profile: Profile, names: PlaceNames) -> list[str]:
    """Every document code that can occur: the papers of all trade, proofs of origin, and what sectors need."""
    needs = sorted({each.code for each in profile.goods.documents.value})
    return ["N380", "N705", "N730", "N740", "N271", *needs, *names.proofs]


COMMON_DOCUMENTS = 5


def _documents(profile: Profile) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    needs = sorted({each.code for each in profile.goods.documents.value})
    sectors = [each.name for each in profile.goods.sectors.value]
    share = np.zeros((len(sectors), 2), np.int64)
    code = np.zeros((len(sectors), 2), np.int32)
    for s, sector in enumerate(sectors):
        rows: list[DocumentNeed] = [each for each in profile.goods.documents.value if each.sector == sector][:2]
        for i, row in enumerate(rows):
            share[s, i] = threshold(row.share)
            code[s, i] = COMMON_DOCUMENTS + needs.index(row.code)
    return share, code

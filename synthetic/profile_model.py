"""What a profile holds, as pydantic models; the comments in ``profiles/morocco-2024.yaml`` say what each part means."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e9)]
Positive = Annotated[float, Field(gt=0, le=1e12)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
CountryCode = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
CurrencyCode = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]*$")]
Opening = Literal["office", "always"]
FLOWS = ("IM", "EX", "TR")
MODES = {"sea": 1, "road": 3, "air": 4}  # UN Recommendation 19
Typology = Literal["T1", "T2", "T3", "T4"]
TYPOLOGIES: tuple[Typology, ...] = get_args(Typology)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Param(Strict, Generic[T]):
    """A value and where it comes from: a source with what was taken from it, ``derived ...`` or ``assumed``."""

    value: T
    source: Text


class Ramadan(Strict):
    first: datetime.date
    last: datetime.date
    factor: Positive


class Calendar(Strict):
    year: Param[Annotated[int, Field(ge=1980, le=2100)]]
    weekday_shares: Param[Annotated[list[Weight], Field(min_length=7, max_length=7)]]
    weekday_shares_always: Param[Annotated[list[Weight], Field(min_length=7, max_length=7)]]
    month_factors: Param[Annotated[list[Weight], Field(min_length=12, max_length=12)]]
    hours: Param[Annotated[list[Weight], Field(min_length=24, max_length=24)]]
    hours_always: Param[Annotated[list[Weight], Field(min_length=24, max_length=24)]]
    ramadan_hours: Param[Annotated[list[Weight], Field(min_length=24, max_length=24)]]
    ramadan: Param[Ramadan | None]
    holidays: Param[list[datetime.date]]
    holiday_factor: Param[Weight]
    holiday_factor_always: Param[Weight]
    after_holiday_factor: Param[Weight]


class Regime(NamedTuple):
    procedure: Annotated[str, StringConstraints(pattern="^[0-9]{3}$")]
    previous: Annotated[str, StringConstraints(pattern="^[0-9]{3}$")]
    flow: Literal["IM", "EX", "TR"]
    share: Weight
    suspended: bool
    title: Text


class DeliveryTerm(NamedTuple):
    term: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
    share: Weight
    without_freight: bool


class Choice(NamedTuple):
    code: Text
    share: Weight


class ItemsStep(NamedTuple):
    items: Annotated[int, Field(ge=1, le=999)]
    weight: Weight


class FreightShares(Strict):
    sea: Share
    road: Share
    air: Share


class Declarations(Strict):
    regimes: Param[Annotated[list[Regime], Field(min_length=1)]]
    items_per_declaration: Param[Annotated[list[ItemsStep], Field(min_length=1)]]
    home_office_share: Param[Share]
    main_declarant_share: Param[Share]
    second_declarant_share: Param[Share]
    delivery_terms: Param[Annotated[list[DeliveryTerm], Field(min_length=1)]]
    declaration_types: Param[Annotated[list[Choice], Field(min_length=1)]]
    natures_of_transaction: Param[Annotated[list[Choice], Field(min_length=1)]]
    payment_modes: Param[Annotated[list[Choice], Field(min_length=1)]]
    freight_shares: Param[FreightShares]
    insurance_share: Param[Share]
    container_share: Param[Share]
    exporter_missing: Param[Share]


class Office(NamedTuple):
    code: Annotated[str, StringConstraints(pattern="^[0-9A-Z]{3}$")]
    region: Name
    name: Text
    kind: Literal["port", "inland", "airport", "road"]
    opening: Opening
    share: Weight
    sea: Weight
    road: Weight
    air: Weight


class Country(NamedTuple):
    code: CountryCode
    imports: Weight
    exports: Weight
    area: Name
    currency: CurrencyCode
    agreement: Text | None
    overland: bool
    risk: Weight


class Agreement(NamedTuple):
    name: Text
    code: Text
    duty_left: Share
    proof: Annotated[str, StringConstraints(pattern="^[A-Z0-9]{4}$")]
    claimed: Share


class Places(Strict):
    offices: Param[Annotated[list[Office], Field(min_length=1, max_length=999)]]
    region_shares: Param[dict[Name, Weight]]
    countries: Param[Annotated[list[Country], Field(min_length=2)]]
    own_currency_share: Param[Share]
    euro_share: Param[Share]
    euro_area_dollar_share: Param[Share]
    exchange_rates: Param[dict[CurrencyCode, Annotated[float, Field(ge=0.0001, le=10_000)]]]
    exchange_rate_weekly_move: Param[Annotated[float, Field(ge=0, le=0.2)]]
    dispatch_same_as_origin: Param[Share]
    hubs: Param[Annotated[list[Choice], Field(min_length=1)]]
    agreements: Param[list[Agreement]]


class Sector(NamedTuple):
    name: Name
    activity: Text
    title: Text


class Chapter(NamedTuple):
    chapter: Annotated[str, StringConstraints(pattern="^[0-9]{2}$")]
    imports: Weight
    exports: Weight
    sector: Name
    mass_kg: Annotated[float, Field(ge=0.01, le=10_000_000)]
    sigma: Annotated[float, Field(ge=0, le=3)]
    value_per_kg: Annotated[float, Field(ge=0.01, le=1_000_000)]
    duty: Name
    vat: Annotated[float, Field(ge=0, le=100)]
    unit: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] | None
    piece_kg: Annotated[float, Field(ge=0, le=1e6)]
    package: Annotated[str, StringConstraints(pattern="^[A-Z0-9]{2}$")]


class Spread(Strict):
    median: Annotated[float, Field(gt=0, le=10)]
    sigma: Annotated[float, Field(ge=0, le=3)]


class DocumentNeed(NamedTuple):
    sector: Name
    code: Annotated[str, StringConstraints(pattern="^[A-Z0-9]{4}$")]
    share: Share


Sigma = Annotated[float, Field(ge=0, le=3)]
Percent = Annotated[float, Field(ge=0, le=1000)]


class Goods(Strict):
    sectors: Param[Annotated[list[Sector], Field(min_length=1)]]
    chapters: Param[Annotated[list[Chapter], Field(min_length=1)]]
    duty_bands: Param[dict[Name, dict[Percent, Weight]]]
    excise: Param[dict[str, Weight]]
    codes_zipf: Param[Annotated[float, Field(ge=0, le=3)]]
    headings_spread: Param[Sigma]
    codes_spread: Param[Sigma]
    masses_spread: Param[Sigma]
    unit_value_sigma: Param[Sigma]
    value_scale: Param[Annotated[float, Field(ge=0.001, le=1000)]]
    packing: Param[Spread]
    origin_affinity: Param[dict[Name, dict[str, Weight]]]
    documents: Param[list[DocumentNeed]]


class RankShare(NamedTuple):
    rank: Annotated[int, Field(ge=1)]
    share: Share


Count = Annotated[int, Field(ge=1, le=500_000)]


class Traders(Strict):
    importers: Param[Count]
    exporters: Param[Count]
    sellers: Param[Count]
    declarants: Param[Count]
    zipf: Param[Annotated[float, Field(ge=0, le=3)]]
    zipf_shift: Param[Annotated[float, Field(ge=0, le=1000)]]
    declarants_zipf: Param[Annotated[float, Field(ge=0, le=3)]]
    new_share: Param[Annotated[float, Field(ge=0, le=0.5)]]
    off_activity_share: Param[Share]
    same_origin_share: Param[Share]
    new_goods_share: Param[Share]
    repeat_zipf_slots: Param[Annotated[int, Field(ge=1, le=100_000)]]
    aeo_shares: Param[list[RankShare]]
    wrong_activity_share: Param[Share]


class Undervaluation(Strict):
    mean: Share
    sigma: Share
    low: Annotated[float, Field(gt=0, le=1)]
    high: Share


class InspectionPlan(Strict):
    random_share: Share
    criteria_share: Share
    risk_from: Weight
    duty_from: Weight


class Fraud(Strict):
    base_rate: Param[Annotated[float, Field(ge=0, le=1)]]
    export_base_rate: Param[Share]
    learnable_share: Param[Share]
    typologies: Param[dict[Typology, Weight]]
    habit_share: Param[Share]
    undervaluation: Param[Undervaluation]
    mass_factor: Param[Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=2, max_length=2)]]
    fine_share: Param[Annotated[float, Field(ge=0, le=100)]]
    inspections: Param[InspectionPlan]
    detection: Param[dict[Typology, Share]]


class Profile(Strict):
    """A checked profile: parts by subject, each parameter with ``value`` and ``source``."""

    profile: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]*$", max_length=60)]
    title: Text
    country: CountryCode
    currency: CurrencyCode
    sources: dict[Text, Text]
    calendar: Calendar
    declarations: Declarations
    places: Places
    goods: Goods
    traders: Traders
    fraud: Fraud

    @classmethod
    def keys_beside(cls, where: tuple[int | str, ...]) -> list[str]:
        """The keys that may stand where the last part of a path stands."""
        model: Any = cls
        for part in where[:-1]:
            field = getattr(model, "model_fields", {}).get(part)
            if field is None:
                return []
            model = field.annotation
            if not hasattr(model, "model_fields"):
                model = next((each for each in get_args(model) if hasattr(each, "model_fields")), None)
        return list(getattr(model, "model_fields", {}))

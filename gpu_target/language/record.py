"""The record types built in: what one row is, and every field with its type, its unit and its meaning.

The only place that lists the fields; the reference page is generated from it. Field names follow the boxes of the
single administrative document (SAD) and, for travellers, the WCO/IATA/ICAO passenger data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from gpu_target.language.types import FieldType, parse_type


@dataclass(frozen=True, slots=True)
class Field:
    """``unit`` is empty where there is none; codes name their standard there."""

    name: str
    type: FieldType
    unit: str
    meaning: str


@dataclass(frozen=True)
class RecordType:
    """What one row of the data is. ``date``, ``flow`` and ``office`` are what a rule's own conditions read."""

    name: str
    meaning: str
    described: tuple[Field, ...]
    key: tuple[str, ...]
    date: str
    flow: str | None
    office: str | None

    @cached_property
    def fields(self) -> Mapping[str, FieldType]:
        return {field.name: field.type for field in self.described}

    @property
    def roles(self) -> dict[str, str]:
        """The columns that play a role, under the names of ``roles:`` in a rule file."""
        found = {"date": self.date, "flow": self.flow, "office": self.office}
        return {role: column for role, column in found.items() if column is not None}


def _described(*rows: tuple[str, str, str, str]) -> tuple[Field, ...]:
    return tuple(Field(name, parse_type(kind), unit, meaning) for name, kind, unit, meaning in rows)


DECLARATION_HEADER = _described(
    ("declaration_id", "integer", "", "Number of the declaration; the same on all its items (SAD box A)."),
    ("registration_ts", "timestamp", "UTC", "When the declaration was registered (SAD box A)."),
    ("flow", "text", "IM, EX, TR", "Import, export or transit (SAD box 1)."),
    ("declaration_type", "text", "code", "Normal, simplified and other types (SAD box 1)."),
    ("customs_office_code", "text", "code", "Office of clearance (SAD box A)."),
    ("entry_exit_office_code", "text", "code", "Office where the goods cross the border (SAD box 29)."),
    ("goods_location_code", "text", "code", "Where the goods lie for examination (SAD box 30)."),
    ("exporter_id", "text", "code", "Exporter or consignor (SAD box 2)."),
    ("importer_id", "text", "code", "Importer or consignee (SAD box 8)."),
    ("financial_party_id", "text", "code", "Who is financially responsible (SAD box 9)."),
    ("declarant_id", "text", "code", "Declarant or broker (SAD box 14)."),
    ("items_count", "integer", "items", "Items of the declaration, 1 to 999 (SAD box 5)."),
    ("total_packages", "integer", "packages", "Packages of the whole declaration (SAD box 6)."),
    ("reference_number", "text", "", "The declarant's own reference, LRN (SAD box 7)."),
    ("trading_country", "text", "ISO 3166", "Country of the trading partner (SAD box 11)."),
    ("country_of_dispatch", "text", "ISO 3166", "Country the goods were sent from (SAD box 15a)."),
    ("country_of_destination", "text", "ISO 3166", "Country the goods go to (SAD box 17a)."),
    ("transport_means_id", "text", "", "Plate, flight or IMO number of the means of transport (SAD box 18)."),
    ("transport_means_nationality", "text", "ISO 3166", "Its nationality (SAD boxes 18 and 21)."),
    ("container_flag", "boolean", "", "Whether the goods travel in containers (SAD box 19)."),
    ("delivery_terms", "text", "Incoterms 2020", "Terms of delivery (SAD box 20)."),
    ("invoice_currency", "text", "ISO 4217", "Currency of the invoice (SAD box 22)."),
    ("invoice_amount", "number", "invoice currency", "Total amount invoiced (SAD box 22)."),
    ("exchange_rate", "number", "MAD per unit", "Rate from the invoice currency (SAD box 23)."),
    ("nature_of_transaction", "text", "code", "Sale, return, gift and others (SAD box 24)."),
    ("transport_mode_border", "integer", "UN Rec. 19", "Mode of transport at the border (SAD box 25)."),
    ("transport_mode_inland", "integer", "UN Rec. 19", "Mode of transport inland (SAD box 26)."),
    ("manifest_number", "text", "", "Manifest the goods arrived under."),
    ("transport_document_number", "text", "", "Bill of lading, air waybill or CMR (SAD boxes 40 and 44)."),
    ("warehouse_code", "text", "code", "Customs warehouse (SAD box 49)."),
    ("guarantee_code", "text", "code", "Type of guarantee (SAD box 52)."),
    ("transit_destination_office", "text", "code", "Office where a transit ends (SAD box 53)."),
    ("transit_deadline", "date", "day", "Last day for a transit to arrive."),
    ("seal_count", "integer", "seals", "Seals affixed (SAD box D)."),
    ("freight_amount", "number", "MAD", "Freight included in or added to the value."),
    ("insurance_amount", "number", "MAD", "Insurance included in or added to the value."),
    ("total_gross_mass_kg", "number", "kg", "Gross mass of all items (SAD box 35, sum)."),
    ("total_taxes", "number", "MAD", "Duties and taxes of all items (SAD box 47, sum)."),
    ("payment_mode", "text", "code", "Cash, credit, exempt and others (SAD box 48)."),
)

DECLARATION_ITEM = _described(
    ("item_number", "integer", "", "Number of the item in its declaration, from 1 (SAD box 32)."),
    ("commodity_code", "text", "HS6 + 4 national", "Tariff code, ten digits without spaces (SAD box 33)."),
    ("goods_description", "text", "", "Description of the goods, free text (SAD box 31)."),
    ("country_of_origin", "text", "ISO 3166", "Origin of the goods (SAD box 34)."),
    ("gross_mass_kg", "number", "kg", "Gross mass of the item (SAD box 35)."),
    ("net_mass_kg", "number", "kg", "Net mass of the item (SAD box 38)."),
    ("preference_code", "text", "agreement", "Tariff preference claimed (SAD box 36)."),
    ("procedure_code", "text", "regime", "Customs procedure requested (SAD box 37)."),
    ("previous_procedure_code", "text", "regime", "Customs procedure before this one (SAD box 37)."),
    ("additional_procedure_code", "text", "code", "Exemption or other particulars (SAD box 37)."),
    ("quota_number", "text", "code", "Tariff quota claimed (SAD box 39)."),
    ("previous_document", "text", "", "Warehouse entry, transit or other earlier document (SAD box 40)."),
    ("supplementary_quantity", "number", "supplementary unit", "Quantity in the tariff's own unit (SAD box 41)."),
    ("supplementary_unit", "text", "code", "That unit: NAR, LTR, MTK and others (SAD box 41)."),
    ("item_price", "number", "invoice currency", "Price of the item (SAD box 42)."),
    ("valuation_method", "integer", "1 to 6", "Method of the WTO valuation agreement (SAD box 43)."),
    ("document_codes", "list(text)", "code", "Documents presented, such as EUR.1 or a permit (SAD box 44)."),
    ("value_adjustment", "number", "MAD", "Additions to and deductions from the price (SAD box 45)."),
    ("customs_value", "number", "MAD", "Value that duty is reckoned on (SAD boxes 46 and 47)."),
    ("statistical_value", "number", "MAD", "Value for trade statistics (SAD box 46)."),
    ("duty_rate", "number", "%", "Rate of import duty (SAD box 47)."),
    ("duty_amount", "number", "MAD", "Import duty (SAD box 47)."),
    ("vat_amount", "number", "MAD", "Value added tax (SAD box 47)."),
    ("excise_amount", "number", "MAD", "Excise (SAD box 47)."),
    ("package_count", "integer", "packages", "Packages of the item (SAD box 31)."),
    ("package_type", "text", "UN Rec. 21", "Kind of packages (SAD box 31)."),
    ("container_ids", "list(text)", "ISO 6346", "Containers the item travels in (SAD box 31)."),
    ("brand_or_model", "text", "", "Brand or model of the goods (SAD box 31)."),
    ("exporter_site_id", "text", "code", "Site of the exporter the goods left from (SAD box 2)."),
    ("arrival_ts", "timestamp", "UTC", "When the goods arrived."),
    ("manifest_mass_kg", "number", "kg", "Mass stated in the manifest."),
    ("amendments_before_exam", "integer", "amendments", "Amendments since registration."),
    ("prior_lane", "text", "green, blue, yellow, red", "Lane before the last amendment."),
    ("reexport_quantity", "number", "supplementary unit", "Quantity re-exported of what was admitted."),
    ("ta_deadline", "date", "day", "Last day of the temporary admission."),
    ("authorisation_id", "text", "code", "Authorisation relied upon."),
)

TRAVELLER = _described(
    ("crossing_id", "integer", "", "Number of the crossing."),
    ("crossing_ts", "timestamp", "UTC", "When the traveller crossed."),
    ("direction", "text", "in, out", "Into or out of the country; always present."),
    ("border_point_code", "text", "code", "Port, airport or land post."),
    ("channel", "text", "green, red", "Channel the traveller chose."),
    ("surname", "text", "", "Surname as in the document."),
    ("given_names", "text", "", "Given names as in the document."),
    ("name_norm", "text", "", "Whole name, normalised for matching."),
    ("date_of_birth", "date", "day", "Date of birth."),
    ("sex", "text", "code", "Sex as in the document."),
    ("nationality", "text", "ISO 3166", "Nationality."),
    ("document_type", "text", "code", "Kind of travel document: P is a passport."),
    ("document_number", "text", "", "Number of the travel document."),
    ("document_issuer", "text", "ISO 3166", "State that issued it."),
    ("document_expiry", "date", "day", "Day it expires."),
    ("country_of_residence", "text", "ISO 3166", "Where the traveller lives."),
    ("is_mre", "boolean", "", "Whether a Moroccan residing abroad."),
    ("carrier_code", "text", "code", "Airline or ferry line."),
    ("voyage_number", "text", "", "Flight or voyage."),
    ("embarkation_point", "text", "code", "Where the traveller boarded."),
    ("arrival_point", "text", "code", "Where the traveller arrives."),
    ("scheduled_arrival_ts", "timestamp", "UTC", "Planned arrival of the flight or voyage."),
    ("booking_lead_days", "integer", "days", "Days from booking to departure."),
    ("payment_form", "text", "code", "How the ticket was paid."),
    ("companions_count", "integer", "persons", "Others on the same booking."),
    ("checked_bags", "integer", "bags", "Bags checked in."),
    ("cash_declared_mad_equiv", "number", "MAD", "Foreign cash declared, converted."),
    ("cash_found_mad_equiv", "number", "MAD", "Foreign cash found, converted."),
    ("dirham_notes", "number", "MAD", "Dirham notes carried."),
    ("goods_value_mad", "number", "MAD", "Value of the goods carried."),
    ("goods_category", "text", "code", "Main category of the goods carried."),
    ("crossings_30d", "integer", "crossings", "Crossings of the same document in the 30 days before."),
    ("crossings_365d", "integer", "crossings", "Crossings of the same document in the 365 days before."),
    ("prior_cases_5y", "integer", "cases", "Customs cases of the traveller in the five years before."),
    ("plate", "text", "", "Plate of the vehicle as read."),
    ("plate_country", "text", "ISO 3166", "Country of the plate."),
    ("plate_norm", "text", "", "Plate, normalised for matching."),
    ("vin", "text", "", "Vehicle identification number."),
    ("vehicle_class", "text", "code", "Car, van, motorcycle and others."),
    ("make_model", "text", "", "Make and model."),
    ("first_registration_date", "date", "day", "First registration of the vehicle."),
    ("owner_document_number", "text", "", "Document of the vehicle's owner."),
    ("driver_document_number", "text", "", "Document of the driver."),
    ("driver_relation", "text", "owner, spouse, child, parent, proxy", "Driver's relation to the owner."),
    ("ta_form", "text", "", "Form of the temporary admission (D16ter)."),
    ("ta_start_date", "date", "day", "First day of the temporary admission."),
    ("ta_days_used_year", "integer", "days", "Days of temporary admission used this year."),
    ("ta_deadline", "date", "day", "Last day of the temporary admission."),
    ("exit_ts", "timestamp", "UTC", "When the vehicle left; missing while it has not."),
    ("trailer_plate", "text", "", "Plate of the trailer."),
    ("declared_goods_flag", "boolean", "", "Whether goods were declared."),
    ("scan_result", "text", "code", "Result of the vehicle scan."),
)

RECORD_TYPES: Mapping[str, RecordType] = MappingProxyType({
    "declaration-item": RecordType(
        name="declaration-item",
        meaning="One row per item of a goods declaration, with its declaration's header columns.",
        described=DECLARATION_HEADER + DECLARATION_ITEM,
        key=("declaration_id", "item_number"),
        date="registration_ts",
        flow="flow",
        office="customs_office_code",
    ),
    "traveller": RecordType(
        name="traveller",
        meaning="One row per crossing of a traveller, with the vehicle where there is one.",
        described=TRAVELLER,
        key=("crossing_id",),
        date="crossing_ts",
        flow="direction",
        office="border_point_code",
    ),
})  # fmt: skip

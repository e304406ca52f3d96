"""The registry of random words: which words of which group belong to which value, for ever.

A group is four 32-bit words of one row (and line). Group numbers are never reused: a new value takes a free word of
its subject or a new group, so values that exist keep their bits. The kernels read whole groups in this order.
"""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    number: int  # table in the high half, group of the table in the low half
    words: tuple[str, str, str, str]  # "" is free


HEADER, ITEM, TRADER, SLOT, DECLARANT, SELLER, INSPECTION, CODE, RATE, VESSEL = (n << 16 for n in range(1, 11))

GROUPS: dict[str, Group] = {
    # one row per declaration
    "header_when": Group(HEADER + 1, ("second", "opening_hours", "trader", "trader_alias")),
    "header_kind": Group(HEADER + 2, ("regime", "items_count", "items_count_alias", "away_from_home")),
    "header_where": Group(HEADER + 3, ("office", "office_alias", "declarant", "declarant_alias")),
    "header_trade": Group(HEADER + 4, ("main_slot", "dispatch_hub", "hub_country", "new_slot")),
    "header_transport": Group(HEADER + 5, ("mode", "terms", "means", "means_country")),
    "header_money": Group(HEADER + 6, ("currency", "payment", "nature", "freight_share")),
    "header_papers": Group(HEADER + 7, ("arrival", "manifest_mass", "location", "transport_document")),
    "header_transit": Group(HEADER + 8, ("deadline", "seals", "transit_office", "guarantee")),
    "header_parties": Group(HEADER + 9, ("financial_party", "exporter_missing", "warehouse", "declaration_type")),
    "header_changes": Group(HEADER + 10, ("amendments", "prior_lane", "container", "manifest_serial")),
    "header_redraw": Group(HEADER + 11, ("trader", "trader_alias", "", "")),  # attempts 1 and up
    # one row per declaration, one line per item
    "item_goods": Group(ITEM + 1, ("slot", "new_slot", "mass", "unit_value")),
    "item_origin": Group(ITEM + 2, ("same_origin", "origin", "origin_alias", "preference")),
    "item_quantity": Group(ITEM + 3, ("gross_mass", "piece_mass", "package_mass", "package_type")),
    "item_fraud": Group(ITEM + 4, ("fraud", "typology", "degree", "means")),
    "item_value": Group(ITEM + 5, ("adjustment", "valuation_method", "brand", "description")),
    "item_papers": Group(ITEM + 6, ("previous_document", "document_missing", "additional_procedure", "quota")),
    "item_parties": Group(ITEM + 7, ("exporter_site", "authorisation", "reexport", "ta_deadline")),
    # containers of a declaration: line is the container
    "container": Group(ITEM + 8, ("owner", "serial", "", "")),
    # one row per importer or exporter
    "trader_place": Group(TRADER + 1, ("office", "sector", "number", "registration")),
    "trader_agents": Group(TRADER + 2, ("declarant", "second_declarant", "risk", "aeo")),
    "trader_person": Group(TRADER + 3, ("name", "name_2", "legal_form", "infractions")),
    "trader_record": Group(TRADER + 4, ("bond", "tax_id", "address", "activity_declared")),
    # one row per trader, one line per slot: the goods and suppliers it keeps
    "slot_goods": Group(SLOT + 1, ("chapter", "chapter_alias", "code", "code_alias")),
    "slot_origin": Group(SLOT + 2, ("origin", "origin_alias", "seller", "off_activity")),
    "declarant_place": Group(DECLARANT + 1, ("office", "name", "name_2", "registration")),
    "seller_person": Group(SELLER + 1, ("name", "name_2", "registration", "address")),
    # one row per declaration
    "inspection_choice": Group(INSPECTION + 1, ("random", "criteria", "delay", "")),
    # line is the item
    "inspection_finding": Group(INSPECTION + 2, ("found", "", "", "")),
    # one row per commodity code, heading or chapter: the same for every seed
    "code_goods": Group(CODE + 1, ("duty", "unit_value", "mass", "risk")),
    "heading_goods": Group(CODE + 2, ("unit_value", "mass", "subheadings", "national")),
    # one row per currency, one line per week
    "exchange_rate": Group(RATE + 1, ("move", "", "", "")),
}

# the numbers by name, as the kernels know them
HEADER_WHEN = GROUPS["header_when"].number
HEADER_KIND = GROUPS["header_kind"].number
HEADER_WHERE = GROUPS["header_where"].number
HEADER_TRADE = GROUPS["header_trade"].number
HEADER_TRANSPORT = GROUPS["header_transport"].number
HEADER_MONEY = GROUPS["header_money"].number
HEADER_PAPERS = GROUPS["header_papers"].number
HEADER_TRANSIT = GROUPS["header_transit"].number
HEADER_PARTIES = GROUPS["header_parties"].number
HEADER_CHANGES = GROUPS["header_changes"].number
HEADER_REDRAW = GROUPS["header_redraw"].number
ITEM_GOODS = GROUPS["item_goods"].number
ITEM_ORIGIN = GROUPS["item_origin"].number
ITEM_QUANTITY = GROUPS["item_quantity"].number
ITEM_FRAUD = GROUPS["item_fraud"].number
ITEM_VALUE = GROUPS["item_value"].number
ITEM_PAPERS = GROUPS["item_papers"].number
ITEM_PARTIES = GROUPS["item_parties"].number
CONTAINER = GROUPS["container"].number
TRADER_PLACE = GROUPS["trader_place"].number
TRADER_AGENTS = GROUPS["trader_agents"].number
TRADER_PERSON = GROUPS["trader_person"].number
TRADER_RECORD = GROUPS["trader_record"].number
SLOT_GOODS = GROUPS["slot_goods"].number
SLOT_ORIGIN = GROUPS["slot_origin"].number
DECLARANT_PLACE = GROUPS["declarant_place"].number
SELLER_PERSON = GROUPS["seller_person"].number
INSPECTION_CHOICE = GROUPS["inspection_choice"].number
INSPECTION_FINDING = GROUPS["inspection_finding"].number
CODE_GOODS = GROUPS["code_goods"].number
HEADING_GOODS = GROUPS["heading_goods"].number
EXCHANGE_RATE = GROUPS["exchange_rate"].number

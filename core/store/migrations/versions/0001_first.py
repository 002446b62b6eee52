"""The first schema."""

from __future__ import annotations

from core.store.migrations import sketch

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = {
    "allergy": (
        "id! version# stay_id ward_id code text reaction criticality verification "
        "recorded_by recorded_at# withdrawn_by withdrawn_at#? withdrawn_why"
    ),
    "allergy_review": "id! version# stay_id ward_id none% asked_by asked_at#",
    "allowance": (
        "id! version# stay_id ward_id dish_id codes why allowed_by second_id from_at# "
        "until_at# rules_version# ended_at#? ended_by ended_why"
    ),
    "bed": "id! version# ward_id kitchen_id state",
    "bed_assignment": "id! version# stay_id bed_id ward_id kitchen_id started_at# ended_at#?",
    "bed_door": "id! version# ward_id code",
    "care_file": "id! version# ward_id archived_at#?",
    "cart_line": "stay_id$! service_id$! dish_id$! halves# set_at#",
    "case": (
        "id! version# code detail op_id actor_id order_id stay_id ward_id kitchen_id "
        "opened_at# owner_id closed_at#? closed_by closing"
    ),
    "cash_due": "id! version# stay_id ward_id due_francs# settled_at#?",
    "change": "seq#! part#! table_name$ row_id$ before$ after$ body@",
    "charge": "id! version# order_id stay_id kind francs# at#",
    "credential": "id! version# password_hash pin_hash changed_at#",
    "default_meal": "id! version# kitchen_id meal rank# dishes withdrawn_at#?",
    "delivery_issue": (
        "id! version# order_id tray_id stay_id ward_id kitchen_id code note at# "
        "claimed_at# by archived_at#?"
    ),
    "device": (
        "id! version# kind name kitchen_id ward_id public_key incarnation enrolled_at# "
        "enrolled_by revoked_at#? audiences_version#"
    ),
    "diet_attempt": (
        "id! version# stay_id ward_id dish_id order_id step code by at# day suggested_id "
        "told%"
    ),
    "diet_order": (
        "id! version# stay_id ward_id kind components preferences food_level fluid_level "
        "limits isolation assistance reason from_at# until_at#? state ordered_by "
        "ordered_at# heard_by signed_by signed_at#? signature_missed_at#? drafted_by "
        "supersedes superseded_at#?"
    ),
    "diet_profile": (
        "id! version# ward_id kitchen_id open% opened_at# allergies_asked% allergens "
        "unmatched% periods allowances identifiers name_alert% child% small_child% "
        "rules_version# changed_at# changed_by archived_at#?"
    ),
    "dish": (
        "id! version# name_en name_fr name_rw kitchen_en kitchen_fr kitchen_rw category "
        "sold% price_francs# is_drink% level suits preferences services cross_contact "
        "portion_grams# choking% out_of_stock_at#? withdrawn_at#?"
    ),
    "dish_facts": (
        "id! version# allergens may_contain ingredients suits preferences verified% "
        "is_drink% level choking% out_of_stock% energy_kcal#? carbohydrate_mg#? "
        "protein_mg#? fat_mg#? sugars_mg#? sodium_mg#? potassium_mg#? phosphorus_mg#? "
        "changed_at# changed_by"
    ),
    "dish_sweep": "id! version# facts_version# swept_at#",
    "door_try": "id@! door$ at# opened%",
    "effect": "op_id@! effect$! recipient$! payload$ state$ tries# due_at# error$",
    "enrol_code": (
        "id! version# kind name kitchen_id ward_id made_by made_at# expires_at# used_at#? "
        "device_id"
    ),
    "following_numbers": "id! version# count#",
    "grant": "id! version# person_id role ward_id from_at# until_at#? revoked_at#? granted_by",
    "hand_over": (
        "id! version# order_id tray_id stay_id ward_id kitchen_id at# claimed_at# by "
        "to_nurse identifiers typed% proof second% allowed_by note archived_at#?"
    ),
    "head": (
        "one#! epoch$ epochs$ seq# at# turn# rules_version# durable_seq# horizon_seq# "
        "erased_seq# seal@ practice% signing_seed$"
    ),
    "held_back": "op_id@!",
    "incarnation": (
        "id$! device_id$ last_dseq# head_hash@ opened_at# cursor# heard_at# waiting#"
    ),
    "ingredient": (
        "id! version# name_en name_fr name_rw source allergens may_contain verified% "
        "energy_kcal#? carbohydrate_mg#? protein_mg#? fat_mg#? sugars_mg#? sodium_mg#? "
        "potassium_mg#? phosphorus_mg#?"
    ),
    "kitchen": "id! version# name",
    "label_identity": (
        "id! version# ward_id kitchen_id full_name birth_date hospital_number left_at#?"
    ),
    "ledger_entry": "id! version# order_id stay_id account francs# at# claimed_at# by reason",
    "number_block": "service_id$! next#",
    "number_lease": "id! version# device_id first# leased_at# returned_at#?",
    "op": (
        "op_id@! commit_seq# told_seq# origin$ origin_ref$ incarnation$ dseq# actor_id$ "
        "kind$ v# entity$ body_hash@ chain@ outcome$ code$ detail$ claimed_at# "
        "received_at# seal@"
    ),
    "op_body": "op_id@! body@",
    "order": (
        "id! version# number service_id stay_id ward_id kitchen_id state state_at# "
        "placed_at# placed_by promised_at# wish late% default% guest% stop stop_at#? "
        "stop_seen_by change_seen_version# change_seen_by held_for problem reason checked "
        "checked_at#? swapped_at#? overridden archived_at#?"
    ),
    "order_line": (
        "id! version# order_id stay_id ward_id kitchen_id dish_id halves# instead_of "
        "ticked_at#? ticked_by archived_at#?"
    ),
    "order_move": (
        "id! version# order_id stay_id ward_id kitchen_id from_state to_state at# "
        "claimed_at# by implied% reason archived_at#?"
    ),
    "patient": "id! version# hospital_number full_name birth_date language phone",
    "payment": "id! version# stay_id method state due_francs# paid_francs# state_at#",
    "person": "id! version# display language supervisor_id ended_at#?",
    "person_details": "id! version# full_name email phone",
    "pin_verifier": "id! version# person_id place pin_hash changed_at# withdrawn_at#?",
    "policy": "id! version# value#",
    "recipe_part": "id! version# dish_id ingredient_id recipe_id grams# removed_at#?",
    "resent": "incarnation$! dseq#! op_id@ chain@",
    "service": (
        "id! version# kitchen_id day meal opens_at# cut_off_at# dispatch_at# ends_at# "
        "archived_at#?"
    ),
    "session": "token_hash@! person_id$ stay_id$ made_at# seen_at# ended_at#?",
    "stay": (
        "id! version# patient_id ward_id kitchen_id bed_id bed_before bed_changed_at#? "
        "opened_at# away_from_at#? away_until_at#? away_why closed_at#? archived_at#?"
    ),
    "stay_move": "id! version# stay_id from_ward_id ward_id kitchen_id at# claimed_at# by",
    "taken_over": "stay_id$! device_id$! seq# at#",
    "tray": (
        "id! version# order_id stay_id ward_id kitchen_id number# label_version# "
        "label_void% state assembled_at# out_at#? runner_id archived_at#?"
    ),
    "tray_hold": "id! version# stay_id ward_id reason held_by held_at# ended_at#? ended_by",
    "trouble": (
        "id! version# device_id code where number first_at# last_at# count# before# "
        "closed_at#? closed_by closing"
    ),
    "unread_outcome": (
        "id! version# device_id kind entity outcome code detail actor_id supervisor_id "
        "judged_at# acknowledged_at#? acknowledged_by"
    ),
    "ward": (
        "id! version# kitchen_id name_en name_fr name_rw extension walking_order# "
        "minutes_from_kitchen# first% closed_at#?"
    ),
}

INDEXES = {
    "allergy_stay_id": "allergy stay_id",
    "allergy_review_stay_id": "allergy_review stay_id",
    "allowance_stay_id": "allowance stay_id",
    "bed_assignment_bed_id": "bed_assignment bed_id",
    "bed_assignment_open": "bed_assignment bed_id unique where ended_at IS NULL",
    "bed_assignment_stay_id": "bed_assignment stay_id",
    "bed_door_code": "bed_door code unique",
    "case_open": "case closed_at",
    "case_order_id": "case order_id",
    "change_row": "change table_name row_id seq",
    "charge_once": "charge order_id kind unique",
    "charge_order_id": "charge order_id",
    "default_meal_kitchen_id": "default_meal kitchen_id",
    "delivery_issue_order_id": "delivery_issue order_id",
    "diet_attempt_stay_id": "diet_attempt stay_id",
    "diet_order_stay_id": "diet_order stay_id",
    "door_try_door": "door_try door at",
    "effect_due": "effect state due_at",
    "grant_person_id": "grant person_id",
    "hand_over_order_id": "hand_over order_id",
    "incarnation_device": "incarnation device_id",
    "ledger_entry_order_id": "ledger_entry order_id",
    "number_lease_device_id": "number_lease device_id",
    "number_lease_held": "number_lease first unique where returned_at IS NULL",
    "op_commit": "op commit_seq unique",
    "op_device": "op origin_ref commit_seq",
    "op_dseq": "op incarnation dseq",
    "op_entity": "op entity commit_seq",
    "order_number": "order service_id number unique",
    "order_state": "order state",
    "order_stay_id": "order stay_id",
    "order_line_of_dish": "order_line dish_id id where archived_at IS NULL",
    "order_line_order_id": "order_line order_id",
    "order_move_order_id": "order_move order_id",
    "patient_hospital_number": "patient hospital_number unique",
    "pin_verifier_person_id": "pin_verifier person_id",
    "recipe_part_dish_id": "recipe_part dish_id",
    "recipe_part_ingredient_id": "recipe_part ingredient_id",
    "recipe_part_recipe_id": "recipe_part recipe_id",
    "service_kitchen_id": "service kitchen_id",
    "session_stay": "session stay_id",
    "stay_open_patient": "stay patient_id unique where closed_at IS NULL",
    "stay_patient_id": "stay patient_id",
    "stay_move_stay_id": "stay_move stay_id",
    "tray_order_id": "tray order_id",
    "tray_hold_stay_id": "tray_hold stay_id",
    "trouble_device_id": "trouble device_id",
    "trouble_open": "trouble closed_at",
    "ward_kitchen_id": "ward kitchen_id",
}


def upgrade() -> None:
    sketch.create(TABLES, INDEXES)

"""Chargify: its import templates hold no history."""

from cs_models.importers.vendor import not_subscriptions

VENDORS = (
    not_subscriptions("chargify_template", "Chargify import template",
                      "product_handle ; customer_reference ; next_billing_at",
                      "It says when they are billed next, not since when they pay: export the subscriptions."),
)  # fmt: skip

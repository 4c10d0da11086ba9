"""Paddle: subscriptions as its interface lists them; they carry no price, so value needs a typed one."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, LIVE, TRIAL

VENDORS = (
    vendor(
        "paddle", "Paddle subscriptions list",
        {
            "customer": "customer_id", "subscription": "id|subscription_id",
            # a trial has started_at but no first bill yet
            "start": "started_at|first_billed_at|created_at", "trial_end": "first_billed_at",
            "ended": "canceled_at", "paused_on": "paused_at",
            "period_start": "current_billing_period_starts_at",
            "period_end": "current_billing_period_ends_at",
            "status": "status", "interval": "billing_cycle_interval",
            "interval_count": "billing_cycle_frequency",
            "currency": "currency_code", "updated": "updated_at",
        },
        "customer_id ; status ; started_at ; first_billed_at ; next_billed_at ; canceled_at",
        """
        id,customer_id,status,currency_code,started_at,first_billed_at,next_billed_at,canceled_at
        sub_1,ctm_1,active,USD,2024-01-15T09:12:00Z,2024-01-15T09:12:00Z,2024-10-15T09:12:00Z,
        sub_2,ctm_2,canceled,USD,2024-02-01T10:00:00Z,2024-02-01T10:00:00Z,,2024-09-01T10:00:00Z
        sub_3,ctm_3,active,USD,2024-08-20T08:30:00Z,2024-08-20T08:30:00Z,2024-10-20T08:30:00Z,
        """,
        {LIVE: "active past_due paused", ENDED: "canceled", TRIAL: "trialing"},
    ),
)  # fmt: skip

"""Recharge: cycles of days (28 or 45), upper-case states, reasons in free text."""

from cs_models.importers.vendor import not_subscriptions, vendor
from cs_models.importers.vendor_rows import ENDED, LIVE

INSTEAD = "Export the subscriptions instead."

VENDORS = (
    vendor(
        "recharge", "Recharge subscriptions export",
        {
            "customer": "customer_id", "subscription": "id|subscription_id", "start": "created_at",
            "ended": "cancelled_at", "status": "status", "plan": "product_title",
            "interval": "order_interval_unit", "interval_count": "order_interval_frequency",
            "price": "price", "quantity": "quantity", "end_reason": "cancellation_reason",
            "deleted": "_fivetran_deleted", "updated": "updated_at", "synced": "_fivetran_synced",
        },
        "customer_id ; created_at ; cancelled_at ; order_interval_unit ; order_interval_frequency ; status",
        """
        id,customer_id,created_at,cancelled_at,price,quantity,status,product_title,order_interval_unit,order_interval_frequency
        1,c1,2024-01-15 09:12:00,,49.00,1,ACTIVE,Box,month,1
        2,c2,2024-02-01 10:00:00,2024-09-01 10:00:00,19.00,1,CANCELLED,Bag,month,1
        3,c3,2024-08-20 08:30:00,,49.00,1,ACTIVE,Box,month,1
        """,
        {LIVE: "active", ENDED: "cancelled expired"}, per_unit=("price",), keep_deleted=True,
    ),
    not_subscriptions("recharge_customers", "Recharge customers table", "subscriptions_active_count ; "
                      "subscriptions_total_count", INSTEAD),
    not_subscriptions("recharge_lines", "Recharge charge lines table",
                      "charge_id ; purchase_item_id ; unit_price",
                      INSTEAD),
    not_subscriptions("recharge_charges", "Recharge charges table",
                      "customer_id ; scheduled_at ; charge_attempts ; total_line_items_price",
                      "It lists orders, some of them still ahead. Export the subscriptions instead."),
)  # fmt: skip

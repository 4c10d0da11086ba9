"""Reports of app stores count subscriptions by day and country: nobody can be followed in them."""

from cs_models.importers.vendor import not_subscriptions

COUNTS = "It counts subscriptions by day and names no customers, so retention cannot be read from it."

VENDORS = (
    not_subscriptions("apple_events", "Apple subscription events report",
                      "event ; standard_subscription_duration ; consecutive_paid_periods", COUNTS),
    not_subscriptions("apple_summary", "Apple subscription summary report",
                      "standard_subscription_duration ; active_standard_price_subscriptions", COUNTS),
    not_subscriptions("google_counts", "Google Play subscriptions report",
                      "package_name ; new_subscriptions ; cancelled_subscriptions ; "
                      "active_subscriptions", COUNTS),
    not_subscriptions("google_earnings", "Google Play earnings report",
                      "transaction_type ; merchant_currency ; product_type ; buyer_country",
                      "It lists payments without customers, so retention cannot be read from it."),
)  # fmt: skip

"""What each number is called and what it means: one place for pages, charts and exports."""

LABELS = {
    "clv": "Lifetime value per new customer",
    "residual": "Value of today's customers",
    "residual_per_customer": "Value per existing customer",
    "payback_months": "Months to earn back CAC",
    "lifetime": "Lifetime value",
    "tail_share": "Share beyond what the data has seen",
    "customers": "Customers",
    "active": "Active customers",
    "active_mrr": "Monthly recurring revenue",
    "monthly_churn": "Monthly customer churn",
    "new": "New customers",
    "existing": "Existing customers",
    "portfolio": "Whole book",
}

HELP = {
    "measure": (
        "Customers: the share still subscribed. Gross revenue: of what customers first paid a month, the part "
        "still billed, nobody counted above the first amount. Net revenue: with what they bought on top."
    ),
    "clv": (
        "Margin one new customer brings over the horizon, discounted to today. "
        "What it cost to win the customer (CAC) is not taken off."
    ),
    "residual": "Margin still to come from everybody who pays today, each from the tenure already reached.",
    "payback_months": "Number of payments until the margin of a new customer covers CAC, not discounted.",
    "lifetime": (
        "Margin for as long as a customer may stay, discounted. The share beyond the months your data has seen is the "
        "model's word."
    ),
    "monthly_churn": "Share of paying customers who leave in a month, over everything observed.",
    "active_mrr": "What all open subscriptions are worth a month; an annual price counts a twelfth.",
    "gross_margin": "Share of the list price that is left after the cost of serving a customer.",
    "service_cost": "Money per customer and month on top of that, for example account management.",
    "discount_rate": "Yearly rate at which money of later years is worth less today.",
    "growth": (
        "As today: a customer who stays pays the same for ever. As it grew so far: price changes of those who stayed, by "
        "months of tenure, go on as far as your data have seen them, and no further."
    ),
    "cac": "What it costs to win one customer.",
    "typed_price": (
        "The file holds no price, so every customer is counted with this one. An annual payer pays twelve of "
        "them a year. 0 = not known."
    ),
    "back_predicted": "What this model, fitted to what was known that day, would have said of today.",
    "back_happened": "Customers of that day who never left since, or what they pay today, counted.",
    "back_constant": "The one-number formula: the same share of customers leaves every month, new or old.",
    "back_line": "As many leave each month as in an average one of the six months before that day.",
}

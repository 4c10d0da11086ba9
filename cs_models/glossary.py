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
    "mrr": "MRR",
    "arr": "ARR",
    "arpu": "ARPU",
    "new_mrr": "New MRR",
    "expansion_mrr": "Expansion MRR",
    "reactivated_mrr": "Reactivation MRR",
    "contraction_mrr": "Contraction MRR",
    "churned_mrr": "Churned MRR",
    "logo_churn": "Customer churn a month",
    "gross_churn": "Gross MRR churn a month",
    "net_churn": "Net MRR churn a month",
    "grr": "Gross revenue retention, 12 months",
    "nrr": "Net revenue retention, 12 months",
    "quick_ratio": "Quick ratio",
    "renewal_churn": "Churn at renewal",
    "cac": "CAC",
    "ltv_cac": "LTV:CAC",
    "payback_cash": "Payback in cash",
    "payback_margin": "Payback in margin",
    "retention_cost": "Retention cost per customer",
    "retention_spend": "Spent to keep customers, a month",
    "measure": "What is kept",
    "expected_churn": "Expected churn a month",
    "gross_margin": "Gross margin",
    "service_cost": "Service cost per customer and month",
    "discount_rate": "Discount rate a year",
    "growth": "What those who stay pay",
    "typed_price": "Price per customer and month",
    "call_saved": "Expected value saved",
    "call_hour": "One more hour saves",
    "health_held": "Months held back",
    "back_predicted": "Back-test: forecast",
    "back_happened": "Back-test: what came",
    "back_constant": "Back-test: one churn rate",
    "back_line": "Back-test: straight line",
}

HELP = {
    "measure": (
        "Customers: the share still subscribed. Gross revenue: of what customers first paid a month, the "
        "part still billed, nobody counted above the first amount. Net revenue: with what they bought on "
        "top."
    ),
    "clv": (
        "Margin one new customer brings over the horizon, discounted to today. "
        "What it cost to win the customer (CAC) is not taken off."
    ),
    "residual": "Margin still to come from everybody who pays today, each from the tenure already reached.",
    "payback_months": "Number of payments until the margin of a new customer covers CAC, not discounted.",
    "lifetime": (
        "Margin for as long as a customer may stay, discounted. The share beyond the months your data has "
        "seen is the model's word."
    ),
    "monthly_churn": "Share of paying customers who leave in a month, over everything observed.",
    "active_mrr": "What all open subscriptions are worth a month; an annual price counts a twelfth.",
    "active": "Customers with a paid subscription in force at the end of that day.",
    "mrr": (
        "Monthly recurring revenue: what all subscriptions in force are worth a month. An annual price "
        "counts a twelfth, one for 24 months a twenty-fourth. It is a pace, not the money billed in a "
        "month."
    ),
    "arr": "Annual recurring revenue: MRR times 12. What a year would bring if nothing changed.",
    "arpu": "MRR divided by active customers. It moves with the mix of customers as well as with prices.",
    "new_mrr": "MRR at the month's end of customers who had never paid before.",
    "expansion_mrr": "MRR added by customers who were there at the month's start and pay more at its end.",
    "reactivated_mrr": (
        "MRR of customers who had left in an earlier month and are back. Kept apart from new MRR: winning "
        "them back costs something else."
    ),
    "contraction_mrr": "MRR lost from customers who stay and pay less.",
    "churned_mrr": "MRR of customers who were there at the month's start and have none at its end.",
    "logo_churn": (
        "Customers who left in the month divided by customers at its start. Blended: annual payers who "
        "could not leave that month are below the line too. How the churn figures differ stands on Overview."
    ),
    "gross_churn": (
        "MRR lost to departures and contraction divided by MRR at the month's start. What must be won again "
        "to stand still. How the churn figures differ stands on Overview."
    ),
    "net_churn": (
        "MRR lost less expansion and reactivation, divided by MRR at the month's start. Below zero the "
        "customers there already grow by themselves."
    ),
    "grr": (
        "Of the MRR customers paid twelve months ago, the part still paid, customer by customer and nobody "
        "above what he paid then. Two who paid 100 each and now pay 0 and 200 are 50 %. It cannot pass 100 "
        "%."
    ),
    "nrr": (
        "What customers of twelve months ago pay now, divided by what they paid then, departures and "
        "expansion in it; customers won since are not. Above 100 % the book grows without new customers."
    ),
    "quick_ratio": (
        "MRR gained (new, expansion, reactivation) divided by MRR lost (contraction, churned) in the month. "
        "Below 1 the book shrinks."
    ),
    "renewal_churn": (
        "Of the customers whose paid year (or longer term) ended in the month, the share that did not renew. "
        "Customer churn a month counts everybody; this one only those who could decide."
    ),
    "ltv_cac": (
        "Lifetime value of a new customer over the horizon divided by what winning one costs (CAC). It "
        "grows with the horizon, so the two are told together."
    ),
    "payback_cash": (
        "Payments until the cash a new customer has paid, less the cost to serve, covers CAC. A year paid "
        "ahead counts when it is paid. Not discounted."
    ),
    "payback_margin": (
        "Months until the margin earned from a new customer covers CAC. A year paid ahead counts a twelfth a "
        "month. Not discounted."
    ),
    "retention_cost": (
        "What programmes to keep customers cost a month divided by the customers of today. Money the data "
        "do not hold, so it is typed."
    ),
    "expected_churn": (
        "Share of today's customers expected to leave a month, on average over the next twelve, by the "
        "fitted curves. Customer churn a month counts what has happened; how the two differ stands on Overview."
    ),
    "retention_spend": "Loyalty offers, win-back campaigns, success managers: all of a month. 0 = not known.",
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
    "call_saved": (
        "Sum over this week's calls: chance to leave within three months, times the share of it a contact takes "
        "away, times the margin still to come from that customer."
    ),
    "call_hour": "What the next customers on the list would save in one more hour.",
    "health_held": (
        "The chances are learned on the data as they stood that many months ago, and held against who has left "
        "since."
    ),
    "back_predicted": "What this model, fitted to what was known that day, would have said of today.",
    "back_happened": "Customers of that day who never left since, or what they pay today, counted. Where the file ends "
    "plans on the day of cancelling, a paid year lasts to its end.",
    "back_constant": "The one-number formula: the same share of customers leaves every month, new or old.",
    "back_line": "As many leave each month as in an average one of the six months before that day.",
}

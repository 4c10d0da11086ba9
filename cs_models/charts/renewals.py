"""The cohort heat map of plans billed for longer than a month: renewals across instead of months."""

from cs_models.charts import Chart, cohorts


def build(height: float, scale: float):
    return cohorts.draw(height, scale, "Renewal", "Renewal")


HEIGHT = cohorts.CHART.height
CHART = Chart("renewals", "Retention by renewal", cohorts.COLUMNS, build, cohorts.example, height=HEIGHT)

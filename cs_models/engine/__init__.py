"""Rows to counts: the only place that goes through customers, as SQL in an embedded query engine."""

"""Saved scenarios of the team."""

from pages.shared import layout

layout.heading("Saved scenarios")

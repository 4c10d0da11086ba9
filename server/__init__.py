"""What stands around every answer of the server, before any page is run: see README, "Architecture"."""

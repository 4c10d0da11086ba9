"""The team's own database or a folder of files: counted where the rows lie; only counts come home."""

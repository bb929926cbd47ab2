"""Statements of the directory: `members` and `facets` for the search, `matches` for who fits, `entries` for both."""

"""Guildhall: a home for a community that shares skills; ARCHITECTURE.md is the map."""

"""Recorded hours: help that was already given, written down by one of those who were there or by a coordinator.

Each helper and each helped one of a record are a pair; a pair is paid by one transfer, once who may has agreed.
"""

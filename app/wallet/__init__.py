"""The ledger: wallets in hours and in money, transfers of two sides or more that always sum to zero, and their proof.

It knows wallets, amounts, a text with a link and a key. It never knows what was paid for: exchanges, contracts and
imports stand above it and say so.
"""

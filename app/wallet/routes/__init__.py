"""The pages of wallets, a module for each."""

from app.wallet.routes import giving, offline, organisations, overview, statement, transfers
from app.wallet.routes.blueprint import blueprint

__all__ = ["blueprint", "giving", "offline", "organisations", "overview", "statement", "transfers"]

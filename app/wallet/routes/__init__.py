"""The pages of wallets, a module for each."""

from app.wallet.routes import giving, organisations, overview, statement, transfers
from app.wallet.routes.blueprint import blueprint

__all__ = ["blueprint", "giving", "organisations", "overview", "statement", "transfers"]

"""The list of features: their pages, commands and what they hear from the outbox."""

from flask import Flask

from marketplace.accounts import views as accounts
from marketplace.config import Settings
from marketplace.contracts import views as contracts
from marketplace.deals import views as deals
from marketplace.discovery import views as discovery
from marketplace.lexicon import views as lexicon
from marketplace.listings import views as listings
from marketplace.matching import views as matching
from marketplace.notices import views as notices
from marketplace.pooling import views as pooling
from marketplace.portal import development
from marketplace.portal import views as portal
from marketplace.subsidies import views as subsidies


def register(app: Flask, settings: Settings) -> None:
    """Attach every feature; pages for development only where this is development or a test."""
    for feature in (
        accounts,
        notices,
        listings,
        lexicon,
        discovery,
        matching,
        pooling,
        deals,
        contracts,
        subsidies,
        portal,
    ):
        feature.register(app)
    if not settings.production:
        development.register(app)

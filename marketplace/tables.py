"""Every table of the market, so that migrations and tests see the whole schema."""

from marketplace import attachments, audit, numbering, outbox, workdays, workflow
from marketplace.accounts import models as accounts
from marketplace.contracts import models as contracts
from marketplace.db import Base
from marketplace.deals import models as deals
from marketplace.discovery import models as discovery
from marketplace.discovery.saved import models as saved_searches
from marketplace.lexicon import models as lexicon
from marketplace.listings import models as listings
from marketplace.matching import models as matching
from marketplace.notices import models as notices
from marketplace.pooling import models as pooling
from marketplace.subsidies import models as subsidies
from marketplace.web import once

ALL = (
    attachments,
    audit,
    numbering,
    outbox,
    workdays,
    workflow,
    accounts,
    notices,
    listings,
    discovery,
    saved_searches,
    lexicon,
    matching,
    pooling,
    deals,
    contracts,
    subsidies,
    once,
)
metadata = Base.metadata

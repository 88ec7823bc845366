"""Every table of the market, so that migrations and tests see the whole schema."""

from marketplace import attachments, audit, numbering, outbox, workflow
from marketplace.accounts import models as accounts
from marketplace.db import Base
from marketplace.listings import models as listings
from marketplace.matching import models as matching
from marketplace.notices import models as notices
from marketplace.web import once

ALL = (attachments, audit, numbering, outbox, workflow, accounts, listings, matching, notices, once)
metadata = Base.metadata

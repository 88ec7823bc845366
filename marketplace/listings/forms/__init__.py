"""The forms of listings: the steps of achievements and demands, and taking one off the market."""

from marketplace.listings.forms.closing import ClosingForm
from marketplace.listings.forms.steps import STEPS, StepForm

__all__ = ["STEPS", "ClosingForm", "StepForm"]

"""The step forms of achievements and demands."""

from marketplace.listings.forms.steps import STEPS, StepForm

__all__ = ["STEPS", "StepForm"]

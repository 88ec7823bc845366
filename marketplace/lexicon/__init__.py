"""The market's own words: technical terms and synonyms that staff add to the lists that come with it."""

"""The market's vocabulary: which words its public listings use, and by what they are found while somebody types;
and how often its words are searched for.

The vocabulary is made by the worker from listings, never by hand; any row may be thrown away and made again.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, Identified, Key, UTCDateTime
from search.vocabulary import LONGEST_KEY, LONGEST_WORD

#: Characters of a text that is counted.
LONGEST_SEARCH = 20


def _compared(length: int) -> String:
    """Text whose order is that of its characters' numbers on either database, so that a prefix is a range."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class VocabularyWord(Identified, Base):
    """A word or phrase of public titles and keywords."""

    __tablename__ = "vocabulary_words"
    __table_args__ = (Index("ix_vocabulary_words_listings", "listings"),)

    word: Mapped[str] = mapped_column(
        String(LONGEST_WORD), unique=True, comment="normalised: what is searched"
    )
    shown: Mapped[str] = mapped_column(String(LONGEST_WORD), comment="as somebody wrote it: PLC控制")
    listings: Mapped[int] = mapped_column(Integer, default=0, comment="public listings that use it")


class VocabularyUse(Base):
    """A public listing uses a word."""

    __tablename__ = "vocabulary_uses"
    __table_args__ = (Index("ix_vocabulary_uses_word", "word_id", "in_title", "listing_id"),)

    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id"), primary_key=True)
    word_id: Mapped[int] = mapped_column(Key, ForeignKey("vocabulary_words.id"), primary_key=True)
    in_title: Mapped[bool] = mapped_column(comment="else among keywords or in the sentence on its use")


class VocabularyPrefix(Base):
    """A way to type a word: itself, its pinyin, its initials."""

    __tablename__ = "vocabulary_prefixes"
    __table_args__ = (Index("ix_vocabulary_prefixes_key", "tier", "key", "word_id"),)

    word_id: Mapped[int] = mapped_column(Key, ForeignKey("vocabulary_words.id"), primary_key=True)
    key: Mapped[str] = mapped_column(_compared(LONGEST_KEY), primary_key=True)
    tier: Mapped[int] = mapped_column(
        SmallInteger, comment="how common the word is, 1 to 8: doublings of its listings"
    )


class VocabularySlip(Base):
    """What a word has in common with those that are mistaken for it (search.spelling)."""

    __tablename__ = "vocabulary_slips"

    key: Mapped[str] = mapped_column(String(4 * LONGEST_KEY), primary_key=True)
    word_id: Mapped[int] = mapped_column(Key, ForeignKey("vocabulary_words.id"), primary_key=True, index=True)


class TitlePrefix(Base):
    """A way to type the title of a public listing from its beginning."""

    __tablename__ = "title_prefixes"
    __table_args__ = (Index("ix_title_prefixes_key", "key", "listing_id"),)

    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id"), primary_key=True)
    key: Mapped[str] = mapped_column(_compared(LONGEST_KEY), primary_key=True)


class VocabularyBuild(Base):
    """How far the vocabulary has been made from the listings; the one row is also the writers' lock."""

    __tablename__ = "vocabulary_build"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    rules: Mapped[str] = mapped_column(String(40), comment="version of the rules it is made by")
    position: Mapped[int | None] = mapped_column(
        Key, comment="id of the last listing read; empty when all are"
    )


class SearchCount(Base):
    """In how many browsers a text was searched for on one day. Nothing says whose they were."""

    __tablename__ = "search_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(
        String(LONGEST_SEARCH), primary_key=True, comment="words of the vocabulary with spaces between"
    )
    times: Mapped[int] = mapped_column(Integer, comment="browsers, each once a day")


class PopularSearch(Base):
    """A text of the list of popular searches, as settled last; place 0 only says when that was."""

    __tablename__ = "popular_searches"

    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(LONGEST_SEARCH))
    settled_at: Mapped[datetime] = mapped_column(UTCDateTime)

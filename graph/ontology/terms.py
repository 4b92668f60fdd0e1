"""Closed lists of words, and those that all kinds share."""

from __future__ import annotations

from enum import Enum
from typing import Self

from pydantic_core import PydanticCustomError, core_schema


class Term(Enum):
    """A closed list of words: a member's name is what tables say, its value explains it."""

    @classmethod
    def named(cls, word: object) -> Self:
        """The member of that name; pydantic's error lists the words that are allowed."""
        if isinstance(word, cls):
            return word
        if isinstance(word, str) and word in cls.__members__:
            return cls[word]
        raise PydanticCustomError(
            "unknown_word", "must be one of {words}", {"words": ", ".join(cls.__members__)}
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.named)


class Access(Term):
    """Who may see something; each class includes the ones before it."""

    PUBLIC = "Anyone."
    INTERNAL = "Everyone in the organization."
    CONFIDENTIAL = "Those who work with it."
    RESTRICTED = "Named roles only."


class Layer(Term):
    """Where a thing stands between a source system and the people it is for."""

    SOURCE = "A system that records what happened."
    DATASET = "A table or file."
    FIELD = "A column of a dataset."
    KPI = "A key performance indicator, or a version of its formula."
    OBJECTIVE = "An objective of the scorecard."
    PROCESS = "A business process."
    INITIATIVE = "A project or programme."
    OWNER = "A role that answers for something."
    GROUP = "A customer segment or persona."


class Status(Term):
    """Where something stands in its life."""

    PROPOSED = "Suggested, not decided."
    CANDIDATE = "Under observation, not on the scorecard yet."
    PILOT = "Tried on a small scale."
    ACTIVE = "In use."
    RUNNING = "Under way."
    DONE = "Finished as planned."
    STOPPED = "Ended before its plan."
    REFUSED = "Asked for and turned down."
    EXCLUDED = "Known, and kept off the scorecard by decision."
    ABSORBED = "Taken into another objective."
    MERGED = "Taken into another group."
    RETIRED = "No longer in use; kept in the archive."


ENDINGS = frozenset({Status.ABSORBED, Status.MERGED, Status.RETIRED})
"""What ends a life: while a thing was in force, its status was ACTIVE."""

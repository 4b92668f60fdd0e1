"""GraphQL types from declarations: kinds, links, values, inputs, words. Nothing is per kind."""

from api.derive.kinds import Derived as Derived
from api.derive.scalars import SCALARS as SCALARS
from api.derive.shells import Argument as Argument

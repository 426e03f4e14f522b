"""A cube over the warehouse: dimensions with levels, measures, and views that a person turns."""

from features.cube.cells import CellSet
from features.cube.conditions import Interval, Members
from features.cube.cube import Cube
from features.cube.declaration import Change, CubeDeclaration, Scenario
from features.cube.view import View

__all__ = [
    "CellSet",
    "Change",
    "Cube",
    "CubeDeclaration",
    "Interval",
    "Members",
    "Scenario",
    "View",
]

"""Descriptions of classes: by concept trees, by subgroup search and by genetic search."""

from models.concepts.genetic import Evolution, choose_features, evolve_descriptions
from models.concepts.hierarchy import ANY, ConceptTree, read_concepts
from models.concepts.induction import Generalised, Step, generalise
from models.concepts.rules import ClassDescription, describe_classes, weigh
from models.concepts.selectors import selectors
from models.concepts.subgroups import Subgroup, find_subgroups, subgroups_frame, wracc

__all__ = [
    "ANY",
    "ClassDescription",
    "ConceptTree",
    "Evolution",
    "Generalised",
    "Step",
    "Subgroup",
    "choose_features",
    "describe_classes",
    "evolve_descriptions",
    "find_subgroups",
    "generalise",
    "read_concepts",
    "selectors",
    "subgroups_frame",
    "weigh",
    "wracc",
]

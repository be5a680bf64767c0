"""Views: a graph, read by people. Floor 8."""

from .listing import graph as graph
from .picture import Picture as Picture
from .picture import draw as draw
from .stepper import Stepper as Stepper
from .stepper import step as step

__all__ = ["Picture", "Stepper", "draw", "graph", "step"]

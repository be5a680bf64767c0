"""Views: a graph, read by people. Floor 9."""

from .listing import graph as graph
from .picture import Picture as Picture
from .picture import draw as draw

__all__ = ["Picture", "draw", "graph"]

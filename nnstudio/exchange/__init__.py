"""Leaving: a project written out as a script that needs nothing of nnstudio."""

from nnstudio.exchange.formats import export

__all__ = ["export"]

"""The document that the user draws: nodes, edges, groups, edits, problems. No arrays and no Qt."""

from nnstudio.graph.bypassing import SetBypassed
from nnstudio.graph.change import Change, LevelChange
from nnstudio.graph.clipping import Paste, clip
from nnstudio.graph.edit import Edit, Sequence
from nnstudio.graph.edits import (
    AddEdge,
    AddNode,
    ChangeType,
    Move,
    RemoveEdge,
    RemoveNode,
    Rename,
    SetSetting,
    SetSettings,
)
from nnstudio.graph.flatten import FlatGraph, FlatNode
from nnstudio.graph.frame import FRAME_COLOURS, Frame
from nnstudio.graph.frame_edits import AddFrame, RemoveFrame, SetBends, SetFrame
from nnstudio.graph.graph import Graph
from nnstudio.graph.group_edits import EditInside, GroupNodes, UngroupNode
from nnstudio.graph.level import Level
from nnstudio.graph.mending import Remove, removal, splice
from nnstudio.graph.node import GROUP, Edge, Node
from nnstudio.graph.order import downstream, upstream
from nnstudio.graph.problem import Problem

__all__ = [
    "FRAME_COLOURS",
    "GROUP",
    "AddEdge",
    "AddFrame",
    "AddNode",
    "Change",
    "ChangeType",
    "Edge",
    "Edit",
    "EditInside",
    "FlatGraph",
    "FlatNode",
    "Frame",
    "Graph",
    "GroupNodes",
    "Level",
    "LevelChange",
    "Move",
    "Node",
    "Paste",
    "Problem",
    "Remove",
    "RemoveEdge",
    "RemoveFrame",
    "RemoveNode",
    "Rename",
    "Sequence",
    "SetBends",
    "SetBypassed",
    "SetFrame",
    "SetSetting",
    "SetSettings",
    "UngroupNode",
    "clip",
    "downstream",
    "removal",
    "splice",
    "upstream",
]

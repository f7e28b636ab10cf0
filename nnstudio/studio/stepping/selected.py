"""What stepping can do with the selected node: run to it, stop at it, and Torch7's five calls on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program.statement import Call

TORCH7: tuple[Call, ...] = (
    "updateOutput",
    "updateGradInput",
    "accGradParameters",
    "zeroGradParameters",
    "updateParameters",
)


class SelectedNode(QObject):
    """Enables the actions as the selection and the program allow."""

    def __init__(
        self, stepper: Stepper, canvas: Canvas, actions: dict[str, QAction], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._stepper, self._canvas, self._actions = stepper, canvas, actions
        self._available = True
        canvas.selection_changed.connect(self.follow)
        for signal in (stepper.recompiled, stepper.busy_changed, stepper.breakpoints_changed):
            signal.connect(self.follow)
        self.follow()

    def set_available(self, available: bool) -> None:
        """While a training run computes, nothing is stepped."""
        self._available = available
        self.follow()

    @property
    def name(self) -> str | None:
        """The one selected node as the program calls it; None where it has no part in the program."""
        nodes, sheet = self._canvas.selected_nodes(), self._canvas.sheet
        if len(nodes) != 1 or nodes[0] not in sheet.level.nodes:
            return None
        name = f"{sheet.prefix}{sheet.level.nodes[nodes[0]].name}"
        inside = f"{name}."
        known = any(line.node == name or line.node.startswith(inside) for line in self._stepper.statements())
        return name if known else None

    def follow(self) -> None:
        able = self._available and self._stepper.can_step and self.name is not None
        for name in ("run_here", "breakpoint", *(f"torch7_{call}" for call in TORCH7)):
            self._actions[name].setEnabled(able)
        there = self.name is not None and self._stepper.stops.at_node(self.name) is not None
        self._actions["breakpoint"].setText("Remove the Brea&kpoint" if there else "Brea&kpoint Here")

    # -- what the actions do

    def run_to(self) -> None:
        if self.name is not None:
            self._stepper.run_to(self.name)

    def toggle_breakpoint(self) -> None:
        """Set a breakpoint where the node begins, or take away the one there is."""
        from nnstudio.program.breakpoint import Breakpoint

        if self.name is not None:
            there = self._stepper.stops.at_node(self.name)
            if there is not None:
                self._stepper.stops.remove(there)
            else:
                self._stepper.stops.add(Breakpoint(node=self.name))

    def update_output(self) -> None:
        self._call("updateOutput")

    def update_grad_input(self) -> None:
        self._call("updateGradInput")

    def acc_grad_parameters(self) -> None:
        self._call("accGradParameters")

    def zero_grad_parameters(self) -> None:
        self._call("zeroGradParameters")

    def update_parameters(self) -> None:
        self._call("updateParameters")

    def _call(self, call: Call) -> None:
        if self.name is not None:
            self._stepper.call(self.name, call)

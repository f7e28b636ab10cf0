"""A project as a PyTorch script: nn.Module classes, weights, data, training."""

from __future__ import annotations

import re

from nnstudio.errors import ExchangeError
from nnstudio.exchange.content import Array, Content, needed, npz
from nnstudio.exchange.layout import INDENT, quoted
from nnstudio.exchange.pytorch_criterion import criterion_text
from nnstudio.exchange.pytorch_model import RESERVED, ModelWriter, Scope
from nnstudio.exchange.pytorch_optimizer import made, remembered
from nnstudio.exchange.pytorch_template import TEMPLATE
from nnstudio.exchange.scaling_text import functions_text, stored_scalings
from nnstudio.exchange.script_facts import conditions_of, train_call, train_signature, values_of
from nnstudio.exchange.template import filled
from nnstudio.modules.shapes import format_shape
from nnstudio.program.names import Names
from nnstudio.project.arrays import pack_arrays

# The variables of the script's functions.
_TAKEN = RESERVED | frozenset(
    "model optimizer batch loss means sums parameter values data expected wrong name array accuracy".split()
)


def pytorch_script(content: Content, stem: str) -> dict[str, bytes]:
    """The files by the end of their name: the script last, so that it is there when its weights are."""
    script = _Script(content)
    files = {".safetensors": pack_arrays(script.arrays, f"{stem}.safetensors")}
    if script.remembered:
        file = f"{stem}_optimizer.safetensors"
        files["_optimizer.safetensors"] = pack_arrays(script.remembered, file)
    return {
        **files,
        "_data.npz": npz(script.data() | stored_scalings(content)),
        ".py": script.text(stem).encode(),
    }


class _Script:
    """The parts of the script that are the network's own."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._nodes = {node.name: content.listing.keys[f"{node.name}.output"] for node in content.flat}
        fed = set(content.listing.feeds)
        compared = needed(content.loss_side, [node.name for node in content.criteria])
        beyond = {node.name for node in compared}
        writer = ModelWriter(content)
        self._criterion = criterion_text(content, compared, writer) if compared else None
        outputs = [name for name in content.program.predictions if name not in beyond]
        outputs += self._criterion.takes if self._criterion else []
        self._outputs = [name for name in dict.fromkeys(outputs) if name not in fed]
        if not self._outputs:
            raise ExchangeError(
                "There is no network to export to PyTorch: nothing lies between inputs and loss."
            )
        own = needed([node for node in content.flat if node.name not in beyond | fed], self._outputs)
        learns = self._criterion is not None and self._criterion.called != "criterion"
        more = ["self.criterion = Criterion()"] if learns else []
        shapes = ", ".join(
            f"{self._nodes[feed.node]} is {format_shape(feed.shape)}" for feed in content.inputs
        )
        doc = f"The network; {shapes}." if shapes else "The network."
        self._takes = writer.write(Scope.of(own), "Network", doc, "", self._outputs, more=more)

        self._classes = writer.model.classes
        self.arrays = writer.model.arrays
        self.remembered: dict[str, Array] = {}
        if content.trains:
            self.remembered = remembered(content, writer.model.parameters)
        names = Names(_TAKEN)
        self._values = {name: names.take(name.rpartition(".")[2]) for name in self._outputs}
        self._values |= {name: f"batch[{quoted(self._nodes[name])}]" for name in fed}
        self._answers = [name for name in content.program.predictions if name in self._values]

    def data(self) -> dict[str, Array]:
        """The data file; what is only known together with the loss is not in it."""
        unknown = {
            f"expected.{self._nodes[name]}" for name in self._content.outputs if name not in self._answers
        }
        return {
            name: array
            for name, array in self._content.arrays(self._nodes, self._content.listing.loss or "").items()
            if name not in unknown
        }

    def text(self, stem: str) -> str:
        """The whole script."""
        content = self._content
        trains = content.trains
        criterion = self._criterion.lines if self._criterion else []
        own_text = "\n".join((*self._classes, *criterion))
        l1 = content.optimizer_settings["l1"]
        conditions = conditions_of(content)
        conditions |= {
            "torch": True,
            "functional": re.search(r"\bF\.", own_text) is not None,
            "remembers": bool(self.remembered),
            "l1": bool(l1),
            "rated": conditions["scheduled"],
        }
        values = values_of(content, stem, ".safetensors", self._nodes)
        classified = content.classified
        values |= {
            "library": "PyTorch",
            "needs": "torch, safetensors and numpy",
            "arrays": "Tensors",
            "network": "model",
            "network_type": "Network",
            "module": "torch",
            "learned": "model, optimizer",
            "indices": "torch.from_numpy(order[start : start + size])",
            "set_rate": ["for group in optimizer.param_groups:", f'{INDENT}group["lr"] = {values["rate"]}'],
            "rate_given": "",  # the optimizer holds it
            "optimizer_file": quoted(f"{stem}_optimizer.safetensors"),
            "scaling": functions_text(content, torch=True),
            "classes": self._classes,
            "criterion": criterion,
            "optimizer_title": f"{content.optimizer.name}: {content.optimizer.formula}",
            "optimizer": made(content, "optimizer =" if self.remembered else "return") if trains else [],
            "outputs": ", ".join(self._values[name] for name in self._outputs),
            "fed": ", ".join(self._values[name] for name in self._takes),
            "compared": self._compared(),
            "answers": "{"
            + ", ".join(f"{quoted(self._nodes[n])}: {self._values[n]}" for n in self._answers)
            + "}",
            "loss": quoted(content.listing.loss or ""),
            "l1": repr(l1),
            "scores": self._values[classified[0]] if classified else "",
            "train_head": train_signature(conditions, _TRAINED, "Tensors") if trains else [],
            "train_call": train_call(conditions, ("model", "optimizer"), 'part(stored, "validation")')
            if trains
            else [],
        }
        return filled(TEMPLATE, conditions, values)

    def _compared(self) -> str:
        """The call that gives the loss."""
        if self._criterion is None:
            return ""
        return f"{self._criterion.called}({', '.join(self._values[name] for name in self._criterion.takes)})"


_TRAINED = ("model: Network", "optimizer: torch.optim.Optimizer")

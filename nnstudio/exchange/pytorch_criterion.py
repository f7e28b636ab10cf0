"""How a PyTorch script writes the nodes that belong to the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnstudio.exchange.content import Content
from nnstudio.exchange.layout import INDENT, bracketed, weighted
from nnstudio.exchange.pytorch_model import RESERVED, ModelWriter, Scope, torch_text
from nnstudio.graph import FlatNode
from nnstudio.program.names import Names

_TWO_SUMS = "what is a mean over the samples, and what is their sum"


@dataclass(frozen=True)
class CriterionText:
    """lines    of a function or of one object; none where it is a class
    called     the expression that is called
    takes      what is passed to it, by dotted name
    """

    lines: list[str]
    called: str
    takes: list[str]


def criterion_text(content: Content, nodes: Sequence[FlatNode], writer: ModelWriter) -> CriterionText:
    """The criterion in its shortest form: an object of torch.nn, a function, or a class."""
    weights = {
        node.name: float(node.settings["loss_weight"])
        for node in nodes
        if node.definition.role == "criterion"
    }
    # Where the loss has both, an epoch's loss has to weigh them apart.
    sums = list(content.averaged.values()) if content.mixed else [weights]
    objects = [node for node in nodes if (node.definition.torch or "").startswith("nn.")]
    if len(nodes) == 1 and objects and list(weights.values()) == [1.0]:
        (node,) = nodes
        line = f"criterion = {torch_text(node, node.definition.torch or '', {})}"
        return CriterionText([line], "criterion", [node.sources[port] for port in node.definition.ports])
    if (
        not objects
        and all(node.definition.torch for node in nodes)
        and not any(node.parameters for node in nodes)
    ):
        return _function(nodes, sums)
    state = len(writer.model.arrays)
    doc = "What there is to be made small" + (f": {_TWO_SUMS}." if content.mixed else ".")
    takes = writer.write(Scope.of(nodes), "Criterion", doc, "criterion.", list(weights), sums)
    if len(writer.model.arrays) > state:
        return CriterionText([], "model.criterion", takes)
    return CriterionText(["criterion = Criterion()"], "criterion", takes)


def _function(nodes: Sequence[FlatNode], sums: Sequence[Mapping[str, float]]) -> CriterionText:
    own = {node.name for node in nodes}
    names = Names(RESERVED)
    takes = list(dict.fromkeys(s for node in nodes for s in node.sources.values() if s not in own))
    values = {source: names.take(source.rpartition(".")[2]) for source in takes}
    arguments = [f"{name}: Tensor" for name in values.values()]
    body: list[str] = []
    for node in nodes:
        text = torch_text(
            node, node.definition.torch or "", {port: values[s] for port, s in node.sources.items()}
        )
        values[node.name] = names.take(node.name.rpartition(".")[2])
        body.append(f"{values[node.name]} = {text}")
    result = ", ".join(" + ".join(weighted(values, shares)) for shares in sums)
    if body[-1].partition(" = ")[0] == result:
        result = body.pop().partition(" = ")[2]
    if len(sums) > 1:
        what, returned = _TWO_SUMS, "tuple[Tensor, Tensor]"
    else:
        what = ", ".join(node.definition.name for node in nodes if node.definition.role == "criterion")
        returned = "Tensor"
    lines = [
        *bracketed("def criterion(", arguments, f") -> {returned}:"),
        f'{INDENT}"""What there is to be made small: {what}."""',
        *(INDENT + line for line in body),
        f"{INDENT}return {result}",
    ]
    return CriterionText(lines, "criterion", takes)

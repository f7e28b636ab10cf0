"""Fills an export template of a definition the way an export does."""

import string

from tests.modules.cases import Case


def fill(case: Case, template: str, missing_parameters: str | None = None) -> str:
    """Ports and parameters stand under their own names; asserts that the template asks for nothing else."""
    each = case.definition
    names = (*each.ports, *case.parameters)
    values = {**case.complete, **{name: name for name in names}}
    if each.torch_values:
        facts = {**case.complete, **case.shapes}
        values |= each.torch_values(**{name: facts[name] for name in each.reads("torch_values")})
    if missing_parameters is not None:
        values = {**dict.fromkeys(each.gradients, missing_parameters), **values}
    fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
    assert fields <= set(values), f"{template} asks for {fields - set(values)}"
    return template.format(**values)

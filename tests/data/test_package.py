import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import nnstudio.data as data


def test_a_project_loads_the_settings_of_its_data_and_no_reader():
    code = "import sys, nnstudio.project; print(*(n for n in sys.modules if n.startswith('nnstudio.data.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["nnstudio.data.settings"]


def test_every_public_name_stays_itself_whatever_was_imported_before():
    modules = [module.name for module in iter_modules(data.__path__)]
    for name in modules:
        import_module(f"nnstudio.data.{name}")
    assert not set(data.__all__) & set(modules)
    for name in data.__all__:
        assert getattr(data, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'laod'"):
        data.laod  # noqa: B018

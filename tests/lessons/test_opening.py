"""A lesson's project is a copy: with the teacher's own data beside it, and never saved over."""

from nnstudio.data import DataSettings
from nnstudio.lessons.opening import open_project
from nnstudio.project import Project, load, save
from nnstudio.project.run import splits_of


def test_data_in_a_file_beside_the_project_are_found_and_nothing_can_be_saved_over_it(tmp_path):
    (tmp_path / "points.csv").write_text("a,b\n" + "".join(f"{n},{2 * n}\n" for n in range(20)))
    project = Project()
    project.data = DataSettings(source="csv:points.csv", target_columns=("b",))
    save(project, tmp_path / "mine.nns.json")
    opened = open_project(tmp_path / "mine.nns.json", {"batch_size": 2})
    assert opened.path is None and opened.training.batch_size == 2
    assert len(splits_of(opened).train) == len(splits_of(load(tmp_path / "mine.nns.json")).train) > 0

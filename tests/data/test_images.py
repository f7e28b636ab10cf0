"""A folder of pictures: classes by folders, one size, colours or not, damaged ones told by name."""

import numpy as np
import pytest
from PIL import Image

from nnstudio.data import Cancelled, DataSettings, load, look_at, options_of, source_of, split
from nnstudio.errors import DataError


@pytest.fixture
def pets(tmp_path):
    folder = tmp_path / "pets"
    for name, tint in (("dogs", 40), ("cats", 200)):
        (folder / name).mkdir(parents=True)
        for n in range(3):
            Image.new("L", (6, 4), tint + n).save(folder / name / f"{n}.png")
    (folder / "cats" / "notes.txt").write_text("no picture")
    (folder / ".hidden").mkdir()
    return folder


def test_folders_are_classes(pets, tmp_path):
    assert source_of(pets) == f"images:{pets}"
    data = load("images:pets", tmp_path)
    assert (data.class_names, data.task) == (("cats", "dogs"), "classes")
    assert data.x.shape == (6, 4, 6) and data.x.dtype == np.uint8 and data.image_shape == (4, 6)
    assert data.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.x[:, 0, 0].tolist() == [200, 201, 202, 40, 41, 42]
    parts = split(data, DataSettings("images:pets", scaling="unit", validation=0, test=0.3))
    assert parts.train.x.max() <= 1 and parts.scaling.factor == pytest.approx(1 / 255)


def test_pictures_are_brought_to_one_size(pets, tmp_path):
    Image.new("L", (60, 40), 7).save(pets / "dogs" / "large.png")
    assert load("images:pets", tmp_path).x.shape == (7, 4, 6)
    small = load(DataSettings("images:pets", options={"width": 3}), tmp_path)
    assert small.x.shape == (7, 2, 3)
    both = load(DataSettings("images:pets", options={"width": 5, "height": 5}), tmp_path)
    assert both.x.shape == (7, 5, 5) and (both.x[-1] == 7).all()


def test_colours(pets, tmp_path):
    Image.new("RGB", (6, 4), (255, 0, 10)).save(pets / "dogs" / "a.png")
    grey = load("images:pets", tmp_path)
    assert grey.x.shape == (7, 4, 6)
    data = load(DataSettings("images:pets", options={"colours": "rgb"}), tmp_path)
    assert data.x.shape == (7, 4, 6, 3) and data.x[6, 0, 0].tolist() == [255, 0, 10]
    assert look_at("images:pets", folder=tmp_path).colours


def test_what_is_transparent_is_white_and_deep_pictures_keep_their_tones(pets, tmp_path):
    Image.new("RGBA", (6, 4), (0, 0, 0, 0)).save(pets / "dogs" / "a.png")
    Image.fromarray(np.full((4, 6), 0x8080, np.uint16)).save(pets / "dogs" / "b.png")
    data = load("images:pets", tmp_path)
    assert data.x[6, 0, 0] == 255 and data.x[7, 0, 0] == 0x80


def test_a_damaged_picture_is_told_or_left_out(pets, tmp_path):
    (pets / "cats" / "bad.png").write_bytes((pets / "cats" / "0.png").read_bytes()[:40])
    with pytest.raises(DataError, match=r"cats/bad\.png cannot be read: "):
        load("images:pets", tmp_path)
    assert load(DataSettings("images:pets", options={"bad_rows": "drop"}), tmp_path).samples == 6
    faults = look_at("images:pets", folder=tmp_path).faults
    assert faults.count == 1 and faults.first[0].name == "cats/bad.png"


def test_a_look_at_the_folder(pets, tmp_path):
    found = look_at("images:pets", folder=tmp_path)
    assert found.classes == (("cats", 3), ("dogs", 3)) and found.sizes == (((6, 4), 6),)
    assert {name for name, _ in found.pictures} == {"cats", "dogs"} and not found.colours


def test_what_is_no_folder_of_classes(tmp_path, pets):
    with pytest.raises(DataError, match="holds no folders with pictures"):
        load(f"images:{pets / 'dogs'}")
    (tmp_path / "a.txt").write_text("1")
    with pytest.raises(DataError, match=r"a\.txt is a file; choose a folder"):
        load("images:a.txt", tmp_path)


def test_too_many_pixels_are_refused(pets, tmp_path, monkeypatch):
    monkeypatch.setattr("nnstudio.data.images._MOST_PIXELS", 23)
    with pytest.raises(DataError, match="6×4 pixels, more than 23"):
        load("images:pets", tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr("nnstudio.data.images.MAX_NUMBERS", 100)
    with pytest.raises(DataError, match="choose a smaller width and height"):
        load("images:pets", tmp_path)


def test_reading_pictures_can_be_watched_and_stopped(pets, tmp_path):
    seen = []
    load("images:pets", tmp_path, lambda done, total: seen.append((done, total)) or True)
    assert seen == [(n, 6) for n in range(1, 7)]
    with pytest.raises(Cancelled):
        load("images:pets", tmp_path, lambda done, total: False)
    assert [option.name for option in options_of("images:pets")] == ["width", "height", "colours", "bad_rows"]

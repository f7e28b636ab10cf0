"""A folder of pictures: each folder in it is a class, and the pictures in that are its samples."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.data.dataset import Dataset
from nnstudio.data.faults import Fault, Faults
from nnstudio.data.files import Progress, report
from nnstudio.data.limits import MAX_CLASSES, MAX_NUMBERS, MAX_PICTURES
from nnstudio.errors import DataError
from nnstudio.modules.equations import Setting
from nnstudio.wording import short

Array = NDArray[Any]
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_MOST_PIXELS = 1 << 26
_SHOWN = 24

IMAGE_OPTIONS = (
    Setting(
        "width",
        "int",
        0,
        "How many pixels wide pictures are made; 0 takes the first one's.",
        0,
        4096,
        zero="as the first picture",
    ),
    Setting(
        "height",
        "int",
        0,
        "How many pixels tall pictures are made; 0 takes the first one's.",
        0,
        4096,
        zero="as the first picture",
    ),
    Setting(
        "colours", "choice", "grey", "One number a pixel, or red, green and blue.", choices=("grey", "rgb")
    ),
    Setting("bad_rows", "choice", "error", "Pictures that cannot be read.", choices=("error", "drop")),
)


@dataclass(frozen=True)
class FolderPreview:
    """What a folder of pictures holds.

    classes   the name of each with how many pictures it has
    sizes     (width, height) of the pictures that were looked at, each once, with how many there are
    colours   whether any of them has colours
    pictures  the first of each class, uint8 (height, width) or (height, width, 3)
    faults    pictures that cannot be read, each with its name and reason
    """

    name: str
    classes: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[tuple[int, int], int], ...]
    colours: bool
    pictures: tuple[tuple[str, Array], ...]
    faults: Faults
    complete: bool

    @property
    def samples(self) -> int:
        """How many pictures there are, bad ones among them."""
        return sum(count for _, count in self.classes)


def load_images(folder: Path, options: Mapping[str, Any], progress: Progress | None = None) -> Dataset:
    """The pictures as uint8 (n, height, width), or with colours (n, height, width, 3), and their classes.

    Each is brought to one size.  DataError names a picture that cannot be read.
    """
    files = _files(folder)
    names = tuple(sorted({path.parent.name for path in files}))
    number = {name: index for index, name in enumerate(names)}
    mode = "RGB" if options["colours"] == "rgb" else "L"
    size = _size(files, options)
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], 3)
    count = len(files) * int(np.prod(shape))
    if count > MAX_NUMBERS:
        raise DataError(
            f"{folder.name}: {len(files):,} pictures of {size[0]}×{size[1]} are {count:,} numbers, more than "
            f"{MAX_NUMBERS:,}; choose a smaller width and height."
        )
    x: Array = np.empty((len(files), *shape), np.uint8)
    y: Array = np.empty(len(files), np.int64)
    kept = 0
    for done, path in enumerate(files):
        try:
            x[kept] = read_picture(path, mode, size)
            y[kept] = number[path.parent.name]
            kept += 1
        except DataError:
            if options["bad_rows"] != "drop":
                raise
        report(progress, done + 1, len(files), folder.name)
    if not kept:
        raise DataError(f"{folder.name}: none of its {len(files):,} pictures can be read.")
    return Dataset(
        name=folder.name,
        title=folder.name,
        x=x[:kept],
        y=y[:kept],
        task="classes",
        class_names=names,
        target_names=("class",),
        image_shape=shape,
        value_range=(0, 255),
        origin=f"the folder {folder.name}",
    )


def preview_images(folder: Path, whole: bool = True, progress: Progress | None = None) -> FolderPreview:
    """Look at the names of all pictures, and at all of them or at the first ones of each class."""
    files = _files(folder)
    counts: dict[str, int] = {}
    sizes: dict[tuple[int, int], int] = {}
    pictures: list[tuple[str, Array]] = []
    faults, colours = Faults(), False
    for path in files:
        counts[path.parent.name] = counts.get(path.parent.name, 0) + 1
    each, seen = max(1, _SHOWN // len(counts)), dict.fromkeys(counts, 0)
    for done, path in enumerate(files):
        name = path.parent.name
        seen[name] += 1
        shown = seen[name] <= each and len(pictures) < _SHOWN
        if whole or shown:
            try:
                size, coloured = _looked_at(path)
                if shown:
                    pictures.append((name, read_picture(path, "RGB" if coloured else "L", None)))
                sizes[size] = sizes.get(size, 0) + 1
                colours |= coloured
            except Unreadable as error:
                faults.add(Fault(done + 1, error.reason, None, f"{name}/{path.name}"))
        report(progress, done + 1, len(files), folder.name)
    ordered = sorted(sizes.items(), key=lambda entry: -entry[1])
    return FolderPreview(
        folder.name, tuple(sorted(counts.items())), tuple(ordered), colours, tuple(pictures), faults, whole
    )


def read_picture(path: Path, mode: str, size: tuple[int, int] | None) -> Array:
    """One picture as uint8, "L" (height, width) or "RGB" (height, width, 3); on white where transparent."""
    from PIL import Image, ImageOps

    try:
        with _opened(path) as image:
            _check_size(path, image.size)
            if size is not None:
                image.draft(mode, size)  # a JPEG need not be unpacked larger than it is wanted
            picture: Image.Image = ImageOps.exif_transpose(image)
            if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
                deep = np.asarray(picture, np.float64)
                span = 65535 if picture.mode != "F" else (float(deep.max()) or 1.0)
                picture = Image.fromarray(np.clip(deep / span * 255, 0, 255).astype(np.uint8))
            elif picture.has_transparency_data:
                picture = picture.convert("RGBA")
                paper = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(paper, picture)
            picture = picture.convert(mode)
            if size is not None and picture.size != size:
                picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
            return np.array(picture, np.uint8)
    except DataError:
        raise
    except Exception as error:  # whatever Pillow raises over a damaged picture
        raise _unreadable(path, error) from None


def _looked_at(path: Path) -> tuple[tuple[int, int], bool]:
    """Width and height, and whether it has colours.  Unpacked once, so that a damaged one is found."""
    try:
        with _opened(path) as image:
            _check_size(path, image.size)
            image.load()
            return image.size, image.mode not in ("1", "L", "LA", "I", "F") and "I;16" not in image.mode
    except DataError:
        raise
    except Exception as error:
        raise _unreadable(path, error) from None


def _opened(path: Path) -> Any:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about large pictures, whose size is judged here
        return Image.open(path, formats=_FORMATS)


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > _MOST_PIXELS:
        raise Unreadable(path, f"it has {size[0]:,}×{size[1]:,} pixels, more than {_MOST_PIXELS:,}")


class Unreadable(DataError):
    """A picture that cannot be read; `reason` says why, without its name."""

    def __init__(self, path: Path, reason: str) -> None:
        name = f"{path.parent.name}/{path.name}"
        super().__init__(f"{name} cannot be read: {reason}; replace it, or choose bad rows: drop.")
        self.reason = reason


def _unreadable(path: Path, error: Exception) -> Unreadable:
    reason = str(error)
    if isinstance(error, OSError) and 0 < len(reason) < 60 and path.name not in reason:
        return Unreadable(path, reason)
    return Unreadable(path, "it is not a picture, or a damaged one")


def _size(files: list[Path], options: Mapping[str, Any]) -> tuple[int, int]:
    """The (width, height) asked for; what is 0 is as the first picture that can be read."""
    width, height = int(options["width"]), int(options["height"])
    if width and height:
        return width, height
    for path in files:
        try:
            own, _ = _looked_at(path)
        except DataError:
            if options["bad_rows"] != "drop":
                raise
            continue
        if width or height:
            share = width / own[0] if width else height / own[1]
            return width or max(1, round(own[0] * share)), height or max(1, round(own[1] * share))
        return own
    raise DataError(f"{files[0].parent.parent.name}: none of its {len(files):,} pictures can be read.")


def checked_folder(path: str | PathLike[str], folder: str | PathLike[str] | None = None) -> Path:
    """The folder, from `folder` where it is relative; DataError unless there is one."""
    from nnstudio.data.files import NotThere

    try:
        found = Path(folder or "", path)
        if found.is_dir():
            return found
        there = found.exists()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"The folder {short(str(path))} cannot be read: {reason}.") from None
    if there:
        raise DataError(f"{found.name} is a file; choose a folder that has one folder of pictures a class.")
    raise NotThere(f"There is no folder {short(str(path))}; check the path.", found)


def _files(folder: Path) -> list[Path]:
    """All pictures, class by class, by name."""
    try:
        classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        files = [
            path
            for each in classes
            for path in sorted(each.iterdir())
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        ]
    except OSError as error:
        raise DataError(f"{folder.name} cannot be read: {error.strerror or error}.") from None
    if not files:
        raise DataError(
            f"{folder.name} holds no folders with pictures in them; put the pictures of each class into a "
            "folder named after it."
        )
    if len(files) > MAX_PICTURES or len(classes) > MAX_CLASSES:
        raise DataError(
            f"{folder.name} holds {len(files):,} pictures in {len(classes):,} folders, more than "
            f"{MAX_PICTURES:,} in {MAX_CLASSES:,}; take a part of it."
        )
    return files

"""The words of an SVG as outlines: it looks the same wherever the studio's fonts are not."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from PySide6.QtGui import QFont, QPainterPath

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
_FONT = ("font-family", "font-size", "font-weight", "font-style")
_KEPT = ("fill", "fill-opacity", "stroke", "transform", "x", "y")
_FINE = 16  # outlines are taken from letters so much larger: sharp when somebody zooms in


def outlined(svg: bytes, description: str) -> bytes:
    """The same drawing with each text as paths, and with what it says for those who do not see it.

    Equal words share one outline. Every one of them is labelled with its text, as Inkscape does it.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    root = ET.fromstring(svg)
    root.set("role", "img")
    root.set("aria-labelledby", "title description")
    for name, key in (("title", "title"), ("desc", "description")):
        element = root.find(f"{{{_SVG}}}{name}")
        assert element is not None, "Qt writes both"
        element.set("id", key)
        if name == "desc":
            element.text = description
    outlines = root.find(f"{{{_SVG}}}defs")
    assert outlines is not None, "Qt writes one"
    made: dict[tuple[str, ...], str] = {}
    for element in root.iter():
        if element.tag == f"{{{_SVG}}}text":
            _outline(element, outlines, made)
        for each in _FONT:
            element.attrib.pop(each, None)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _outline(text: ET.Element, outlines: ET.Element, made: dict[tuple[str, ...], str]) -> None:
    """Turn a text into a use of its outline, which is made where it is not there yet."""
    words = "".join(text.itertext())
    key = (words, *(text.get(name, "") for name in _FONT))
    if key not in made:
        made[key] = f"words{len(made)}"
        ET.SubElement(outlines, f"{{{_SVG}}}path", {"id": made[key], "d": _drawn(words, _font(text))})
    kept = {name: value for name, value in text.attrib.items() if name in _KEPT}
    text.clear()
    text.tag = f"{{{_SVG}}}use"
    text.attrib.update({f"{{{_LINK}}}href": f"#{made[key]}", **kept})
    text.attrib.update({"fill-rule": "nonzero", "aria-label": words})
    text.tail = "\n"


def _font(text: ET.Element) -> QFont:
    font = QFont()
    font.setFamilies([name.strip("' ") for name in text.get("font-family", "").split(",")])
    font.setPixelSize(round(_FINE * float(text.get("font-size", "13"))))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setWeight(QFont.Weight(int(text.get("font-weight", "400"))))
    font.setItalic(text.get("font-style") == "italic")
    return font


def _drawn(words: str, font: QFont) -> str:
    """An outline as the commands of an SVG path, from the start of the base line."""
    path = QPainterPath()
    path.addText(0, 0, font, words)
    kinds = QPainterPath.ElementType
    letters = {kinds.MoveToElement: "M", kinds.LineToElement: "L", kinds.CurveToElement: "C"}
    commands: list[str] = []
    for index in range(path.elementCount()):
        element = path.elementAt(index)
        letter = letters.get(QPainterPath.ElementType(element.type), "")  # type: ignore[attr-defined]
        commands.append(f"{letter}{element.x / _FINE:.2f} {element.y / _FINE:.2f}")  # type: ignore[attr-defined]
    return " ".join(commands)

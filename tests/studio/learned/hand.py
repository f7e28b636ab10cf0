"""Ten digits as a hand draws them: strokes in shares of the sheet, across and down."""

from math import cos, pi, radians, sin

Strokes = list[list[tuple[float, float]]]


def arc(x: float, y: float, wide: float, tall: float, start: float, end: float) -> list[tuple[float, float]]:
    """Degrees from the right, clockwise."""
    angles = [radians(start + (end - start) * step / 15) for step in range(16)]
    return [(x + wide * cos(angle), y + tall * sin(angle)) for angle in angles]


def _eight() -> list[tuple[float, float]]:
    turns = [0.25 + 2 * pi * step / 32 for step in range(33)]
    return [(0.5 + (0.17 if cos(t) > 0 else 0.2) * sin(2 * t), 0.5 - 0.35 * cos(t)) for t in turns]


DIGITS: dict[int, Strokes] = {
    0: [arc(0.5, 0.5, 0.22, 0.33, -90, 270)],
    1: [[(0.42, 0.26), (0.53, 0.15), (0.52, 0.5), (0.5, 0.85)]],
    2: [[*arc(0.48, 0.32, 0.2, 0.17, 200, 390), (0.5, 0.62), (0.27, 0.84), (0.5, 0.82), (0.74, 0.83)]],
    3: [[*arc(0.46, 0.32, 0.19, 0.16, 210, 445), *arc(0.46, 0.66, 0.23, 0.19, -85, 145)]],
    4: [[(0.38, 0.15), (0.3, 0.52), (0.72, 0.5)], [(0.62, 0.2), (0.6, 0.5), (0.58, 0.88)]],
    5: [[(0.7, 0.17), (0.38, 0.17), (0.35, 0.45), *arc(0.47, 0.62, 0.22, 0.2, -120, 140)]],
    6: [[(0.62, 0.14), (0.42, 0.35), *arc(0.48, 0.65, 0.2, 0.2, 190, 540)]],
    7: [[(0.26, 0.2), (0.5, 0.18), (0.74, 0.2), (0.56, 0.5), (0.44, 0.86)]],
    8: [_eight()],
    9: [[*arc(0.48, 0.34, 0.19, 0.18, 0, -360), (0.67, 0.34), (0.64, 0.6), (0.58, 0.87)]],
}


def moved(strokes: Strokes, scale: float, across: float, down: float) -> Strokes:
    """Drawn smaller or larger, elsewhere."""
    return [
        [(0.5 + (x - 0.5) * scale + across, 0.5 + (y - 0.5) * scale + down) for x, y in stroke]
        for stroke in strokes
    ]

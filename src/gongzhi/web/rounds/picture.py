"""The picture of a round: a cloud for each group, a dot for each person in it.

Near clouds think alike. The dots are only counted out, not placed where people stand: nobody can
find himself or a neighbour. Beside it stands the table with the same numbers.
"""

from collections.abc import Mapping, Sequence
from math import cos, hypot, pi, sin, sqrt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

LETTERS = "ABCDE"
COLOURS = ("#1b5a8f", "#8a4b00", "#1a6b3c", "#7a2e6f", "#7f1d17")
WIDE, HIGH, EDGE = 400.0, 300.0, 8.0
MOST_DOTS = 60
_GOLDEN = pi * (3 - sqrt(5))


def draw(clouds: Sequence[Mapping[str, float]], sizes: Sequence[int | None]) -> Markup:
    """The picture as SVG; `sizes` None where a group is too small to be told."""
    counts = [size or 4 for size in sizes]
    circles = _placed(clouds, counts)
    each = max(1, -(-max(counts, default=1) // MOST_DOTS))
    parts = [_cloud(at, circle, sizes[at], each) for at, circle in enumerate(circles)]
    words = _("、").join(_told(at, size) for at, size in enumerate(sizes))
    top = min((y - r for _x, y, r in circles), default=0) - EDGE
    high = max((y + r for _x, y, r in circles), default=HIGH) + EDGE - top
    svg = Markup(
        '<svg class="clouds" viewBox="0 {t:.0f} {w:.0f} {h:.0f}" role="img" aria-label="{words}">'
        "{body}</svg>"
    ).format(t=top, w=WIDE, h=high, words=words, body=Markup("").join(parts))
    if each > 1:
        note = ngettext("一个点代表%(num)d个人。", "一个点代表%(num)d个人。", each) % {"num": each}
        svg += Markup('<p class="muted small">{}</p>').format(note)
    return svg


def _told(at: int, size: int | None) -> str:
    if size is None:
        return _("%(letter)s组不到5人") % {"letter": LETTERS[at]}
    return _("%(letter)s组%(size)d人") % {"letter": LETTERS[at], "size": size}


def _cloud(at: int, circle: tuple[float, float, float], size: int | None, each: int) -> Markup:
    x, y, r = circle
    colour = COLOURS[at]
    body = Markup(
        '<circle cx="{:.0f}" cy="{:.0f}" r="{:.0f}" fill="{}" fill-opacity=".14"/>'
    ).format(x, y, r, colour)
    dots = 0 if size is None else -(-size // each)
    for n in range(dots):
        away = sqrt(26**2 + ((r - 7) ** 2 - 26**2) * (n + 0.5) / dots)
        dx, dy = away * cos(n * _GOLDEN), away * sin(n * _GOLDEN)
        body += Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.4" fill="{}"/>').format(
            x + dx, y + dy, colour
        )
    return body + Markup(
        '<circle cx="{0:.0f}" cy="{1:.0f}" r="17" fill="{2}"/>'
        '<text x="{0:.0f}" y="{1:.0f}" dy=".36em" text-anchor="middle" fill="#fff"'
        ' font-size="20" font-weight="600">{3}</text>'
    ).format(x, y, colour, LETTERS[at])


def _placed(
    clouds: Sequence[Mapping[str, float]], counts: Sequence[int]
) -> list[tuple[float, float, float]]:
    """Circles as large as their people are many, where the groups stand, not touching."""
    total = sum(counts)
    radii = [max(34.0, 104 * sqrt(count / total)) for count in counts]
    spans = [
        max((c[axis] for c in clouds), default=0) - min((c[axis] for c in clouds), default=0)
        for axis in ("x", "y")
    ]
    scale = min(WIDE / 2.2 / max(spans[0], 1e-6), HIGH / 2.2 / max(spans[1], 1e-6), 200.0)
    mean = [sum(c[axis] for c in clouds) / max(len(clouds), 1) for axis in ("x", "y")]
    spots = [
        [WIDE / 2 + (c["x"] - mean[0]) * scale, HIGH / 2 - (c["y"] - mean[1]) * scale]
        for c in clouds
    ]
    for _round in range(120):
        _push_apart(spots, radii)
        for spot, r in zip(spots, radii, strict=True):
            spot[0] = min(max(spot[0], r + EDGE), WIDE - r - EDGE)
            spot[1] = min(max(spot[1], r + EDGE), HIGH - r - EDGE)
    return [(x, y, r) for (x, y), r in zip(spots, radii, strict=True)]


def _push_apart(spots: list[list[float]], radii: Sequence[float]) -> None:
    for one in range(len(spots)):
        for other in range(one):
            dx, dy = spots[one][0] - spots[other][0], spots[one][1] - spots[other][1]
            apart = hypot(dx, dy) or 1.0
            missing = radii[one] + radii[other] + EDGE - apart
            if missing > 0:
                dx, dy = (dx or 0.7) / apart * missing / 2, dy / apart * missing / 2
                spots[one][0] += dx
                spots[one][1] += dy
                spots[other][0] -= dx
                spots[other][1] -= dy

"""The county as a map: outlines of towns (``library/maps/<county>.geojson``) drawn as SVG by the server; no tiles, no scripts.

The file that comes with the house is a sketch made by us and says so. A county may put its own GeoJSON in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict

from dudao.duties.coverage import Area, Coverage, Place

#: Width of the drawing; its height follows from the outlines.
WIDTH = 640.0
_EDGE = 8.0
Ring = tuple[tuple[float, float], ...]


class _Open(BaseModel):
    # GeoJSON of others carries more than we read.
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Facts(_Open):
    code: str
    name: str = ""


class _Polygon(_Open):
    type: Literal["Polygon"]
    coordinates: tuple[Ring, ...]


class _Many(_Open):
    type: Literal["MultiPolygon"]
    coordinates: tuple[tuple[Ring, ...], ...]


class _Feature(_Open):
    properties: _Facts
    geometry: _Polygon | _Many

    @property
    def rings(self) -> tuple[Ring, ...]:
        if isinstance(self.geometry, _Polygon):
            return self.geometry.coordinates
        return tuple(ring for one in self.geometry.coordinates for ring in one)


class _File(_Open):
    note: str = ""
    schematic: bool = False
    features: tuple[_Feature, ...]


@cache
def _file(county: str) -> _File | None:
    path = settings.LIBRARY / "maps" / f"{county}.geojson"
    return _File.model_validate_json(path.read_bytes()) if path.exists() else None


@dataclass(frozen=True, slots=True)
class Town:
    """A town with what is known of it.

    Attributes:
        path: its outline as an SVG path; empty where the map does not have it.
        x, y: where its name stands.
        tone: ``done`` nothing is missing, ``soon`` less than a tenth is, ``late`` more is, ``none`` there are no schools.
    """

    code: str
    name: str
    places: tuple[Place, ...]
    areas: tuple[Area, ...]
    path: str
    x: int
    y: int

    @property
    def gaps(self) -> int:
        return sum(1 for one in self.places if one.gap)

    @property
    def covered(self) -> int:
        return len(self.places) - self.gaps

    @property
    def tone(self) -> str:
        if not self.places:
            return "none"
        return "done" if not self.gaps else "soon" if self.gaps * 10 < len(self.places) else "late"


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing: its size, what it says of itself, its towns (those without an outline last)."""

    height: int
    note: str
    is_schematic: bool
    towns: tuple[Town, ...]

    @property
    def drawn(self) -> list[Town]:
        return [one for one in self.towns if one.path]


def drawn(found: Coverage, towns: Sequence[tuple[str, str]]) -> Map:
    """The county's towns (code, name) with their schools, and their outlines where the library has them."""
    file = _file(found.county)
    outlines = {one.properties.code: one.rings for one in file.features} if file else {}
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    left, right = min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0)
    low, high = min((y for _, y in points), default=0.0), max((y for _, y in points), default=1.0)
    scale = (WIDTH - 2 * _EDGE) / ((right - left) or 1.0)

    def put(x: float, y: float) -> tuple[float, float]:
        return round(_EDGE + (x - left) * scale, 1), round(_EDGE + (high - y) * scale, 1)

    made = []
    for code, name in towns:
        rings = outlines.get(code, ())
        path = "".join(f"M{' '.join(f'{x},{y}' for x, y in (put(*point) for point in ring))}Z" for ring in rings)
        outer = max(rings, key=len, default=())
        x, y = (round(one) for one in (put(*_middle(outer)) if outer else (0.0, 0.0)))
        here = tuple(one for one in found.places if one.unit.region_code[:9] == code[:9])
        areas = tuple(one for one in found.areas if any(place in here for place in one.places))
        made.append(Town(code[:9], name, here, areas, path, x, y))
    known = {one.code for one in made}
    if rest := tuple(one for one in found.places if one.unit.region_code[:9] not in known):
        made.append(Town("", "未登记乡镇场", rest, (), "", 0, 0))
    made.sort(key=lambda one: not one.path)
    height = round((high - low) * scale + 2 * _EDGE)
    return Map(height, file.note if file else "", bool(file and file.schematic), tuple(made))


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of gravity of an outline, where its name stands; the mean of its corners where it has no area."""
    area = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True):
        part = ax * by - bx * ay
        area, x, y = area + part, x + (ax + bx) * part, y + (ay + by) * part
    if area:
        return x / (3 * area), y / (3 * area)
    return sum(one for one, _ in ring) / len(ring), sum(one for _, one in ring) / len(ring)

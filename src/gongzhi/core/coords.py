"""Chinese map coordinates to WGS-84 and back. Stored is always WGS-84; others only at the edge.

GCJ-02 (Amap, Tencent) and BD-09 (Baidu) shift places by some hundred metres. The formulas are the
ones published in open source; outside a box around China nothing is shifted.
"""

import math
from typing import Literal

System = Literal["wgs84", "gcj02", "bd09"]

_AXIS = 6378245.0  # metres, Krasovsky 1940
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = math.pi * 3000 / 180
_CLOSE = 1e-9  # degrees: a tenth of a millimetre


def from_wgs84(lon: float, lat: float, system: System) -> tuple[float, float]:
    """Longitude and latitude in `system` of a place given in WGS-84, in degrees."""
    if system == "wgs84" or _outside(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    lon, lat = lon + east, lat + north
    return _to_baidu(lon, lat) if system == "bd09" else (lon, lat)


def to_wgs84(lon: float, lat: float, system: System) -> tuple[float, float]:
    """Longitude and latitude in WGS-84 of a place given in `system`, in degrees."""
    if system == "wgs84" or _outside(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(30):  # each round leaves some thousandths of the error
        there_lon, there_lat = from_wgs84(guess_lon, guess_lat, system)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
        if abs(lon - there_lon) < _CLOSE and abs(lat - there_lat) < _CLOSE:
            break
    return guess_lon, guess_lat


def _outside(lon: float, lat: float) -> bool:
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """Degrees east and north from WGS-84 to GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2 / 3
    root = math.sqrt(abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += _waves(y, (20.0, 1.0), (40.0, 3.0)) + _waves(y, (160.0, 12.0), (320.0, 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += _waves(x, (20.0, 1.0), (40.0, 3.0)) + _waves(x, (150.0, 12.0), (300.0, 30.0))
    sine = math.sin(math.radians(lat))
    magic = 1 - _ECCENTRICITY * sine * sine
    meridian = _AXIS * (1 - _ECCENTRICITY) / (magic * math.sqrt(magic))
    parallel = _AXIS / math.sqrt(magic) * math.cos(math.radians(lat))
    return math.degrees(east / parallel), math.degrees(north / meridian)


def _waves(value: float, *parts: tuple[float, float]) -> float:
    return sum(size * math.sin(value * math.pi / length) for size, length in parts) * 2 / 3


def _to_baidu(lon: float, lat: float) -> tuple[float, float]:
    distance = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BAIDU)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BAIDU)
    return distance * math.cos(angle) + 0.0065, distance * math.sin(angle) + 0.006

"""Services are our categories: what can be reported, grouped by class."""

from functools import cache

from django.utils import translation

from gongzhi.api.open311.formats import Value
from gongzhi.core.errors import NotFound
from gongzhi.matters.suggest import taxonomy

OTHER = "other"  # 我说不清: a matter without category
CHANGESET = "2026-01-01 00:00"  # of the list of services; moves when the list does


def listed() -> list[Value]:
    """Every service, the class before its kinds."""
    return _listed(translation.get_language() or "zh-hans")


@cache
def _listed(language: str) -> list[Value]:
    found: list[Value] = [
        _service(category, language) for category in taxonomy.categories().values()
    ]
    found.append(_row(OTHER, name_of("", language), "", ""))
    return found


def _service(category: taxonomy.Category, language: str) -> Value:
    group = taxonomy.categories()[taxonomy.class_of(category.code)].name(language)
    return _row(category.code, category.name(language), ", ".join(category.keywords), group)


def _row(code: str, name: str, keywords: str, group: str) -> Value:
    return {
        "service_code": code,
        "service_name": name,
        "description": keywords.replace(", ", "、") or name,
        "metadata": False,
        "type": "realtime",
        "keywords": keywords,
        "group": group,
    }


def definition(code: str) -> Value:
    """The extra questions of a service: none, we ask nothing a person need not answer."""
    category_of(code)
    return {"service_code": code, "attributes": []}


def category_of(code: str) -> str:
    """Our category for a service code; NotFound for one that is not listed."""
    if code == OTHER:
        return ""
    if code not in taxonomy.categories():
        raise NotFound(f"没有这项服务：service_code {code[:60]}")
    return code


def code_of(category: str) -> str:
    """The service code of a matter's category."""
    return category if category in taxonomy.categories() else OTHER


def name_of(category: str, language: str = "") -> str:
    """The name of a category; of no category, that the raiser could not say."""
    language = language or translation.get_language() or "zh-hans"
    known = taxonomy.categories().get(category)
    if known is not None:
        return known.name(language)
    return "Something else" if language.startswith("en") else "其他（说不清）"

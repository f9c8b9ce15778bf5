"""The file format, told to editors (JSON Schema) and to people (a table of keys)."""

from typing import Any

from pydantic import BaseModel

from gongzhi.playbooks import schema
from gongzhi.playbooks.problems import table_inside

TABLES: tuple[type[BaseModel], ...] = (
    schema.Playbook,
    schema.Level,
    schema.Role,
    schema.Stage,
    schema.Gate,
    schema.Quorum,
    schema.HouseRule,
    schema.Deadline,
    schema.Publish,
    schema.Rung,
    schema.Edge,
    schema.Climb,
    schema.Limits,
    schema.Measure,
    schema.Words,
    schema.StageWords,
)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of playbook.toml, for editors. Words stand in their own files."""
    made = schema.Playbook.model_json_schema()
    del made["properties"]["strings"]
    for words in (schema.Words, schema.StageWords):
        del made["$defs"][words.__name__]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def keys() -> str:
    """Every key of every table as Markdown, out of the schema itself."""
    return "\n".join(_table(table) for table in TABLES)


def _table(table: type[BaseModel]) -> str:
    properties = table.model_json_schema(by_alias=True)["properties"]
    title = (table.__doc__ or "").strip().splitlines()[0]
    lines = [
        f"### {table.__name__}",
        "",
        title,
        "",
        "| key | what it takes | meaning |",
        "|---|---|---|",
    ]
    for name, field in table.model_fields.items():
        key = field.alias or name
        if (table, key) == (schema.Playbook, "strings"):
            continue
        needed = " **(required)**" if field.is_required() else ""
        about = (field.description or "").replace("\n", " ").strip()
        inner = table_inside(field.annotation)
        many = "tables" if properties[key].get("type") in ("array", "object") else "table"
        takes = f"{many} [{inner.__name__}](#{inner.__name__.lower()})" if inner else ""
        lines.append(f"| `{key}`{needed} | {takes or _takes(properties[key])} | {about} |")
    return "\n".join([*lines, ""])


def _takes(spec: dict[str, Any]) -> str:
    if "enum" in spec:
        return " · ".join(f"`{choice}`" for choice in spec["enum"])
    if "anyOf" in spec:
        parts = (_takes(part) for part in spec["anyOf"] if part.get("type") != "null")
        return " or ".join(parts)
    if spec.get("type") == "array":
        return f"list of {_takes(spec['items'])}"
    if spec.get("type") == "object":
        return f"name = {_takes(spec['additionalProperties'])}"
    if "examples" in spec:
        return "such as " + ", ".join(f'`"{example}"`' for example in spec["examples"])
    kinds = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}
    bounds = [f"at least {spec['minimum']}"] if "minimum" in spec else []
    bounds += [f"at most {spec['maximum']}"] if "maximum" in spec else []
    return ", ".join([kinds.get(spec.get("type", ""), "text"), *bounds])

"""A form as it was filled in and what is wrong with it. Rules stay in the actions.

Doors only check that a field is there when the action could not know it was asked for; everything
else comes back from the action as `BadInput(field, words)` and is shown beside the field, with all
that was typed kept.
"""

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import get_language

from gongzhi.core.errors import BadInput, Refused
from gongzhi.core.spoken import spoken


@dataclass
class Sheet:
    """Values as typed and errors by field; `""` is the form as a whole."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @classmethod
    def of(cls, post: QueryDict, *names: str) -> "Sheet":
        """The named fields as typed, trimmed; missing ones are empty."""
        return cls({name: str(post.get(name, "")).strip() for name in names})

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self[name] in {"1", "on", "true", "yes"}

    def whole(self, name: str) -> int | None:
        """A small whole number as typed in any digits, or None."""
        try:
            return int(self[name]) if len(self[name]) <= 18 else None
        except ValueError:
            return None

    def decimal(self, name: str) -> float | None:
        """A finite decimal number, or None."""
        try:
            number = float(self[name])
        except ValueError:
            return None
        return number if abs(number) < 1e9 else None

    def wrong(self, refusal: Refused) -> None:
        """Keep a refusal to be shown on the form; the page is answered with its status."""
        name = refusal.field if isinstance(refusal, BadInput) else ""
        stop = " " if (get_language() or "").startswith("en") else ""
        self.errors[name] = stop.join(filter(None, (spoken(refusal.words), spoken(refusal.todo))))
        self.status = refusal.status

    def ask(self, name: str, words: str) -> None:
        """Something is missing or unreadable."""
        self.errors[name] = words
        self.status = 422

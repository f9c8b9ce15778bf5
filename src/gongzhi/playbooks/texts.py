"""The words of a playbook in one language, in types."""

from gongzhi.playbooks.kinds import Part


class StageWords(Part):
    """A stage in one language."""

    name: str
    """What it is called."""
    status: str
    """What the raiser reads while the matter stands here."""
    what: str
    """What happens here, in a sentence."""
    who: str = ""
    """Who acts, where the names of the roles do not say it well."""


class Words(Part):
    """A playbook in one language."""

    name: str
    """What it is called."""
    summary: str
    """What it is, in a sentence."""
    source: str
    """Where it is practised and where that is written."""
    done: str
    """What the raiser reads when it is over."""
    levels: dict[str, str] = {}
    """Name by id; so also below."""
    roles: dict[str, str] = {}
    stages: dict[str, StageWords] = {}
    reasons: dict[str, str] = {}
    """Reasons of `pause_on`."""
    topics: dict[str, str] = {}
    measures: dict[str, str] = {}

"""Several people are made to follow a matter at once: they are told of it and asked about it."""

from collections.abc import Collection
from datetime import datetime

from gongzhi.core import db


def follow_together(*, matter_id: int, people: Collection[int], at: datetime) -> int:
    """Make these people followers of a matter, as if each had joined; how many are new.

    For callers in Python that know why they are concerned (who seconded a proposal, who was drawn
    to judge it); the raiser stays the raiser. One statement.
    """
    if not people:
        return 0
    return db.run(
        "insert into matters_follower (matter_id, person_id, why, at)"
        " select m.id, person, 'joined', %(at)s::timestamptz from matters_matter m,"
        " unnest(%(people)s::bigint[]) person where m.id = %(matter)s::bigint"
        " and person is distinct from m.raised_by_id on conflict do nothing",
        {"matter": matter_id, "people": sorted(set(people)), "at": at},
    )

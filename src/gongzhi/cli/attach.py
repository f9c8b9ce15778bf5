"""The database for one command: the user's own, the running one, or one started for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gongzhi.cli import prepare
from gongzhi.cli.folder import Busy, Folder
from gongzhi.cli.postgres import Postgres


@contextmanager
def database(folder: Folder, verb: str) -> Iterator[str]:
    """The address of an up-to-date database; the environment of this process points to it."""
    folder.open()
    own = os.environ.get("DATABASE_URL")
    if own:
        prepare.check_server(own)
        yield _ready(folder, own)
        return
    try:
        folder.hold(verb)
    except Busy as busy:
        if "database" not in busy.record:  # somebody is just starting, or restoring
            raise
        yield _ready(folder, str(busy.record["database"]))
        return
    server = Postgres(folder)
    try:
        server.start()
        yield _ready(folder, server.url)
    finally:
        server.stop()
        folder.release()


def _ready(folder: Folder, url: str) -> str:
    demo = prepare.read_stamp(url).get("demo", "none")
    env = prepare.environment(folder, url, GONGZHI_DEMO=str(int(demo != "none")))
    prepare.bring_up_to_date(url, env, folder.log_path("migrate"))
    os.environ.update(env)
    return url

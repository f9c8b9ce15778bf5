"""What the worker does besides deadlines and reactions: asking, tidying, learning, messages."""

from datetime import datetime
from typing import cast

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from gongzhi.core import db
from gongzhi.matters import jobs, learning
from gongzhi.people import accounts, roster


def work(*, at: datetime) -> int:
    """Run the jobs that wait (messages); how many there were."""
    waiting = db.rows(
        "select count(*) from procrastinate_jobs where status = 'doing' or status = 'todo'"
        " and (scheduled_at is null or scheduled_at <= %s::timestamptz)",
        (at,),
    )[0][0]
    if waiting:
        async_to_sync(_work)()
    return 0


async def _work() -> None:
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    async with app.with_connector(connector).open_async() as worker:
        # Begun by a worker that was killed: nobody else would ever end them.
        for job in await worker.job_manager.get_stalled_jobs():
            await worker.job_manager.retry_job(job)
        await worker.run_worker_async(
            wait=False, install_signal_handlers=False, listen_notify=False
        )


def ask(*, at: datetime) -> int:
    """Ask those concerned whose hour has come."""
    return len(jobs.ask_those_concerned(at=at))


def tidy(*, at: datetime) -> int:
    """Remove uploads whose form never came, old roster files, spent sign-in codes."""
    jobs.tidy(at=at)
    roster.purge(at=at)
    accounts.tidy(at=at)
    return 0


def learn(*, at: datetime) -> int:
    """Learn categories anew when enough matters have been confirmed since the last time."""
    learning.learn(at=at)
    return 0

"""Django's `migrate`, quicker on a new database; what it asks of the database is the same.

After every operation Django makes the classes of all related models anew. Here every table knows a
person, so all of them are related: twenty-seven thousand classes for two hundred tables. But a
model that is new is not yet known to any other, and an index or a constraint changes no relation.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState, StateApps


class GrowingState(ProjectState):
    """A state to which models, indexes and constraints are added without touching the others."""

    @classmethod
    def of(cls, state: ProjectState) -> "GrowingState":
        """The same state; it takes the classes that were made with it."""
        grown = cls(models=state.models, real_apps=state.real_apps)
        grown.__dict__.update(state.__dict__)
        return grown

    def add_model(self, model_state: ModelState) -> None:
        apps = self._put_aside()
        super().add_model(model_state)
        if apps is not None:
            self.apps = apps
            apps.render_multiple([model_state])

    def _append_option(self, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
        apps = self._put_aside()
        super()._append_option(app_label, model_name, option_name, obj)  # type: ignore[misc]
        if apps is not None:
            self.apps = apps
            meta = apps.get_model(app_label, model_name)._meta
            setattr(meta, option_name, [*getattr(meta, option_name), obj])
            meta.__dict__.pop("total_unique_constraints", None)  # remembered from before

    def _put_aside(self) -> StateApps | None:
        """The classes, when there are any yet: without them nothing is made anew."""
        apps: StateApps | None = self.__dict__.pop("apps", None)
        return apps


class Executor(MigrationExecutor):
    """Begins with a state that grows."""

    def _migrate_all_forwards(
        self, state: ProjectState, plan: list[tuple[Migration, bool]], *rest: Any, **more: Any
    ) -> ProjectState:
        grown = GrowingState.of(state)
        last: ProjectState = super()._migrate_all_forwards(grown, plan, *rest, **more)  # type: ignore[misc]
        return last


class Command(migrate.Command):
    """`migrate` with that executor: Django's own names the one it uses in its module only."""

    def handle(self, *args: Any, **options: Any) -> None:
        django: Any = migrate
        plain, django.MigrationExecutor = django.MigrationExecutor, Executor
        try:
            super().handle(*args, **options)
        finally:
            django.MigrationExecutor = plain

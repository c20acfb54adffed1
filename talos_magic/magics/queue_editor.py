"""The grid editor of a running scan: an edit changes which rounds are still to come."""

from html import escape
from typing import TYPE_CHECKING, Any

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.experiment.plan import Plan
from talos_magic.formatting import format_duration, pluralize
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.jupyter.front_end import EMPTY
from talos_magic.scan.time_left import seconds_left
from talos_magic.values.labels import label_key

if TYPE_CHECKING:  # widgets are imported when it opens
    from talos_magic.editor.editor import GridEditor


class QueueEditor:
    """A grid editor that opens and closes below a running scan.

    Removed values leave the queue, added values join it. Finished and running rounds stay, and so
    does the variable that holds the params.
    """

    def __init__(self, plan: Plan, context: Context) -> None:
        self._plan = plan
        self._context = Context(context.namespace)
        self._page: Any = None
        self._is_open = False
        # The editor's rows and the plan's dimensions when they were last the same.
        self._synced: tuple[Dimension, ...] = ()
        self._seen: tuple[Dimension, ...] = ()
        self.editor: GridEditor | None = None

    def toggle(self, custom_widgets: bool = True) -> bool:  # the signature that the controls call
        """Open or close the editor; return whether it is open now.

        `custom_widgets`: whether the page can show more than ipywidgets' core widgets.
        """
        if self._is_open:
            self._hide()
        else:
            self._open(custom_widgets)
        return self._is_open

    def close(self) -> None:
        """Remove the editor from the page and from the kernel."""
        if self._is_open:
            self._hide()
        if self.editor is not None:
            self.editor.close()
            self.editor = None

    def _hide(self) -> None:
        """Remove the editor from the page; its widgets stay, which the page may still build."""
        if self._plan.session.is_active:
            self._poll()  # an edit may have come with the click that closes it
        self._plan.session.unpoll(self._poll)
        self._page.update(EMPTY, raw=True)
        self._is_open = False

    def _open(self, custom_widgets: bool) -> None:
        from talos_magic.editor.waiting import show

        self._context.learn(self._plan.session)
        editor = self.editor or self._make(custom_widgets)
        self._plan.session.poll(self._poll)
        self._is_open = True
        self._poll()
        self._page = show(editor, self._page)

    def _make(self, custom_widgets: bool) -> "GridEditor":
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.widgets import box, markup, show_if

        self.editor = editor = GridEditor(
            self._plan.editable, context=self._context, custom_widgets=custom_widgets
        )
        self._synced, self._seen = editor.grid.dimensions, self._plan.grid.dimensions
        self._left = markup("talos-status")
        editor.box.children = [*editor.box.children, box("talos-decision", [self._left])]
        # Finished rounds have these hyperparameters: no others can be added.
        show_if(editor.adding.box, visible=False)
        editor.grid.observe(lambda _: self._check_names(editor), "dimensions")
        return editor

    def _check_names(self, editor: "GridEditor") -> None:
        """Undo an edit of the names at once; leave the others to the next poll."""
        try:
            self._plan.queue.check_names(d.name for d in editor.grid.active)
        except ScanError as error:
            editor.history.undo()
            editor.say(str(error))

    def _poll(self) -> None:
        if self.editor is not None:
            self._apply(self.editor)
            self._sync(self.editor)
            self._show_rounds_left()

    def _apply(self, editor: "GridEditor") -> None:
        """Edit the plan as the editor was edited; revert the editor if the plan refuses."""
        if editor.grid.dimensions == self._synced:
            return
        try:
            self._plan.edit(self._edited(editor))
        except ScanError as error:
            editor.history.adopt(self._synced)
            editor.say(str(error))
        else:
            self._synced = editor.grid.dimensions
            editor.say("")

    def _edited(self, editor: "GridEditor") -> Grid:
        """Return the plan's grid with the edited rows: the search may have changed the others."""
        edited, now = Grid(), self._plan.editable
        edited.dimensions = tuple(
            now[d.name] if d in self._synced else d for d in editor.grid.dimensions
        )
        return edited

    def _sync(self, editor: "GridEditor") -> None:
        """Show the changes of the plan's grid; leave unchanged rows alone."""
        if self._plan.grid.dimensions is self._seen:
            return
        self._seen = self._plan.grid.dimensions
        own = {d.name: d for d in editor.grid.dimensions}
        self._synced = tuple(
            own[d.name] if d.name in own and _has_same_labels(own[d.name], d) else d
            for d in self._plan.editable.dimensions
        )
        if self._synced != editor.grid.dimensions:
            editor.history.adopt(self._synced)

    def _show_rounds_left(self) -> None:
        session, left = self._plan.session, self._plan.queue.left
        running = "the running ones" if len(session.in_flight) > 1 else "the running one"
        parts = [f"{pluralize(left, 'round')} left after {running}"]
        parts += [f"{len(session.paused)} paused"] if session.paused else []
        if (seconds := seconds_left(session)) is not None:
            parts.append(f"about {format_duration(seconds)} in all")
        self._left.value = f"<span role='status'>{escape(' · '.join(parts))}</span>"


def _has_same_labels(one: Dimension, other: Dimension) -> bool:
    return [*map(label_key, one.labels)] == [*map(label_key, other.labels)]

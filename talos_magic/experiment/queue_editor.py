"""The grid editor of a running scan: an edit changes which rounds are still to come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.experiment.plan import Plan
from talos_magic.formatting import pluralize
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.jupyter.front_end import EMPTY, WIDGET, can_click, show_output, widget_view
from talos_magic.values.labels import label_key

if TYPE_CHECKING:  # widgets are imported when it opens
    from talos_magic.editor.editor import GridEditor


@contextmanager
def editing(plan: Plan, context: Context, kernel: Any) -> Iterator[Callable[[bool], bool] | None]:
    """Yield what opens and closes the editor while the block runs; None if nobody can click.

    The kernel is None in a script. The editor's place is above what is shown next.
    """
    if not can_click(kernel):
        yield None
        return
    editor = QueueEditor(plan, context)
    editor.take_place()
    try:
        yield editor.toggle
    finally:
        editor.close()


class QueueEditor:
    """A grid editor that opens and closes above the view of a running scan.

    Removed values leave the queue, added values join it. Finished and running rounds stay, and so
    does the variable that holds the params.
    """

    def __init__(self, plan: Plan, context: Context) -> None:
        self._plan = plan
        self._context = Context(context.namespace)
        self._page: Any = None  # what its place is shown by
        self._place: Any = None
        self._is_open = False
        # The editor's rows and the plan's dimensions when they were last the same.
        self._synced: tuple[Dimension, ...] = ()
        self._seen: tuple[Dimension, ...] = ()
        self.editor: GridEditor | None = None

    def take_place(self) -> None:
        """Take its place on the page: above the view, which is shown next.

        The place is a widget: a page that is reopened during the scan shows what it holds then.
        """
        from talos_magic.editor.widgets import box

        self._place = box("talos-place")
        self._page = show_output({WIDGET: widget_view(self._place), "text/plain": ""})

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
        if self._place is not None:
            self._page.update(EMPTY, raw=True)
            self._place.close()
            self._place = None

    def _hide(self) -> None:
        """Remove the editor from the page; its widgets stay, which the page may still build."""
        if self._plan.session.is_active:
            self._poll()  # an edit may have come with the click that closes it
        self._plan.session.unpoll(self._poll)
        self._place.children = []
        self._is_open = False

    def _open(self, custom_widgets: bool) -> None:
        self._context.learn(self._plan.session)
        editor = self.editor or self._make(custom_widgets)
        self._plan.session.poll(self._poll)
        self._is_open = True
        self._poll()
        if self._place is None:
            self.take_place()
        self._place.children = [editor.box]

    def _make(self, custom_widgets: bool) -> "GridEditor":
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.widgets import show_if

        self.editor = editor = GridEditor(
            self._plan.editable, context=self._context, custom_widgets=custom_widgets
        )
        self._synced, self._seen = editor.grid.dimensions, self._plan.grid.dimensions
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
        running = len(session.in_flight)
        after = f" after the running {'ones' if running > 1 else 'one'}" if running else ""
        parts = [f"{pluralize(left, 'round')} left{after}"]
        parts += [f"{len(session.paused)} paused"] if session.paused else []
        text = " · ".join(parts)
        if text != self._context.left:
            self._context.set(left=text)


def _has_same_labels(one: Dimension, other: Dimension) -> bool:
    return [*map(label_key, one.labels)] == [*map(label_key, other.labels)]

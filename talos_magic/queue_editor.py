"""The grid editor on what is left of a running scan: each edit changes what is trained next."""

from html import escape
from typing import TYPE_CHECKING, Any

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.spec import key
from talos_magic.live.output import EMPTY
from talos_magic.plan import Plan
from talos_magic.words import clock

if TYPE_CHECKING:  # widgets are imported when it opens
    from talos_magic.editor.editor import GridEditor


class QueueEditor:
    """Opens below the running scan, and closes again, as often as it is asked to.

    Values that are taken out leave the queue, values that are added join it; rounds that are done
    or running stay as they are. The variable that held the params keeps what it had.

    Parameters
    ----------
    plan : Plan
        The running scan.
    context : Context
        What is known of its cell.
    """

    def __init__(self, plan: Plan, context: Context) -> None:
        self._plan = plan
        self._context = Context(context.namespace)
        self._page: Any = None
        self._is_open = False
        self._is_edited = False
        self._agreed: tuple[Dimension, ...] = ()  # what editor and plan had when both had the same
        self._seen: tuple[Dimension, ...] = ()  # the plan's then
        self.editor: GridEditor | None = None

    def toggle(self, custom_widgets: bool = True) -> bool:  # as the controls call it
        """Open it, or close it; tell whether it is open now.

        Parameters
        ----------
        custom_widgets : bool
            Whether the page can show other widgets than the core's.
        """
        if self._is_open:
            self._leave()
        else:
            self._open(custom_widgets)
        return self._is_open

    def close(self) -> None:
        """Take it out of the page, and out of the kernel."""
        if self._is_open:
            self._leave()
        if self.editor is not None:
            self.editor.close()
            self.editor = None

    def _leave(self) -> None:
        """Take it out of the page, which may still build its widgets: these stay until the end."""
        if self._plan.session.is_active:
            self._poll()  # the last edit may have come with the click that closes it
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
        from talos_magic.editor.controls import box, markup, show_if
        from talos_magic.editor.editor import GridEditor

        self.editor = editor = GridEditor(
            self._plan.editable, context=self._context, custom_widgets=custom_widgets
        )
        self._agreed, self._seen = editor.grid.dimensions, self._plan.grid.dimensions
        self._left = markup("talos-status")
        editor.box.children = [*editor.box.children, box("talos-decision", [self._left])]
        # The rounds that ran have these hyperparameters: others cannot join them.
        show_if(editor.adding.box, visible=False)
        editor.grid.observe(lambda _: self._note_edit(), "dimensions")
        return editor

    def _note_edit(self) -> None:
        """Refuse at once what cannot be; all else is followed when no more edits are on the way."""
        assert self.editor is not None  # noqa: S101  # for mypy: it is open while it is edited
        try:
            self._plan.queue.check_names(d.name for d in self.editor.grid.active)
        except ScanError as error:
            is_edited = self._is_edited
            self.editor.history.undo()
            self.editor.say(_alert(error))
            self._is_edited = is_edited
        else:
            self._is_edited = True

    def _poll(self) -> None:
        if self.editor is not None:
            self._follow(self.editor)
            self._agree(self.editor)
            self._say_what_is_left()

    def _follow(self, editor: "GridEditor") -> None:
        if not self._is_edited:
            return
        self._is_edited = False
        try:
            self._plan.edit(self._edited(editor))
        except ScanError as error:
            self._show(editor, self._agreed)
            editor.say(_alert(error))
        else:
            editor.say("")

    def _edited(self, editor: "GridEditor") -> Grid:
        """Give the plan's grid with the rows that were edited: a search may have changed others."""
        edited, now = Grid(), self._plan.editable
        edited.dimensions = tuple(
            now[d.name] if d in self._agreed else d for d in editor.grid.dimensions
        )
        return edited

    def _agree(self, editor: "GridEditor") -> None:
        """Show what the plan's grid has become, rows that are the same untouched."""
        if self._plan.grid.dimensions is self._seen:
            return
        self._seen = self._plan.grid.dimensions
        own = {d.name: d for d in editor.grid.dimensions}
        self._agreed = tuple(
            own[d.name] if d.name in own and _same(own[d.name], d) else d
            for d in self._plan.editable.dimensions
        )
        self._show(editor, self._agreed)

    def _show(self, editor: "GridEditor", dimensions: tuple[Dimension, ...]) -> None:
        """Bring the editor in line, which is no edit of the person's."""
        if dimensions != editor.grid.dimensions:
            is_edited = self._is_edited
            editor.history.adopt(dimensions)
            self._is_edited = is_edited

    def _say_what_is_left(self) -> None:
        session, left = self._plan.session, self._plan.queue.left
        parts = [f"{left:,} {'round' if left == 1 else 'rounds'} left after the running one"]
        if session.remaining is not None:
            parts.append(f"about {clock(session.remaining)} in all")
        self._left.value = f"<span role='status'>{escape(' · '.join(parts))}</span>"


def _alert(error: ScanError) -> str:
    """HTML of what is wrong, to be read at once."""
    from talos_magic.editor.controls import alert

    return alert(str(error))


def _same(one: Dimension, other: Dimension) -> bool:
    return [*map(key, one.labels)] == [*map(key, other.labels)]

"""A notebook in the classic Notebook 6, the front end of the stand-in for Google Colab."""

from __future__ import annotations

from .front_end import NotebookPage

# The widget manager first asks the kernel for its widgets, then draws all of them anew: what is
# shown in between is lost. The kernel answers in order, so an answer now is later than that.
LOAD_WIDGETS = """() => {
    const loaded = () => { window.widgetsLoaded = true; };
    Jupyter.notebook.kernel.widget_manager._loadFromKernel().then(loaded);
}"""

# A page that failed to open has no kernel.
SHUT_DOWN = """() => {
    const { kernel, session } = window.Jupyter?.notebook ?? {};
    return kernel?.is_connected() && new Promise((done, fail) => {
        session.delete(done, (request, status) => fail(status));
    });
}"""


class ClassicPage(NotebookPage):
    """A notebook open in the classic Notebook."""

    # A view that anywidget takes away when its model is closed already.
    NOISE = frozenset({"Cannot convert undefined or null to object"})

    CELLS = "#notebook-container .cell"
    PROMPT = ".input_prompt"
    # Output widgets have wrappers of their own inside the cell's.
    OUTPUT = ":scope > .output_wrapper"
    READY = """() => {
        const notebook = window.Jupyter?.notebook;
        return notebook?._fully_loaded && notebook.kernel?.is_connected()
            && notebook.kernel.comm_manager.targets['jupyter.widget'] !== undefined;
    }"""
    IDLE = "() => !document.querySelector('.cell.running') && !window.Jupyter.notebook.kernel_busy"

    def open(self, timeout: float = 60, *, busy: bool = False) -> None:
        super().open(timeout, busy=busy)
        self.page.evaluate(LOAD_WIDGETS)
        self._wait("() => window.widgetsLoaded", None, timeout)

    def run(self, cell_index: int) -> None:
        self.page.evaluate("index => Jupyter.notebook.get_cell(index).execute()", cell_index)

    def run_all(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.execute_all_cells()")

    def interrupt(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.kernel.interrupt()")

    def save(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.save_notebook()")

    def shut_down_kernel(self) -> None:
        self.page.evaluate(SHUT_DOWN)

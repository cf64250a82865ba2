"""The plugin in napari's own menus and preferences, in a real window, as one who knows no command line finds it."""

from __future__ import annotations

import napari
import napari.settings
import pytest
from qtpy.QtWidgets import QApplication, QLineEdit
from review_cases import image, report
from written import write_ct, write_out

from napari_catheterview import app
from napari_catheterview.preferences import preferences

PLUGIN = "napari-catheterview"


@pytest.fixture(scope="module")
def window(qapp):
    made = napari.Viewer()
    yield made
    for room in list(app._FURNISHED.values()):
        room.close()
    made.close()


def entries(menu):
    """Yield every action of a menu and of the menus in it, by its words; napari fills some only when they are shown."""
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.menu() is None:
            yield action.text(), action
        else:
            yield from entries(action.menu())


def click(menu, words):
    """Choose the entry of a menu that begins with words."""
    next(action for text, action in entries(menu) if text.startswith(words)).trigger()
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("words", "key", "count"), [("Oblique CT", "oblique", 1), ("Activity fused", "fused", 2), ("Film with", "film", 1)]
)
def test_a_sample_is_opened_from_the_menu(window, words, key, count):
    """File > Open Sample > catheterview draws each sample, in mm; napari knows where the layers come from."""
    click(window.window.file_menu, words)
    assert [layer.source.sample for layer in window.layers] == [(PLUGIN, key)] * count
    assert all(str(layer.units[-1]) == "millimeter" for layer in window.layers)
    window.layers.clear()


def test_the_room_is_entered_from_the_menu(window, qtbot, tmp_path, monkeypatch):
    """Layers > Annotate > Review a worklist, a click on its button, a folder chosen: the first case hangs."""
    folder = write_ct(image("oblique"), tmp_path / "ct")
    out = write_out(tmp_path / "out", [report("oblique")], [folder])
    click(window.window.layers_menu, "Review a worklist")
    (widget,) = (dock for name, dock in window.window.dock_widgets.items() if name.startswith("Review a worklist"))
    # The dialog of the operating system is the one thing that no test can click.
    monkeypatch.setattr("napari_catheterview.widgets.QFileDialog.getExistingDirectory", lambda *_: str(out))
    widget.button.click()
    qtbot.waitUntil(lambda: widget.room is not None and widget.room.ready, timeout=60_000)
    assert widget.room.session.report.case_id == "case-a"
    assert widget.said.text() == "1 cases"


@pytest.mark.skipif(not hasattr(napari.settings, "get_plugin_settings"), reason="napari before 0.9 has none of plugins")
def test_preferences_are_on_a_page_of_their_own(window, qtbot):
    """What is typed on the page of the plugin in napari's Preferences is what the next room reads with."""
    before = preferences()
    dialog = window.window._open_preferences_dialog()
    try:
        names = [dialog._list.item(n).text() for n in range(dialog._list.count())]
        dialog._list.setCurrentRow(names.index("catheterview"))
        qtbot.keyClicks(dialog._stack.currentWidget().findChildren(QLineEdit)[0], "reader-7")
        settings = napari.settings.get_plugin_settings(PLUGIN)
        settings.reading.window = "bone"
        settings.reading.slab_mm, settings.reading.archive = 6.0, "PACS@127.0.0.1:104"
        chosen = preferences()
        assert (chosen.reader, chosen.window.name, chosen.slab_mm) == ("reader-7", "bone", 6.0)
        assert chosen.archive == "PACS@127.0.0.1:104"
    finally:
        dialog.reject()
    assert preferences() == before

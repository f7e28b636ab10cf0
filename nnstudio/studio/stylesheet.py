"""The one stylesheet, written over a colour set. Sizes keep to the 8-px grid and its halves."""

from nnstudio.studio.colours import Colours, mix


def stylesheet(c: Colours, icons: str) -> str:
    """Rules for every stock widget; a property `kind` picks variants (primary, quiet, heading, dim, mono)."""
    arrow = f"{icons}/chevron-{c.name}.svg"
    check = f"{icons}/check-{c.name}.svg"
    pressed = mix(c.hover, c.text, 0.08)
    return f"""
QMainWindow, QDialog {{ background: {c.window}; }}
QToolTip {{ background: {c.card}; color: {c.text}; border: 1px solid {c.card_border}; padding: 4px 8px; }}

QMenuBar {{ background: {c.window}; color: {c.text}; padding: 0; border: none; }}
QMenuBar::item {{ padding: 6px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {c.hover}; }}
QMenu {{ background: {c.card}; color: {c.text}; border: 1px solid {c.card_border}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 12px; border-radius: 4px; margin: 0; }}
QMenu::item:selected {{ background: {c.selected}; color: {c.text}; }}
QMenu::item:disabled {{ color: {c.faint}; }}
QMenu::icon {{ padding-left: 10px; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: 4px 8px; }}
QMenu::indicator {{ width: 12px; height: 12px; left: 8px; }}

QWidget#topBar {{ background: {c.window}; border-bottom: 1px solid {c.border}; }}
QWidget#timeline {{ background: {c.window}; border-bottom: 1px solid {c.border}; }}
QFrame#bigFormula {{ background: {c.window}; border-top: 1px solid {c.border}; }}
QWidget#sidePanel, QWidget#bottomPanel {{ background: {c.window}; }}
QStatusBar, QWidget#statusLine {{ background: {c.window}; border-top: 1px solid {c.border}; color: {c.dim}; }}
QWidget#statusLine QLabel {{ color: {c.dim}; font-size: 12px; }}
QSplitter::handle {{ background: {c.border}; }}
QSplitter::handle:hover {{ background: {c.focus}; }}

QLabel {{ background: transparent; color: {c.text}; }}
QLabel[kind="heading"] {{ color: {c.dim}; font-size: 11px; font-weight: 600; }}
QLabel[kind="title"] {{ font-size: 16px; font-weight: 600; }}
QLabel[kind="strong"] {{ font-weight: 600; }}
QLabel[kind="dim"] {{ color: {c.dim}; font-size: 12px; }}
QLabel[kind="error"] {{ color: {c.error.text}; font-size: 12px; }}
QLabel[kind="warning"] {{ color: {c.warning.text}; font-size: 12px; }}
QFrame[kind="box"] {{ background: {c.inset}; border: none; border-radius: 6px; }}

QFrame[kind="plot"] {{ background: {c.inset}; border: 1px solid transparent; border-radius: 6px; }}
QFrame[kind="plot"]:focus {{ border-color: {c.focus}; }}
QFrame[kind="float"] {{ background: {c.card}; border: 1px solid {c.card_border}; border-radius: 8px; }}
QFrame[kind="row"] {{ background: transparent; border: 1px solid transparent; border-radius: 6px; }}
QFrame[kind="row"]:hover {{ background: {c.hover}; }}
QFrame[kind="row"][current="true"] {{ background: {c.selected}; }}
QFrame[kind="row"]:focus {{ border-color: {c.focus}; }}

QPushButton, QToolButton {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.outline}; border-radius: 6px;
    padding: 0 12px; min-height: 26px;
}}
QToolButton {{ padding: 0 6px; min-width: 18px; }}
QToolButton[kind="low"] {{ min-height: 20px; }}
QPushButton[tight="true"] {{ padding: 0 2px; }}
QPushButton:hover, QToolButton:hover {{ background: {c.hover}; }}
QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{ background: {pressed}; }}
QToolButton[kind="toggle"]:checked {{ background: {c.selected}; border-color: {c.focus}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {c.focus}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {c.faint}; background: {c.inset}; }}
QPushButton[kind="primary"] {{ background: {c.update.fill}; color: {c.update.on_fill}; font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {mix(c.update.fill, c.text, 0.12)}; }}
QPushButton[kind="primary"]:focus {{ border-color: {c.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {c.inset}; color: {c.faint}; }}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{
    background: transparent; border-color: transparent;
}}
QToolButton[kind="quiet"]:checked {{ background: {pressed}; }}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {{ border-color: {c.focus}; }}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {c.hover}; }}
QPushButton[kind="fix"] {{
    background: transparent; border-color: transparent; color: {c.forward.text}; font-weight: 600;
    min-height: 22px; padding: 0 8px;
}}
QPushButton[kind="fix"]:hover {{ background: {c.hover}; }}
QPushButton[kind="fix"]:focus {{ border-color: {c.focus}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {{
    background: {c.inset}; color: {c.text}; border: 1px solid {c.border}; border-radius: 6px;
    padding: 0 8px; min-height: 26px;
    selection-background-color: {c.forward.fill}; selection-color: {c.forward.on_fill};
}}
QPlainTextEdit, QTextEdit {{ padding: 4px 8px; }}
QTextEdit[kind="prose"] {{ background: transparent; border: none; border-radius: 0; padding: 0; }}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {{ border-color: {mix(c.border, c.dim, 0.5)}; }}
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {{
    border-color: {c.focus};
}}
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] {{ border-color: {c.error.mark}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {c.faint}; }}
QLineEdit[kind="title"] {{
    background: transparent; border-color: transparent; font-size: 16px; font-weight: 600; padding: 0;
    margin-left: -3px;
}}
QLineEdit[kind="title"]:hover {{ border-color: {c.border}; }}
QLineEdit[kind="title"]:focus {{ background: {c.inset}; border-color: {c.focus}; }}
QLineEdit > QToolButton {{
    background: transparent; border: none; padding: 0; margin: 0; min-width: 0; min-height: 0;
}}
QAbstractSpinBox {{ padding: 0 24px 0 7px; }}
QAbstractSpinBox > QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    subcontrol-origin: border; width: 22px; border: none; background: transparent;
}}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin-top: 2px; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin-bottom: 2px; }}
QAbstractSpinBox::up-arrow {{ image: url({icons}/chevron-up-{c.name}.svg); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url({arrow}); width: 10px; height: 10px; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({arrow}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
    background: {c.card}; color: {c.text}; border: 1px solid {c.card_border}; outline: none; padding: 4px;
    selection-background-color: {c.selected}; selection-color: {c.text};
}}
QCheckBox {{ background: transparent; color: {c.text}; spacing: 8px; min-height: 26px; }}
QCheckBox::indicator, QAbstractItemView::indicator {{
    width: 16px; height: 16px; border: 1px solid {mix(c.border, c.dim, 0.6)}; border-radius: 4px;
    background: {c.inset};
}}
QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {c.focus}; }}
QCheckBox:focus {{ color: {c.forward.text}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{
    background: {c.forward.fill}; border-color: {c.forward.fill}; image: url({check});
}}

QRadioButton {{ background: transparent; color: {c.text}; spacing: 8px; min-height: 24px; }}
QRadioButton::indicator {{
    width: 14px; height: 14px; border: 1px solid {mix(c.border, c.dim, 0.6)}; border-radius: 8px;
    background: {c.inset};
}}
QRadioButton:disabled, QCheckBox:disabled {{ color: {c.faint}; }}
QRadioButton::indicator:hover, QRadioButton::indicator:focus {{ border-color: {c.focus}; }}
QRadioButton::indicator:checked {{
    width: 6px; height: 6px; border: 5px solid {c.forward.fill}; background: {c.forward.on_fill};
}}

QSlider::groove:horizontal {{ height: 4px; background: {c.raised}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.forward.mark}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {c.text};
}}
QSlider::handle:horizontal:focus {{ background: {c.focus}; }}
QProgressBar {{
    background: {c.raised}; border: none; border-radius: 3px; max-height: 6px; color: transparent;
}}
QProgressBar::chunk {{ background: {c.update.mark}; border-radius: 3px; }}

QAbstractItemView {{ background: {c.window}; color: {c.text}; border: none; outline: none; }}
QAbstractItemView[kind="inset"] {{ background: {c.inset}; border-radius: 6px; }}
QAbstractItemView[kind="table"] {{ background: {c.inset}; border-radius: 6px; }}
QAbstractItemView[kind="table"]::item {{ padding: 0 5px; min-height: 24px; }}
QAbstractItemView[kind="table"]::item:selected {{ background: {c.selected}; color: {c.text}; }}
QAbstractItemView[kind="history"] {{ padding: 4px 8px; }}
QAbstractItemView[kind="history"]::item {{
    min-height: 28px; padding: 0 8px; border: 1px solid transparent; border-radius: 6px;
}}
QAbstractItemView[kind="history"]::item:hover {{ background: {c.hover}; }}
QAbstractItemView[kind="history"]::item:selected {{ background: {c.selected}; color: {c.text}; }}
QAbstractItemView[kind="history"]::item:selected:focus {{ border-color: {c.focus}; }}
QHeaderView::section {{
    background: {c.window}; color: {c.dim}; border: none; border-bottom: 1px solid {c.border}; padding:
    4px 8px;
    font-size: 11px; font-weight: 600;
}}
QTableView {{
    gridline-color: {c.border}; selection-background-color: {c.selected}; selection-color: {c.text};
}}
QTableCornerButton::section {{ background: {c.window}; border: none; }}
QGraphicsView {{ border: none; background: {c.canvas}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollArea#startPage, QWidget#startBody {{ background: {c.canvas}; }}
QAbstractItemView[kind="clear"] {{ background: transparent; }}

QTabWidget::pane {{ border: none; background: {c.window}; }}
QTabWidget > QWidget, QTabBar {{ background: {c.window}; }}
QTabBar::tab {{
    background: transparent; color: {c.dim}; padding: 0 4px; margin: 4px 8px 4px 8px; min-height: 26px;
    border: none; border-bottom: 2px solid transparent;
}}
QTabBar[kind="small"]::tab {{ font-size: 12px; margin: 2px 12px 2px 0; padding: 0 1px; min-height: 20px; }}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.focus}; }}
QTabBar::tab:focus {{ color: {c.text}; border-bottom-color: {c.text}; }}
QTabBar::scroller {{ width: 44px; }}
QTabBar QToolButton {{ border: none; border-radius: 0; padding: 0; margin: 0; }}
QTabBar QToolButton, QTabBar QToolButton:disabled {{ background: {c.window}; }}

QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {mix(c.border, c.dim, 0.15)}; border-radius: 2px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {c.dim}; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""

"""The guide: where the user stands in a lesson, what was done, what holds, and where to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.lessons import Lesson, Progress, Tour
from nnstudio.lessons.acts import Act, Call, Open, Reset, RunPhase, StepBack, StepOn, StepTo, Train
from nnstudio.lessons.checks import Verdict
from nnstudio.lessons.stage import Run as Recorded
from nnstudio.studio.background import Background
from nnstudio.studio.teaching.performing import Performer, each
from nnstudio.studio.teaching.standing import Page, costly
from nnstudio.studio.teaching.window_stage import WindowStage

if TYPE_CHECKING:
    from nnstudio.project import Project
    from nnstudio.studio.main_window import MainWindow

_SOON = 40  # milliseconds; what is done in quick succession is judged once
_LOOK_EVERY = 15  # milliseconds, while the stage is busy
HARMLESS = ("run_reset", "run_step", "run_step_back", "run_play")
"""Nobody goes astray by these: they are how one gets anywhere."""

Survey = tuple[str, list[Verdict], str]


class Guide(QObject):
    """One lesson in one window. It has no widgets: the panel shows it, and Show me, Next and Back call it."""

    changed = Signal()  # the page that is shown stands otherwise
    turned = Signal()  # another page is shown, or another lesson, or none
    said = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.stage = WindowStage(window)
        self.performer = Performer(self.stage, self)
        self.tour: Tour | None = None
        self.pages: list[Page] = []
        self.shown = 0
        """The page that is looked at; those before the last one are done."""
        self._until = 0  # steps that are done again, when a lesson is resumed
        self._background = Background(self)
        self._token = 0
        self._asked: Callable[[], None] | None = None
        self._soon, self._wait = QTimer(self), QTimer(self)
        for timer, interval, turn in (
            (self._soon, _SOON, self._judge),
            (self._wait, _LOOK_EVERY, self._look),
        ):
            timer.setSingleShot(True)
            timer.setInterval(interval)
            timer.timeout.connect(turn)
        self.stage.changed.connect(self._stage_changed)
        self.stage.recorder.recorded.connect(self._record)
        self.stage.training.progressed.connect(self.changed)
        self.performer.failed.connect(self._fail)
        window.document.replaced.connect(self._other_project)
        for name, action in window.actions_by_id.items():
            if name.startswith(("run_", "torch7_", "one_", "next_samples")):
                action.triggered.connect(lambda _checked=False, name=name: self._pressed(name))

    # -- where one stands

    @property
    def lesson(self) -> Lesson | None:
        return None if self.tour is None else self.tour.lesson

    @property
    def page(self) -> Page | None:
        """The page that is looked at; None while there is none yet."""
        return self.pages[self.shown] if self.pages else None

    @property
    def live(self) -> bool:
        """Whether the page that is looked at is the one that is being done."""
        return bool(self.pages) and self.shown == len(self.pages) - 1 and not self.arriving

    @property
    def arriving(self) -> bool:
        """Whether the project is being opened, or steps are done again up to where the lesson was left."""
        return self.tour is not None and (not self.pages or len(self.pages) <= self._until)

    @property
    def can_go_on(self) -> bool:
        page = self.page
        return page is not None and not self.arriving and not self.performer.running and page.may_go_on

    @property
    def ended(self) -> bool:
        """Whether the last step is done."""
        return self.tour is not None and self.live and self.tour.last and self.pages[-1].done

    # -- beginning and leaving

    def begin(self, lesson: Lesson, again: bool = False) -> bool:
        """Open a lesson where it was left, `again` from its first step; False where its project cannot be."""
        self._stop()
        tour = Tour(lesson, self.stage)
        kept = self._window.preferences.lesson_progress(lesson.digest)
        progress = Progress(0 if again or kept["done"] else kept["step"], lesson.digest)
        self.tour = None
        try:
            tour.begin()
        except Error as problem:
            self.stage.close()
            self.turned.emit()
            self._window.complain("The lesson could not be opened.", str(problem))
            return False
        self.tour = tour
        self._until = progress.step if tour.fits(progress) else 0
        self.turned.emit()
        self._survey(self._begun, look=False)
        return True

    def leave(self) -> None:
        """Go away from the lesson; where one stood is kept."""
        if self.tour is None:
            return
        self._stop()
        self.stage.close()
        self.tour = None
        self.turned.emit()

    def _stop(self) -> None:
        self.performer.stop()
        self._soon.stop()
        self._forget_survey()
        self.pages, self.shown, self._until = [], 0, 0

    def _other_project(self) -> None:
        if self.tour is not None and not self.stage.mine:
            self.leave()
            self.said.emit("The lesson was left: another project is open. Help > Lessons goes on with it.")

    def _keep(self) -> None:
        tour = self.tour
        if tour is None or self.arriving:
            return
        kept = self._window.preferences.lesson_progress(tour.lesson.digest)
        self._window.preferences.keep_lesson_progress(
            tour.lesson.digest,
            step=tour.index,
            of=len(tour.lesson.steps),
            done=bool(kept["done"]) or self.ended,
        )

    # -- from step to step

    def _begun(self) -> None:
        assert self.tour is not None
        self.tour.begun()
        self._enter()

    def _enter(self) -> None:
        """The tour has entered a step: its page is made, with the values of now."""
        tour = self.tour
        assert tour is not None
        page = Page(tour.index, tour.step)
        self.pages.append(page)
        self.shown = len(self.pages) - 1
        if not self.arriving:
            self._keep()
        self.turned.emit()
        self._survey(self._entered)

    def _entered(self) -> None:
        tour = self.tour
        assert tour is not None
        page = self.pages[-1]
        # What is in another project is not missed before that one is open.
        if not any(isinstance(act, Open) for act in page.step.acts):
            page.missing = tuple(f"{sentence[:1].upper()}{sentence[1:]}." for _, sentence in tour.missing())
        if not self.arriving:
            self.turned.emit()
            return
        page.acted = True
        self.performer.perform(
            page.step.acts, tour.lesson.path.name, False, lambda: self._survey(self._again)
        )

    def _again(self) -> None:
        """A step of before has been done again."""
        assert self.tour is not None
        self.pages[-1].done = True
        self.tour.go_on()
        self._enter()

    def next(self) -> None:
        """Look at the page behind, or enter the next step where this one is done."""
        if not self.can_go_on or self.tour is None:
            return
        if self.shown < len(self.pages) - 1:
            self.shown += 1
            self.turned.emit()
        elif not self.tour.last:
            self._forget_survey()
            self.tour.go_on()
            self._enter()

    def back(self) -> None:
        """Look at the page before; nothing that was done is undone."""
        if self.shown > 0 and not self.arriving:
            self.shown -= 1
            self.turned.emit()

    def show_me(self, *acts: Act) -> None:
        """Do what the step asks for, or of that some acts alone."""
        page = self.page
        if page is None or not self.live or self.performer.running or self.tour is None:
            return
        page.acted, page.problem, page.astray = True, "", False
        wanted = acts or page.step.acts
        slowly = not self._window.preferences.reduced_motion

        def done() -> None:
            page.shown_how = page.shown_how or not acts
            self._judge()
            self.changed.emit()

        self.performer.perform(wanted, self.tour.lesson.path.name, slowly, done)
        self.changed.emit()

    def cancel(self) -> None:
        """Give up what is being trained or shown."""
        self.performer.stop()
        self.stage.cancel()
        self._soon.start()
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        if self.pages:
            page = self.pages[-1]
            page.problem, page.shown_how = sentence, True
            if self.arriving:
                self._until = len(self.pages) - 1  # one goes on from here
                self.turned.emit()
        self.changed.emit()

    # -- judging

    def _pressed(self, action: str) -> None:
        """The user has used one of the window's buttons."""
        if not self.live or self.performer.running:
            return
        page = self.pages[-1]
        page.acted, page.problem = True, ""
        asked = set(HARMLESS) | {name for act in each(page.step.acts[:40]) for name in asked_by(act)}
        page.astray = bool(page.step.acts) and action not in asked
        self._soon.start()

    def _stage_changed(self) -> None:
        self._token += 1
        if self.live and not self.pages[-1].done:
            if not self.performer.running and self.pages[-1].text is not None and not self.stage.busy:
                self.pages[-1].acted = True
            if not self._soon.isActive():
                self._soon.start()

    def _judge(self) -> None:
        if self.live and not self.pages[-1].done:
            self._survey(self._judged)

    def _judged(self) -> None:
        page = self.pages[-1]
        if page.done:
            page.astray = False
            self._keep()
        self.changed.emit()

    def _survey(self, then: Callable[[], None], look: bool = True, later: bool = False) -> None:
        """Look at the stage once it is quiet, and call `then`."""

        def quiet() -> None:
            if not look:
                then()
            else:
                self._look_now(then)

        self._asked = quiet
        if later:
            self._wait.start()
        else:
            self._look()

    def _forget_survey(self) -> None:
        self._asked = None
        self._wait.stop()
        self._background.forget()

    def _look(self) -> None:
        if self._asked is None or self.tour is None:
            return
        if self.stage.busy:
            self._wait.start()
            return
        asked, self._asked = self._asked, None
        asked()

    def _look_now(self, then: Callable[[], None]) -> None:
        tour = self.tour
        assert tour is not None
        token, page = self._token, self.pages[-1]
        passing = self.performer.running  # what holds now need not hold when all has been done

        def survey() -> Survey:
            text, verdicts = tour.text, tour.verdicts()
            holds = all(each.holds for each in verdicts) and not passing
            return text, verdicts, tour.after if holds else ""

        def arrived(found: Survey | None, error: Error | None) -> None:
            if self.tour is not tour or not self.pages or self.pages[-1] is not page:
                return
            if token != self._token:
                self._survey(then, later=True)  # things have changed meanwhile
                return
            if found is None:
                page.problem = str(error)
            else:
                page.text, verdicts, after = found
                page.judge(verdicts, passing)
                page.after = after
            then()

        if costly(page.step):
            self._background.run(survey, arrived)
        else:
            arrived(survey(), None)

    def _record(self, run: Recorded, before: Project) -> None:
        """The user has trained by hand: a curve that the step asks for is kept under its name."""
        if not self.live:
            return
        asked = [act for act in each(self.pages[-1].step.acts[:40]) if isinstance(act, Train) and act.name]
        known = {each.name for each in self.stage.own.runs.values()}
        if asked:
            # A run that went otherwise than asked is followed by another try under the same name.
            act = next((act for act in asked if act.name not in known), asked[-1])
            self.stage.record_again(act.name, run, before)
        self._soon.start()


def asked_by(act: Act) -> tuple[str, ...]:
    """The window's actions that do what an act asks for."""
    if isinstance(act, RunPhase):
        return (f"run_{act.phase}",)
    if isinstance(act, Call):
        return (f"torch7_{act.function}",)
    if isinstance(act, Reset):
        return ("run_reset",)
    if isinstance(act, StepOn | StepTo):
        return ("run_step", "run_play")
    if isinstance(act, StepBack):
        return ("run_step_back",)
    return ()

"""Every error that is meant for a person: one sentence saying what is wrong, where, and what to do."""


class Error(Exception):
    """What the studio, the command line and the Python face show as it stands; never a traceback."""


class GraphError(Error):
    """The drawn graph, one of its settings or an edit to it is wrong."""


class ProgramError(Error):
    """The compiled program was asked for something it cannot do."""


class DataError(Error):
    """A dataset or a data file cannot be used."""


class TrainingError(Error):
    """A run cannot start or continue."""


class ProjectError(Error):
    """A project file cannot be read or written."""


class ExchangeError(Error):
    """A model cannot be written to or read from another format."""


class ExplainError(Error):
    """There is no explanation of what was asked for."""


class LessonError(Error):
    """A lesson file cannot be read, or what it asks for cannot be done; names the file and the line."""

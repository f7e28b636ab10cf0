"""How large data may be, so that a wrong number or a hostile file gets a sentence and not all the memory."""

MAX_SAMPLES = 10_000_000  # made by a synthetic set
MAX_MADE = 50_000_000  # numbers in a synthetic set, which takes four times that while it is made
MAX_NUMBERS = 200_000_000  # in one table or array: 1.6 GB as float64
MAX_FILE_BYTES = 2 << 30  # on disk, and unpacked
MAX_PICTURES = 1_000_000  # in the folders of one folder
MAX_COLUMNS = 100_000  # of a table
MAX_CLASSES = 10_000  # of a target that is read as classes
MAX_CATEGORIES = 1_000  # of a column of texts among the inputs, which become an input each
FEW_VALUES = 32  # so many different values, each seen at least twice, are taken for classes

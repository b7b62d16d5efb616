"""Tell on the terminal where the report lies and what the key numbers are: ``python -m kcalseq.report results``."""

import sys
from pathlib import Path

from kcalseq.errors import KcalseqError
from kcalseq.report.summary import format_summary
from kcalseq.tablefile import read_table


def main(results: Path) -> str:
    """The summary of a finished run as text.

    Args:
        results: folder of the results.

    Raises:
        KcalseqError: the folder holds no summary.
    """
    return f"\n{format_summary(read_table('summary', results / 'summary.tsv'))}\n\nReport: {results / 'report.html'}"


if __name__ == "__main__":
    try:
        print(main(Path(sys.argv[1])))
    except KcalseqError as error:
        sys.exit(str(error))

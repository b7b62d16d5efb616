"""The check of a layout as lines of text."""

import textwrap

import pandas as pd


def format_findings(findings: pd.DataFrame, width: int = 100) -> str:
    """Write the findings of one run as aligned text, the advice below what it belongs to.

    Args:
        findings: table ``layout_check`` of one run.
        width: letters of a line.
    """
    rows = findings.astype(object).where(findings.notna(), None).to_dict("records")
    lines = [f"Run {rows[0]['run']}, first {rows[0]['n_reads']:,} reads"]
    for row in rows[1:]:
        what = row["quantity"] if row["part"] is None else f"{row['part']}: {row['quantity']}"
        lines.append(f"  {_share(row['fraction'], row['n_reads']):>7}  {what}")
        if row["advice"] is not None:
            lines += textwrap.wrap(row["advice"], width, initial_indent=" " * 11 + "-> ", subsequent_indent=" " * 14)
    return "\n".join(lines) + "\n"


def _share(fraction: float, n_reads: int) -> str:
    return "< 0.1 %" if n_reads and fraction < 0.001 else f"{100 * fraction:.1f} %"

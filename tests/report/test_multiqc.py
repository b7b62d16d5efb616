"""What MultiQC is given: every number that there is, and limits on the right side."""

import json
from typing import Any

from kcalseq.report.multiqc import multiqc_content


def test_numbers_and_limits(run: Any) -> None:
    found = multiqc_content(run.quality)
    assert found["data"] == {
        "lac, run_1": {"reads_kept_fraction": 0.97},
        "lac, M9, replicate 1": {"smallest_bin_share": 0.04},
    }
    rules = found["headers"]["reads_kept_fraction"]["cond_formatting_rules"]
    assert rules == {"pass": [{"gt": 0.9}, {"eq": 0.9}], "warn": [{"lt": 0.9}], "fail": [{"lt": 0.5}]}
    assert list(found["headers"]) == ["reads_kept_fraction", "smallest_bin_share"]
    assert "NaN" not in json.dumps(found)


def test_more_is_worse_where_bad_lies_above(run: Any) -> None:
    own = run.quality.assign(caution=0.1, bad=0.3)
    rules = multiqc_content(own)["headers"]["smallest_bin_share"]["cond_formatting_rules"]
    assert rules["pass"][0] == {"lt": 0.1} and rules["fail"] == [{"gt": 0.3}]


def test_names_are_no_markup(run: Any) -> None:
    found = multiqc_content(run.quality.assign(subject="<script>alert(1)</script>"))
    assert list(found["data"]) == ["lac, &lt;script&gt;alert(1)&lt;/script&gt;"]

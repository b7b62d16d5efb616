"""Tables of the floor figures."""

from types import MappingProxyType

from kcalseq.columns import Column, Table

MARKS = MappingProxyType(
    {
        "point": "one point at x, y",
        "line": "one corner of a line, in drawing order",
        "bar": "a bar about x from y to y_end, or about y from x to x_end",
        "interval": "a stroke from x, y to x_end, y_end",
        "letter": "a letter of a logo about x from y to y_end",
        "cell": "a cell of a map about x, y, coloured by value",
        "area": "one corner of a filled outline, in drawing order",
        "span": "a stretch of the x axis from x to x_end, shaded over the whole height",
        "rule": "a straight line across the panel, at x or at y",
    }
)

TABLES = (
    Table(
        "figure_source",
        "figures",
        "The numbers drawn in one figure, beside it under the same name: read off the figure itself, so that it can "
        "be drawn anew from them.",
        ("panel", "number"),
        (
            Column("panel", "int64", "number of the panel, in reading order, from 1"),
            Column("number", "int64", "number of the row within the panel, in drawing order, from 0"),
            Column("title", "string", "title of the panel", nullable=True),
            Column("x_axis", "string", "what x shows, with its unit", nullable=True),
            Column("y_axis", "string", "what y shows, with its unit", nullable=True),
            Column("value_axis", "string", "what the colours of cells show, with its unit", nullable=True),
            Column("mark", "string", "how the row is drawn", values=MARKS),
            Column("series", "string", "name in the legend of what is drawn in one go", nullable=True),
            Column(
                "item", "string", "name of the one thing shown: a variant, a sample, a base, a reason", nullable=True
            ),
            Column("x", "float64", "place along the x axis", "as x_axis", nullable=True),
            Column("y", "float64", "place along the y axis", "as y_axis", nullable=True),
            Column("x_end", "float64", "other end along the x axis", "as x_axis", nullable=True),
            Column("y_end", "float64", "other end along the y axis", "as y_axis", nullable=True),
            Column("value", "float64", "what the colour of a cell shows", "as value_axis", nullable=True),
        ),
    ),
)

#!/usr/bin/python3
"""A sweep in pandas: prints its Pareto front, and draws all points by time, energy and area.

usage: explore_sweep.py DATABASE PICTURE [CONDITION]
DATABASE is the sweep.sqlite of docs/tutorial.md; for a sweep with other axes or objectives change the lines below the imports.
CONDITION is one of pandas.DataFrame.query, such as "window == 2": the front is that of the points for which it is true.
Needs python3-pandas and python3-matplotlib. In a notebook each function is a cell.
"""
import contextlib
import sqlite3
import sys

import matplotlib

matplotlib.use("Agg")  # to a file; a notebook goes without this line
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import LogLocator, NullLocator  # noqa: E402
import pandas as pd  # noqa: E402

COLOUR_BY = "memory"
# What the database has in ns, pJ and mm², as people speak of it.
SHOWN = {"time_ns": ("time, ms", 1e-6), "energy_pj": ("energy, mJ", 1e-9), "area_mm2": ("area, mm²", 1)}
COLOURS = ["#2f78c0", "#e0761c", "#2e7d3c", "#8d57b8", "#c0453f", "#6b7a99", "#0f7f86"]


def read(path):
    """The points that are ok, the names of the axes, and the objectives with what is best of them."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        points = pd.read_sql("SELECT * FROM points WHERE status = 'ok' ORDER BY point", database, index_col="point")
        axes = pd.read_sql("SELECT name FROM axes ORDER BY axis", database)["name"].tolist()
        objectives = pd.read_sql("SELECT metric, best FROM objectives ORDER BY objective", database, index_col="metric")["best"]
    return points, axes, objectives


def front(points, objectives):
    """The points that no other one is as good as in all objectives and better in one, by the first objective."""
    costs = points[objectives.index] * objectives.map({"least": 1, "most": -1})
    best = [not ((costs <= cost).all(axis=1) & (costs < cost).any(axis=1)).any() for _, cost in costs.iterrows()]
    return points[best].sort_values(objectives.index[0])


def print_front(best, axes):
    table = best[axes].join(pd.DataFrame({title: best[metric] * scale for metric, (title, scale) in SHOWN.items()}))
    print(table.to_string(float_format=lambda value: f"{value:.4g}"))


def draw(points, best, axes, title, picture):
    """Time by area, and time by energy; the best ones large, with the values of the other axes beside them."""
    others = [axis for axis in axes if axis != COLOUR_BY and points[axis].nunique() > 1]
    figure, plots = plt.subplots(1, 2, figsize=(11, 4.6), sharex=True, constrained_layout=True)
    for plot, metric in zip(plots, ["area_mm2", "energy_pj"]):
        for (value, group), colour in zip(points.groupby(COLOUR_BY, sort=False), COLOURS):
            for those, look in (group, {"s": 14, "alpha": 0.45, "linewidths": 0}), (best[best[COLOUR_BY] == value], {"s": 60, "edgecolors": "black"}):
                plot.scatter(shown(those, "time_ns"), shown(those, metric), color=colour, **look)
            plot.scatter([], [], color=colour, label=value)
        plot.set(xscale="log", yscale="log", xlabel=SHOWN["time_ns"][0], ylabel=SHOWN[metric][0])
        for axis, steps in (plot.xaxis, (1, 2, 5)), (plot.yaxis, (1, 1.5, 2, 3, 5, 7)):
            axis.set(major_locator=LogLocator(subs=steps), minor_locator=NullLocator(), major_formatter="{x:g}")
        plot.grid(color="#dddddd", linewidth=0.6)
        plot.set_axisbelow(True)
    for number, row in best.iterrows():
        plots[0].annotate(" · ".join(str(row[axis]) for axis in others), (shown(best, "time_ns")[number], shown(best, "area_mm2")[number]),
                          xytext=(7, 3), textcoords="offset points", fontsize=8,
                          bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.5})
    plots[1].legend(title=COLOUR_BY, frameon=False)
    figure.suptitle(f"{len(points)} designs; ringed: {title}, with {' · '.join(others)} beside them", fontsize=11)
    figure.savefig(picture, dpi=110, facecolor="white")


def shown(points, metric):
    return points[metric] * SHOWN[metric][1]


def main():
    if not 3 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    database, picture, *condition = sys.argv[1:]
    points, axes, objectives = read(database)
    best = front(points.query(condition[0]) if condition else points, objectives)
    print_front(best, axes)
    draw(points, best, axes, f"the front where {condition[0]}" if condition else "the front", picture)


if __name__ == "__main__":
    main()

"""What the worker does for publication."""

from datetime import time

from dudao.disclosure import services
from dudao.jobs.registry import Result, Run, daily, kind


@kind("disclosure.package", "制作公开材料包", needs="publish.prepare")
def make_package(run: Run) -> Result:
    return dict(services.make_package(run=run))


@daily(time(2, 50), "disclosure.reckon", "按新的放假安排计算应公开日期")
def reckon_again(run: Run) -> Result:
    return {"改动": services.reckon_again(by=run.by, now=run.now)}

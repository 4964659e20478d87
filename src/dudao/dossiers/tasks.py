"""What the worker does for dossiers."""

from dudao.dossiers import services
from dudao.dossiers.services.exporting import KIND
from dudao.jobs.registry import Result, Run, kind


@kind(KIND, "制作材料包", needs="dossier.manage")
def make_export(run: Run) -> Result:
    return dict(services.make_export(run=run))

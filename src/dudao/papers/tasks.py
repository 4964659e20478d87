"""What the worker does for papers: it turns issued files into PDF, one after another, away from the pages."""

import io

from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.jobs.registry import Result, Run, kind
from dudao.papers import queries, services
from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import pdf


@kind("papers.pdf", "公文转成 PDF", attempts=2)
def make_pdf(run: Run) -> Result:
    """The PDF of an issued file, for those who asked for it."""
    paper = queries.papers_visible_to(run.by).filter(pk=run.payload["paper"]).first()
    if paper is None or paper.file is None:
        raise Refused("没有这件公文，或者它没有印发文件。", code="papers.gone")
    if paper.pdf is None:
        file = StoredFile.objects.get(pk=paper.file)
        try:
            made = pdf.from_docx(b"".join(files.content(file)))
        except EngineInputError as error:
            raise Refused(error.message, code=error.code) from error
        name = f"{file.name.rpartition('.')[0]}.pdf"
        received = files.receive(io.BytesIO(made), name=name, sensitive=paper.is_restricted)
        services.keep_pdf(paper=paper, received=received, by=run.by, now=run.now)
    return {"paper": str(paper.pk)}

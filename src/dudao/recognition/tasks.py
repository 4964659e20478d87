"""What the worker does: it freezes results, and puts together what is handed up."""

from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.jobs.registry import Result, Run, kind
from dudao.recognition import packing, queries, reporting, services
from dudao.shell.errors import Refused


@kind("recognition.snapshot", "制作数据快照", needs="report.manage", attempts=2)
def make_snapshot(run: Run) -> Result:
    row = services.keep_snapshot(standard=run.payload["standard"], period=run.payload["period"], by=run.by, now=run.now)
    return {"snapshot": str(row.pk), "摘要": row.sha256[:12], "结论": row.adopted}


@kind("recognition.package", "制作上报材料包", needs="report.manage", attempts=2)
def make_package(run: Run) -> Result:
    row = queries.sendings_visible_to(run.by).filter(pk=run.payload["sending"]).first()
    if row is None:
        raise Refused("没有这次上报。", code="recognition.gone")
    report = row.report
    if row.package is None:
        found = reporting.rendered(report.kind, report.snapshot, report.words)
        if report.paper.file is None:
            raise Refused("报告还没有印发文件。", code="recognition.gone")
        paper = StoredFile.objects.get(pk=report.paper.file)
        frozen = StoredFile.objects.get(pk=report.snapshot.file)
        parts = {
            f"01 {paper.name}": b"".join(files.content(paper)),
            "02 国家申报表和附表.xlsx": packing.workbook(found),
            "03 数据快照.zip": b"".join(files.content(frozen)),
        }
        facts = {
            "文号": report.paper.number,
            "接收单位": row.receiver,
            "报送日期": row.sent_on.isoformat(),
            "快照 SHA-256": report.snapshot.sha256,
            "快照 SM3": report.snapshot.sm3,
            "核验": "dudao indicators verify 快照文件 --sha256 摘要",
        }
        data = packing.package(parts, title=report.title, facts=facts)
        name = f"{report.title[:40]}上报材料包.zip"
        row = services.keep_package(sending=row, data=data, name=name, by=run.by, now=run.now)
    return {"sending": str(row.pk)}

"""A report over a stored snapshot: rendered, and as the words and tables of its paper."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from django.conf import settings

from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.papers import services as papers
from dudao.recognition import library
from dudao.recognition.models import Report, Snapshot
from dudao_engines.papers.annexes import Annex, Bars, Head, Sheet, Words
from dudao_engines.standards import reports, snapshots
from dudao_engines.standards.compute import Usable
from dudao_engines.standards.reports import Basis, Column, Grid, Rendered, Text, words_of
from dudao_engines.standards.snapshots import ADOPTED

#: What drafts say on every page.
DRAFT = "征求意见稿"
_MOST_BARS = 40


@lru_cache(maxsize=8)
def opened(file: UUID) -> snapshots.Snapshot:
    """A snapshot from its stored file, its digests compared; a stored file never changes."""
    row = StoredFile.objects.get(pk=file)
    return snapshots.read(b"".join(files.content(row)))


def rendered(kind: str, snapshot: Snapshot, words: Mapping[str, str]) -> Rendered:
    """What a kind of report says over a snapshot, with what people wrote."""
    return _rendered(kind, snapshot.file, tuple(sorted(words.items())))


@lru_cache(maxsize=16)
def _rendered(kind: str, file: UUID, words: tuple[tuple[str, str], ...]) -> Rendered:
    made = opened(file)
    evaluator = made.evaluator(ADOPTED)
    forms = made.forms
    every = [field for form in forms.values() for field in form.fields]
    return reports.render(
        library.kinds()[kind],
        Basis(
            evaluator,
            Usable(evaluator.bound, evaluator.settings),
            made.dataset(ADOPTED),
            facts={
                "county": made.facts["name"],
                "year": made.facts["year"],
                "period": made.facts["period"],
                "office": str(settings.OFFICE),
            },
            sources=sources(made),
            decimals={field.code: field.decimals for field in every},
            codes={field.code: dict(zip(field.choices, field.codes, strict=False)) for field in every if field.codes},
            digest=made.sha256,
            free=dict(words),
        ),
    )


def sources(made: snapshots.Snapshot) -> list[str]:
    """Where the numbers come from and how anybody checks them."""
    standard, given = made.standard, made.settings
    decided = len(given.parameters) + len(given.limits) + len(given.variants) + len(given.concessions)
    return [
        f"本报告的数和结论全部出自一份数据快照，按采用值计算，制作于{made.facts['made_at']}，由督导{made.content['engine']}版计算。",
        f"快照 SHA-256 摘要：{_grouped(made.sha256)}",
        f"快照 SM3 摘要：{_grouped(made.sm3)}",
        f"标准：{standard.name}（{standard.doc_no}），标准文件第{standard.version}版，指纹{made.content['standard_fingerprint'][:16]}。{standard.status}。",
        f"县定参数、限值、口径和放宽{decided}项，已与原文核对的条目{len(given.checked)}项；没有核对的条目只作试算，不作正式结论。",
        "核验方法：取得快照文件后运行 dudao indicators verify 快照文件 --sha256 加上述摘要（去掉空格），程序重新计算全部数和结论，有一处不同即指出。",
    ]


def _grouped(digest: str) -> str:
    """A digest in groups, so that lines can break in it."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


# As a paper


def made_words(found: Rendered, mark: str) -> papers.Made:
    """The words, tables and charts of the report's paper."""
    lines = [one.words for one in found.body if isinstance(one, Text)]
    annexes = tuple(_annex(one.title, one.landscape, one.blocks) for one in found.annexes)
    return papers.Made("\n".join(lines), annexes, mark)


def _annex(title: str, landscape: bool, blocks: Sequence[reports.Block]) -> Annex:
    made: list[Words | Sheet | Bars] = []
    for block in blocks:
        if isinstance(block, Text):
            made.append(Words(text=block.words))
        elif isinstance(block, Grid):
            made += _sheets(block)
        else:
            made += _charts(block)
    if len(made) == 1 and isinstance(made[0], Sheet):
        # The annex is the table: its title stands over it already.
        made = [made[0].model_copy(update={"title": ""})]
    return Annex(title=title, landscape=landscape, blocks=tuple(made))


def _charts(block: reports.Bars) -> list[Words | Sheet | Bars]:
    """A chart, or several of about the same length where there are more bars than a page shows."""
    count = max(1, -(-len(block.bars) // _MOST_BARS))
    size = -(-len(block.bars) // count)
    found: list[Words | Sheet | Bars] = []
    for at in range(count):
        part = block.bars[at * size : (at + 1) * size]
        found.append(
            Bars(
                title=f"{block.title}（{at + 1}/{count}）" if count > 1 else block.title,
                unit=block.unit,
                names=tuple(name for name, _ in part),
                numbers=tuple(figure.shown.rstrip("*") for _, figure in part),
                limit=block.limit,
            )
        )
    return found


def _sheets(grid: Grid) -> list[Sheet]:
    """A table as one sheet, or as several one below the other where it is wider than a page."""
    size = grid.wrap or len(grid.columns)
    sheets = []
    for start in range(0, len(grid.columns), size):
        columns = grid.columns[start : start + size]
        rows = tuple(
            tuple(words_of(cell) for cell in (row if len(row) == 1 < len(grid.columns) else row[start : start + size]))
            for row in grid.rows
        )
        last = start + size >= len(grid.columns)
        sheets.append(
            Sheet(
                title=grid.title if not start else f"{grid.title}（续）",
                above=tuple(one.words for one in grid.above) if not start else (),
                heads=heads(columns),
                widths=tuple(one.width or 5 for one in columns),
                rows=rows,
                note=grid.note if last else "",
            )
        )
    return sheets


def heads(columns: Sequence[Column]) -> tuple[tuple[Head, ...], ...]:
    """The rows of a head: groups over their columns where there are any, names, and the form's numbers of columns."""
    numbers = (tuple(Head(words=one.mark) for one in columns),) if any(one.mark for one in columns) else ()
    if not any(one.group for one in columns):
        return (tuple(Head(words=one.name) for one in columns), *numbers)
    top: list[Head] = []
    below: list[Head] = []
    for group, found in groupby(columns, key=lambda one: one.group):
        inside = list(found)
        if group:
            top.append(Head(words=group, across=len(inside)))
            below += [Head(words=one.name) for one in inside]
        else:
            top += [Head(words=one.name, down=2) for one in inside]
    return (tuple(top), tuple(below), *numbers)


def mark_of(report: Report) -> str:
    """What stands on every page: that it is a draft, or that it is printed over a warning, by whose consent and why."""
    said = over_words(report)
    if report.state == Report.State.DRAFT:
        return f"{DRAFT}　{said}".strip()
    return said


def over_words(report: Report) -> str:
    if not report.over_reason:
        return ""
    return f"数据未锁定或已变化，经{report.over_name}同意印发，理由：{report.over_reason}"


def loose_numbers(found: Rendered) -> list[str]:
    """Numbers that people typed in their own paragraphs and that are no number of the report: they are bound to nothing."""
    known = {figure.shown.rstrip("*").removesuffix("（试算）") for figure in found.figures}
    typed = [one.words for one in found.body if isinstance(one, Text) and one.free]
    loose = [number for words in typed for number in numbers_in(words) if number not in known]
    return list(dict.fromkeys(loose))


def numbers_in(words: str) -> list[str]:
    """Numbers in a text, without those of days, years and ordinals."""
    found, at = [], 0
    while at < len(words):
        if not words[at].isdigit():
            at += 1
            continue
        end = at
        while end < len(words) and (words[end].isdigit() or (words[end] == "." and words[end + 1 : end + 2].isdigit())):
            end += 1
        after = words[end : end + 1]
        before = words[at - 1 : at]
        if after not in tuple("年月日号、.．）)") and before not in tuple("第（("):
            found.append(words[at:end])
        at = end
    return found

"""Reading publications. Each query takes the reader first; ``public_…`` is what anybody may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.accounts.models import Person
from dudao.accounts.posts import posts
from dudao.disclosure import library
from dudao.disclosure.models import Attachment, Edition, Package, Publication, Review, Setting, Trace, Wording
from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.inspections import queries as inspections
from dudao.jobs import queries as jobs
from dudao.jobs.models import Job
from dudao.papers import queries as papers
from dudao.papers.models import Paper
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.calendars import holidays
from dudao_engines.disclosure_control.model import Kind
from dudao_engines.kernel.deadlines import Due, due

CAPABILITIES = frozenset({"publish.prepare", "publish.review", "publish.secrecy"})


def publications_visible_to(actor: Actor) -> QuerySet[Publication]:
    """All of the county for those who publish in it; nobody else sees what is being prepared. A restricted paper's
    publication is seen by those who may read the paper."""
    rows = Publication.objects.filter(county=actor.county)
    if actor.person is None and actor.sees_county:
        return rows
    if not actor.sees_county or not CAPABILITIES & actor.may:
        return rows.none()
    readable = papers.papers_visible_to(actor).filter(pk=OuterRef("paper"))
    return rows.filter(Q(paper__isnull=True) | Q(paper__is_restricted=False) | Exists(readable))


def editions_visible_to(actor: Actor) -> QuerySet[Edition]:
    return Edition.objects.filter(publication__in=publications_visible_to(actor)).select_related("publication__paper")


def _later_published() -> QuerySet[Edition]:
    return Edition.objects.filter(
        publication=OuterRef("publication"), no__gt=OuterRef("no"), state=Edition.State.PUBLISHED
    )


def newest(rows: QuerySet[Edition]) -> QuerySet[Edition]:
    """Of each publication the last edition."""
    later = Edition.objects.filter(publication=OuterRef("publication"), no__gt=OuterRef("no"))
    return rows.filter(~Exists(later))


def editions(actor: Actor) -> QuerySet[Edition]:
    """The list: every edition that is or was under way, with ``is_open`` (something found of people is not decided) and
    ``is_superseded`` (a later edition is published)."""
    open_ = Trace.objects.filter(edition=OuterRef("pk"), wording_no=OuterRef("wording_no"), state=Trace.State.OPEN)
    return editions_visible_to(actor).annotate(is_open=Exists(open_), is_superseded=Exists(_later_published()))


def catalogue(actor: Actor) -> QuerySet[Edition]:
    """政府信息公开目录: what stands published, the latest edition of each."""
    return editions_visible_to(actor).filter(~Exists(_later_published()), state=Edition.State.PUBLISHED)


def years(actor: Actor) -> list[int]:
    """Years in which something was published, the newest first."""
    days = editions_visible_to(actor).filter(published_on__isnull=False).order_by()
    return sorted(days.values_list("published_on__year", flat=True).distinct(), reverse=True)


def on_desk(actor: Actor) -> QuerySet[Edition]:
    """What waits for this hat: for a review that it may make, for the office to go on, the first due first."""
    mine = Q()
    if actor.can("publish.review"):
        mine |= Q(state=Edition.State.REVIEW)
    if actor.can("publish.secrecy"):
        wrote = Wording.objects.filter(
            Q(written_by__in=actor.hands) | Q(written_for__in=actor.hands), edition=OuterRef("pk")
        )
        mine |= Q(~Exists(wrote), state=Edition.State.SECRECY)
    if actor.can("publish.prepare"):
        mine |= Q(state__in=(Edition.State.DRAFT, Edition.State.CHECK, Edition.State.READY))
    rows = editions_visible_to(actor)
    return rows.filter(mine).order_by("due_on", "pk") if mine else rows.none()


def setting_of(county: str) -> Setting:
    """The county's settings, not saved where it has none yet."""
    found = Setting.objects.filter(county=county).first()
    index = library.rules().index
    return found or Setting(county=county, index_template=index.template, index_digits=index.digits, version=0)


def limit_from(formed_on: date) -> Due:
    """The last day of the limit for what was formed on a day (政府信息公开条例 26)."""
    limit = library.rules().limit
    return due(formed_on, limit.amount, limit.unit, holidays())


@dataclass(frozen=True, slots=True)
class Waiting:
    """An issued paper that is to be published and is not prepared yet."""

    paper: Paper
    due: Due
    clause: str
    is_unchecked: bool


def waiting(actor: Actor) -> list[Waiting]:
    """Issued papers of the kinds that are to be published and that nobody has taken up; the first due first."""
    rules = {one.kind: one for one in library.rules().papers}
    rows = list(_not_taken_up(actor, list(rules)).filter(is_restricted=False).order_by("issued_on", "pk")[:500])
    # Published, or kept back for a reason, before this page was used: it is said at the inspection.
    keys = [paper.subject_key for paper in rows if paper.subject_type == inspections.LABEL]
    settled = inspections.with_settled_report(actor, keys)
    found = []
    for paper in rows:
        if paper.subject_type == inspections.LABEL and paper.subject_key in settled:
            continue
        assert paper.issued_on is not None, "an issued paper has its day"
        rule = rules[paper.kind]
        found.append(Waiting(paper, limit_from(paper.issued_on), rule.clause, rule.is_unchecked))
    return found


def could_be_published(actor: Actor, *, words: str = "") -> QuerySet[Paper]:
    """Issued papers that may be taken up, whatever their kind; the newest first."""
    rows = _not_taken_up(actor, None)
    return rows.filter(Q(title__icontains=words) | Q(number__icontains=words)).order_by("-issued_on", "-pk")


def _not_taken_up(actor: Actor, kinds: list[str] | None) -> QuerySet[Paper]:
    taken = Publication.objects.filter(paper=OuterRef("pk"), is_dropped=False)
    rows = papers.papers_visible_to(actor).filter(~Exists(taken), state=Paper.State.ISSUED)
    return rows if kinds is None else rows.filter(kind__in=kinds)


def writers(edition: Edition) -> frozenset[UUID]:
    """Everybody whose hand was in an edition, and in whose hat: none of them may say that it holds no secret."""
    found = {edition.prepared_by} if edition.prepared_by else set()
    for pair in edition.wordings.values_list("written_by", "written_for"):
        found |= {one for one in pair if one}
    return frozenset(found)


def standing_reviews(edition: Edition) -> dict[str, Review]:
    """The conclusions that hold for the present wording, by kind."""
    rows = edition.reviews.filter(wording_no=edition.wording_no, is_taken_back=False)
    return {row.kind: row for row in rows.order_by("recorded_at", "pk")}


def traces(edition: Edition) -> QuerySet[Trace]:
    """What was found in the present wording and files."""
    return (
        edition.traces.filter(wording_no=edition.wording_no)
        .select_related("attachment")
        .order_by("part", "start", "pk")
    )


def open_traces(edition: Edition) -> list[Trace]:
    """What still has to be decided."""
    rows = list(traces(edition))
    return [row for row in rows if row.state == Trace.State.OPEN and not is_moot(row, rows)]


def is_moot(row: Trace, rows: Iterable[Trace]) -> bool:
    """What a table has to hide along with its small counts it need not, where all of them stay and none is hidden."""
    if row.kind not in (Kind.COMPLEMENT, Kind.SUBTOTAL) or row.has_hidden:
        return False
    table = (row.part, row.attachment_id, row.group)
    small = [r for r in rows if r.kind == Kind.SMALL_COUNT and (r.part, r.attachment_id, r.group) == table]
    return bool(small) and all(r.state == Trace.State.KEPT for r in small)


def reviewers(actor: Actor, kind: str, *, day: date) -> list[Person]:
    """Who could review on a day, for a review made on paper."""
    wanted = "publish.secrecy" if kind == Review.Kind.SECRECY else "publish.review"
    codes = [code for code, post in posts().items() if wanted in post.may]
    held = accounts.holders(system(actor.county), codes, day=day)
    return list({one.person_id: one.person for one in held}.values())


def known_names(county: str, *, day: date) -> tuple[list[str], list[str]]:
    """Names of the county's people, and names of its units whole and short."""
    everybody = accounts.people_visible_to(system(county), day=day).values_list("name", flat=True)
    units = places.units_visible_to(system(county), as_of=day).values_list("name", "short_name")
    return list(everybody), [name for pair in units for name in pair if name]


def package_of(edition: Edition) -> Package | None:
    """The last package of the present wording."""
    return edition.packages.filter(wording_no=edition.wording_no).first()


def file_of(actor: Actor, edition: Edition, key: UUID) -> StoredFile | None:
    """A file of an edition that the caller has found within the reader's scope: attachment, picture of the page, scan of a
    review, package."""
    owners: list[tuple[type[Model], list[UUID]]] = [
        (Publication, [edition.publication_id]),
        (Review, list(edition.reviews.values_list("pk", flat=True))),
        (Package, list(edition.packages.values_list("pk", flat=True))),
    ]
    for model, keys in owners:
        if found := files.files_of_many(actor, model, keys).filter(pk=key).first():
            return found
    return None


def scans_of(actor: Actor, edition: Edition) -> list[StoredFile]:
    """The scans of reviews made on paper; ``subject`` is the review."""
    keys = edition.reviews.filter(is_on_paper=True).values_list("pk", flat=True)
    return list(files.files_of_many(actor, Review, keys))


def pictures_of(actor: Actor, edition: Edition) -> list[StoredFile]:
    """Pictures of the page on the portal: what was handed in with the publication and is none of its attachments."""
    own = Attachment.objects.filter(edition__publication=edition.publication_id).values_list("file", flat=True)
    return list(files.files_of(actor, edition.publication).exclude(pk__in=list(own)))


def open_job(actor: Actor, edition: Edition) -> Job | None:
    """The making of a package that is under way, where the reader asked for it."""
    mine = jobs.jobs_visible_to(actor).filter(kind="disclosure.package", state__in=("queued", "running"))
    return mine.filter(key=f"{edition.pk}:{edition.wording_no}").first()


# ---- what anybody may read ------------------------------------------------------------------------------------------


def public_editions(county: str) -> QuerySet[Edition]:
    """What the county's own pages show: the latest published edition of everything that is not taken off; nothing where the
    pages are off."""
    if not Setting.objects.filter(county=county, is_site_on=True).exists():
        return Edition.objects.none()
    rows = Edition.objects.filter(county=county, state=Edition.State.PUBLISHED).select_related("publication")
    return rows.filter(~Exists(_later_published()), publication__withdrawn_on__isnull=True, is_hidden=False).order_by(
        "-published_on", "-pk"
    )


@dataclass(frozen=True, slots=True)
class Public:
    """One publication for anybody: the edition asked for, and all that were published, the newest first."""

    publication: Publication
    edition: Edition
    editions: list[Edition]

    @property
    def is_shown(self) -> bool:
        """Whether its words may be read: it was not taken off, and does not say what must not be public."""
        return self.publication.withdrawn_on is None and not self.edition.is_hidden

    @property
    def is_latest(self) -> bool:
        return self.edition.pk == self.editions[0].pk


def public(county: str, key: str, no: int | None = None) -> Public | None:
    """A publication under its address; of what was taken off too, whose page says so."""
    if not Setting.objects.filter(county=county, is_site_on=True).exists():
        return None
    publication = Publication.objects.filter(county=county, key=key).first()
    if publication is None:
        return None
    rows = list(publication.editions.filter(state=Edition.State.PUBLISHED).order_by("-no"))
    chosen = next((row for row in rows if no in (None, row.no)), None)
    return Public(publication, chosen, rows) if chosen else None


def public_file(found: Public, key: UUID) -> StoredFile | None:
    """A file that is published with an edition: one of its attachments, or its text as Word file; never a scan."""
    if not found.is_shown:
        return None
    edition = found.edition
    wanted = set(edition.attachments.filter(is_removed=False).values_list("file", flat=True))
    wanted |= set(edition.packages.filter(wording_no=edition.wording_no).values_list("text_file", flat=True))
    return file_of(system(edition.county), edition, key) if key in wanted else None

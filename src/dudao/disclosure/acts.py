"""What can be done next with a publication, and who may."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from dudao.disclosure import queries
from dudao.disclosure.models import Edition, Review, Trace
from dudao.shell.acts import Actor

S = Edition.State


@dataclass(frozen=True, slots=True)
class Next:
    """One act: what it is called, its page (empty where the reader may not), and who may.

    Attributes:
        is_main: what the edition waits for.
        is_post: a button by itself, without a page.
    """

    label: str
    address: str
    who: str
    icon: str = ""
    is_main: bool = False
    is_post: bool = False


def next_acts(actor: Actor, edition: Edition, open_: int, *, today: date) -> list[Next]:
    """The acts of the newest edition, what it waits for first."""
    publication = edition.publication

    def to(name: str, *more: object) -> str:
        return reverse(f"disclosure:{name}", args=[publication.pk, *more])

    prepares = actor.can("publish.prepare")
    found: list[Next] = []
    state = S(edition.state)
    if state == S.DRAFT:
        if open_:
            may = prepares or actor.can("publish.review")
            found.append(
                Next(
                    f"处理个人信息（{open_} 处）",
                    to("traces") if may else "",
                    "督导室",
                    icon="fingerprint",
                    is_main=True,
                )
            )
        found.append(Next("送公开审查", to("submit") if prepares else "", "督导室", icon="send", is_main=not open_))
    if state == S.REVIEW:
        found.append(_review(actor, edition, Review.Kind.OPENNESS, to("openness"), today=today))
    if state == S.SECRECY:
        found.append(_review(actor, edition, Review.Kind.SECRECY, to("secrecy"), today=today))
    if state == S.CHECK:
        may = prepares or actor.can("publish.review")
        found.append(
            Next(
                f"处理个人信息（{open_} 处）",
                to("traces") if may else "",
                "督导室、审查人",
                icon="fingerprint",
                is_main=True,
            )
        )
    if state in (S.READY, S.PUBLISHED):
        has = queries.package_of(edition) is not None
        main = state == S.READY and not has
        label = "重新制作材料包" if has else "制作材料包"
        found.append(
            Next(label, to("package") if prepares else "", "督导室", icon="file-export", is_main=main, is_post=True)
        )
    if state == S.READY:
        has = queries.package_of(edition) is not None
        found.append(Next("登记公开网址", to("publish") if prepares else "", "督导室", icon="world-share", is_main=has))
    if edition.is_running and prepares:
        found += [
            Next("改文字", to("words"), "督导室", icon="pencil"),
            Next("改公开信息", to("facts"), "督导室", icon="list"),
            Next("加附件", to("attach"), "督导室", icon="paperclip"),
            Next("不用了", to("drop"), "督导室", icon="x"),
        ]
    if state == S.PUBLISHED and prepares and publication.withdrawn_on:
        found.append(Next("改好后重新公开", to("correct"), "督导室", icon="pencil"))
    elif state == S.PUBLISHED and prepares:
        found += [
            Next("更正", to("correct"), "督导室", icon="pencil"),
            Next("撤下", to("withdraw"), "督导室", icon="x"),
        ]
    if state == S.WITHHELD and (prepares or actor.can("publish.review")):
        found.append(Next("评估后重新办理", to("reopen"), "督导室", icon="refresh"))
    return found


def _review(actor: Actor, edition: Edition, kind: Review.Kind, address: str, *, today: date) -> Next:
    wanted = "publish.secrecy" if kind == Review.Kind.SECRECY else "publish.review"
    people = queries.reviewers(actor, kind, day=today)
    wrote = queries.writers(edition) if kind == Review.Kind.SECRECY else frozenset()
    who = "、".join(one.name for one in people if one.pk not in wrote)
    may_here = actor.can(wanted) and not actor.hands & wrote
    # What was reviewed on paper is entered by the office.
    may = may_here or actor.can("publish.prepare")
    label = kind.label if may_here else f"登记纸质{kind.label}"
    return Next(label, address if may else "", who or "没有可以审查的人，请先任职", icon="shield-check", is_main=True)


def part_words(trace: Trace) -> str:
    """Where something was found."""
    return trace.attachment.name if trace.attachment else trace.get_part_display()

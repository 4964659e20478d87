"""What can be done with a paper next, where, and by whom."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.accounts.posts import posts
from dudao.papers.models import Paper
from dudao.papers.services.rights import writers
from dudao.shell.acts import Actor, system

State = Paper.State
# The sprite holds the icons that sources name like this: icon "writing" icon "pencil" icon "users" icon "arrow-back-up"
# icon "send" icon "trash" icon "inbox" icon "link"


@dataclass(frozen=True, slots=True)
class Act:
    """One next act.

    Attributes:
        label: what it is called; ``icon`` beside it.
        address: its page, where the reader may do it; else empty.
        who: who may do it, in words.
        is_main: the one the paper waits for.
    """

    label: str
    icon: str
    address: str
    who: str
    is_main: bool = False


def acts(actor: Actor, paper: Paper, *, today: date) -> list[Act]:
    """The next acts of a paper, the one it waits for first."""
    if paper.state in Paper.OPEN:
        return _open(actor, paper, today=today)
    if paper.state == State.ISSUED:
        return _issued(actor, paper)
    return []


def holders(capability: str) -> str:
    """The posts that may, in words."""
    return "、".join(post.name for post in posts().values() if capability in post.may)


def signers(county: str, *, today: date) -> dict[str, str]:
    """Who may sign on a day: key of the person and name."""
    codes = [code for code, post in posts().items() if "paper.issue" in post.may]
    return {str(row.person_id): row.person.name for row in accounts.holders(system(county), codes, day=today)}


def _open(actor: Actor, paper: Paper, *, today: date) -> list[Act]:
    drafts, edits = actor.can("paper.draft"), actor.can("paper.draft") or actor.can("paper.issue")
    hand = writers(paper)
    able = {
        key: name for key, name in signers(paper.county, today=today).items() if key not in {str(one) for one in hand}
    }
    # Signing, or recording a signature on paper: neither by who wrote the words.
    signs = edits and not actor.hands & hand
    waits = paper.state == State.SUBMITTED
    by_signer = (
        "、".join(able.values()) + "；纸质签发由没有拟稿、改稿的同志登记" if able else "没有执笔、有签发权的同志"
    )

    def at(name: str, allowed: bool) -> str:
        return reverse(f"papers:{name}", args=[paper.pk]) if allowed else ""

    there = paper.link if paper.is_bound else ""
    found = [
        Act("签发", "writing", (there if signs else "") or at("issue", signs), by_signer, is_main=waits),
        Act(
            "改稿",
            "pencil",
            (there if edits else "") or at("edit", edits),
            holders("paper.draft"),
            is_main=paper.state == State.DRAFTING,
        ),
        Act("提请会签", "users", at("cosign", drafts), holders("paper.draft")),
    ]
    if paper.is_bound:
        # Everything else is done where its words are made.
        return sorted(found, key=lambda one: not one.is_main)
    if waits:
        found.append(Act("退回修改", "arrow-back-up", at("back", edits), holders("paper.issue")))
    else:
        found.append(Act("送签", "send", at("submit", drafts), holders("paper.draft")))
    found.append(Act("不用了", "trash", at("drop", edits), holders("paper.draft")))
    return sorted(found, key=lambda one: not one.is_main)


def _issued(actor: Actor, paper: Paper) -> list[Act]:
    found = []
    left = paper.addressees.exclude(unit__in=paper.receipts.values("unit")).exists()
    if paper.is_served_here and left:
        records = (actor.can("paper.draft") or actor.can("paper.issue")) and actor.sees_county
        serve = reverse("papers:serve", args=[paper.pk]) if records else ""
        found.append(Act("登记送达", "inbox", serve, f"单位自己签收，或由{holders('paper.draft')}登记", is_main=True))
    elif not paper.is_served_here and paper.link and left:
        found.append(Act("到事项里送达", "link", paper.link, "送达后事项往下走，在事项的页面办理", is_main=True))
    withdraw = reverse("papers:withdraw", args=[paper.pk]) if actor.can("paper.issue") else ""
    return [*found, Act("撤回", "arrow-back-up", withdraw, holders("paper.issue"))]

"""Pages of campaigns: list, one with its units, its acts; and the list of a unit's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.returns import lists, queries, services, values
from dudao.returns.forms.campaigns import (
    COMPULSORY,
    CampaignForm,
    LockForm,
    NewCampaignForm,
    ReasonForm,
    UnitsForm,
    VersionForm,
)
from dudao.returns.models import Campaign
from dudao.shell import clock, conflicts
from dudao.shell.errors import Conflict
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page

READS = ("return.manage", "return.fill", "return.check", "return.approve")


@require_GET
@may(*READS)
def campaign_list(request: Request) -> HttpResponseBase:
    """All campaigns for who sees the county; for a unit what it has to fill in."""
    actor = request.actor
    if not actor.sees_county:
        return my_list(request)
    page = lists.campaigns(actor, periods=queries.periods(actor), today=clock.today())
    return page.respond(request, queries.campaigns(actor), "returns/campaign_list.html")


@require_GET
@may(*READS)
def my_list(request: Request) -> HttpResponseBase:
    """What the units one sees have to fill in."""
    today = clock.today()
    return lists.mine(today=today).respond(request, queries.my_returns(request.actor, today=today), "returns/mine.html")


def _campaign(request: Request, key: UUID) -> Campaign:
    return get_object_or_404(queries.campaigns_visible_to(request.actor), pk=key)


def _address(key: UUID) -> str:
    return reverse("returns:campaign", args=[key])


def seen(request: Request) -> int:
    """The version that the page of a button showed."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Conflict("页面不完整，请重新打开再办。", code="returns.changed")
    return int(form.cleaned_data["base_version"])


@require_GET
def campaign(request: Request, key: UUID) -> HttpResponseBase:
    """One campaign: how far each unit is, what it needs before it opens, what happened."""
    actor, today, row = request.actor, clock.today(), _campaign(request, key)
    tally = queries.tally(actor, row)
    manages = actor.can("return.manage")
    checks = queries.checklist(actor, row, today=today) if manages and row.state == "draft" else []
    form = values.form_of(row)
    context: dict[str, Any] = {
        "campaign": row,
        "form": form,
        "state": lists.campaign_state(row),
        "tally": tally,
        "waiting": sum(n for state, _, n in tally.states if state == "submitted"),
        "manages": manages,
        "checks": checks,
        "can_open": all(one.is_met for one in checks if one.is_needed),
        "today": today,
        "events": list(audit.history(actor, row)[:60]) if actor.sees_county else [],
    }
    return lists.units(row, today=today).respond(
        request, queries.returns_of(actor, row), "returns/campaign.html", context
    )


@get_or_post
@may("return.manage")
def campaign_new(request: Request) -> HttpResponse:
    """Prepare a campaign; nobody is called before it opens."""
    actor, today = request.actor, clock.today()
    census = today.replace(month=9, day=1) if today.month >= 9 else today.replace(year=today.year - 1, month=9, day=1)
    initial = {
        "form": "school-return",
        "census_on": census,
        "opens_on": today,
        "period": str(census.year),
        "period_label": f"{census.year}年9月1日（{census.year}—{census.year + 1}学年初）",
        "stages": list(COMPULSORY),
        "main_source": Campaign.MainSource.PLATFORM,
    }
    known = queries.all_in_force(actor)
    levels = {one.form.id: one.form.level for one in known}

    def prepare(data: dict[str, Any]) -> Campaign:
        stages = data.pop("stages")
        day = max(data["census_on"], today)
        units = queries.fitting(actor, levels[data["form"]], stages=stages, as_of=day)
        return services.prepare_campaign(**data, units=units, by=actor, now=clock.now())

    return form_page(
        request,
        NewCampaignForm(request.POST or None, initial=initial, known=known),
        prepare,
        title="筹备填报",
        lead="先定表、期次和时间；下一步看填报单位和还缺什么，再发起。",
        button="下一步",
        back=reverse("returns:list"),
        to=lambda made: _address(made.pk),
        done="已筹备，还没有发给学校。",
    )


@get_or_post
@may("return.manage")
def campaign_change(request: Request, key: UUID) -> HttpResponse:
    """Change days, words and, before it opens, more."""
    row = _campaign(request, key)
    form = CampaignForm(conflicts.chosen(request.POST) or None, instance=row, initial={"base_version": row.version})

    def stands() -> tuple[dict[str, Any], int]:
        now = _campaign(request, key)
        return {name: getattr(now, name) for name in form.fields if name != "base_version"}, now.version

    return form_page(
        request,
        form,
        lambda data: services.change_campaign(
            campaign=_campaign(request, key), **data, by=request.actor, now=clock.now()
        ),
        title=row.title,
        button="保存",
        back=_address(key),
        done="已保存。",
        stands=stands,
    )


@get_or_post
@may("return.manage")
def campaign_units(request: Request, key: UUID) -> HttpResponse:
    """Choose the units that are called."""
    actor, row = request.actor, _campaign(request, key)
    standing = [str(unit) for unit in queries.returns_of(actor, row).values_list("unit_id", flat=True)]
    form = UnitsForm(
        request.POST or None,
        groups=queries.candidates(actor, row, today=clock.today()),
        initial={"units": standing, "base_version": row.version},
    )

    def choose(data: dict[str, Any]) -> None:
        units = [UUID(one) for one in data["units"]]
        services.set_units(campaign=row, base_version=data["base_version"], units=units, by=actor, now=clock.now())

    return form_page(
        request,
        form,
        choose,
        title="填报单位",
        lead=row.title + ("。填报已经开始，只能增加单位。" if row.state == "open" else ""),
        button="保存",
        back=_address(key),
        done="已保存填报单位。",
        version=row.version,
    )


@require_POST
@may("return.manage")
def campaign_open(request: Request, key: UUID) -> HttpResponse:
    """Open it, make the notice ready and lead there, where it is looked at and sent."""
    row = _campaign(request, key)
    made = services.open_campaign(campaign=row, base_version=seen(request), by=request.actor, now=clock.now())
    messages.success(request, "填报已发起；通知已备好，请看过再发。")
    return redirect("messages:message", made.pk)


@get_or_post
@may("return.manage")
def campaign_cancel(request: Request, key: UUID) -> HttpResponse:
    """Call it off."""
    row = _campaign(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.cancel_campaign(campaign=row, **data, by=request.actor, now=clock.now()),
        title=f"取消“{row.title}”？",
        lead="已填的数据保留可查，不再计入任何结果；这一期可以重新筹备。",
        button="取消填报",
        danger=True,
        back=_address(key),
        done="已取消。",
    )


@require_POST
@may("return.manage")
def campaign_remind(request: Request, key: UUID) -> HttpResponse:
    """Make the reminder ready and lead there."""
    made = services.remind(campaign=_campaign(request, key), by=request.actor, now=clock.now())
    return redirect("messages:message", made.pk)


@get_or_post
@may("return.manage")
def campaign_lock(request: Request, key: UUID) -> HttpResponse:
    """Lock the period; what is not approved is named, and wants a reason."""
    actor, row = request.actor, _campaign(request, key)
    waiting = list(queries.returns_of(actor, row).exclude(state="approved"))
    names = "、".join(f"{one.unit_name}（{one.get_state_display()}）" for one in waiting[:30])  # type: ignore[attr-defined]
    lead = (
        f"还有 {len(waiting)} 个单位没有审核通过：{names}{' 等' if len(waiting) > 30 else ''}。"
        if waiting
        else "全部单位已审核通过。"
    )
    return form_page(
        request,
        LockForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.lock_campaign(campaign=row, **data, by=actor, now=clock.now()),
        title=f"锁定“{row.title}”",
        lead=f"{lead}锁定后数据不能再改，可以用于自查报告；确需更正的，说明理由重新开放。",
        button="锁定",
        back=_address(key),
        done="已锁定。",
    )


@get_or_post
@may("return.manage")
def campaign_unlock(request: Request, key: UUID) -> HttpResponse:
    """Open a locked period again."""
    row = _campaign(request, key)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.unlock_campaign(campaign=row, **data, by=request.actor, now=clock.now()),
        title=f"重新开放“{row.title}”",
        lead="全部单位重新开放。只更正一个单位的，请在那个单位的表上重新开放。已出的报告会提示数据变过。",
        button="重新开放",
        danger=True,
        back=_address(key),
        done="已重新开放。",
    )

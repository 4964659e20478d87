"""How the county publishes, and whether its own pages are on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dudao.disclosure import library, queries, services
from dudao.disclosure.forms import SettingForm, VersionForm
from dudao.disclosure.services.indexing import index_words
from dudao.shell import clock, conflicts
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import refuse


@require_http_methods(["GET", "HEAD", "POST"])
@may("publish.review", "publish.prepare")
def setting(request: Request) -> HttpResponse:
    """The settings; who prepares may read them."""
    actor = request.actor
    row = queries.setting_of(actor.county)
    form = SettingForm(conflicts.chosen(request.POST) or None, instance=row, initial={"base_version": row.version})
    status, clashes = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data: dict[str, Any] = dict(form.cleaned_data)
            base = data.pop("base_version")
            try:
                services.change_setting(base_version=base, wanted=services.Wanted(**data), by=actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
                if isinstance(refusal, Conflict):
                    now = queries.setting_of(actor.county)
                    theirs = {name: getattr(now, name) for name in SettingForm.Meta.fields}
                    clashes = conflicts.lay_out(form, theirs=theirs, version=now.version)
            else:
                messages.success(request, "已保存。")
                return redirect("disclosure:setting")
    stands = queries.setting_of(actor.county)
    context = {
        "form": form,
        "setting": stands,
        "clashes": clashes,
        "index": library.rules().index,
        "sample": index_words(stands.index_template, stands.org_code or "（代码）", clock.today().year, 1, stands.index_digits),
        "public_address": request.build_absolute_uri(reverse("public_list")),
    }  # fmt: skip
    return render(request, "disclosure/setting.html", context, status=status)


@require_POST
@may("publish.review")
def switch(request: Request) -> HttpResponse:
    """Open or close the county's own pages."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Conflict("页面不完整，请重新打开再办。", code="disclosure.changed")
    is_on = request.POST.get("is_on") == "1"
    services.switch_site(base_version=form.cleaned_data["base_version"], is_on=is_on, by=request.actor, now=clock.now())
    messages.success(request, "公开网页已打开。" if is_on else "公开网页已关闭。")
    return redirect("disclosure:setting")

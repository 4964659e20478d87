"""Pages of messages: what came in, what waits to be sent, what became of it."""

from uuid import UUID

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.messages import kinds, outbox, picture, queries, services, tables, ways
from dudao.messages.forms import BotForm, ChangeForm, ContactForm, DropForm, KindForm, SendForm
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request
from dudao.shell.lists import Column, ListPage

# So many prepared messages with their whole text on one page.
_FIRST = 30


def _only(request: Request, capability: str) -> None:
    if not request.actor.can(capability):
        raise Http404


@login_required
@require_GET
def inbox(request: Request) -> HttpResponseBase:
    """What was sent to the reader or to their unit."""
    page = ListPage(
        title="收到的消息",
        order=("-message__ended_at",),
        columns=[
            Column("消息", lambda r: r.message.title, cell="messages/_inbox_title.html", head=True),
            Column("谁发的", lambda r: r.message.ended_by_name),
            Column("时间", lambda r: r.message.ended_at, cell="messages/_inbox_time.html", css="nowrap"),
            Column("办理", lambda r: "已办理" if r.answered_at else "", css="nowrap"),
        ],
        search=("message__title", "message__own_text"),
        empty={"title": "还没有收到消息", "hint": "督导室发来的催办、通知会出现在这里。"},
    )
    return page.respond(request, queries.inbox(request.actor), "messages/inbox.html")


@login_required
@require_GET
def inbox_message(request: Request, key: UUID) -> HttpResponse:
    """One message that came in; opening it is reading it."""
    recipient = get_object_or_404(queries.inbox(request.actor), message=key)
    services.read(recipient=recipient, by=request.actor, now=clock.now())
    return render(request, "messages/inbox_message.html", {"recipient": recipient})


@login_required
@require_GET
def prepared(request: Request) -> HttpResponse:
    """已备好，等您发送."""
    _only(request, "message.send")
    waiting = queries.prepared(request.actor)
    first = list(waiting[:_FIRST])
    rest = waiting.count() - len(first) if len(first) == _FIRST else 0
    shown = {"waiting": first, "rest": rest, "stuck": queries.undelivered(request.actor).count()}
    return render(request, "messages/prepared.html", shown)


@login_required
@require_GET
def sent(request: Request) -> HttpResponseBase:
    """What went out or was dropped."""
    _only(request, "message.send")
    page = ListPage(
        title="发出的消息",
        order=("-ended_at",),
        columns=[
            Column("消息", lambda m: m.title, cell="messages/_sent_title.html", head=True),
            Column("类别", lambda m: kinds.label_of(m.kind)),
            Column("状态", lambda m: m.get_state_display(), cell="messages/_sent_state.html", css="nowrap"),
            Column("收件", lambda m: m.count, css="num"),
            Column("已办理", lambda m: m.answered, css="num"),
            Column("发送人", lambda m: m.ended_by_name, sort=("ended_by_name",)),
            Column("时间", lambda m: m.ended_at, sort=("ended_at",), cell="messages/_sent_time.html", css="nowrap"),
        ],
        search=("title", "text"),
        empty={"title": "还没有发过消息", "hint": "备好的消息发出后，在这里看谁已读、谁没办。"},
    )
    return page.respond(request, queries.sent(request.actor), "messages/sent.html")


@login_required
@require_GET
def undelivered(request: Request) -> HttpResponse:
    """What did not arrive, or of which nobody knows."""
    _only(request, "message.send")
    rows = [(row, row.is_under_way(clock.machine_now())) for row in queries.undelivered(request.actor)[:200]]
    return render(request, "messages/undelivered.html", {"rows": rows})


@login_required
@require_GET
def message(request: Request, key: UUID) -> HttpResponse:
    """One message with its recipients, its text to copy, and what became of it."""
    return _message(request, key)


def _message(
    request: Request, key: UUID, *, send: SendForm | None = None, drop: DropForm | None = None, status: int = 200
) -> HttpResponse:
    whole = queries.whole(request.actor, key, day=clock.today())
    if whole is None:
        raise Http404
    version = {"version": whole.message.version}
    if send is None:
        setting = queries.setting_of(request.actor.county, whole.message.kind)
        send = SendForm(
            initial=version | {"channels": setting.channels}, channels=queries.channels(request.actor.county)
        )
    shown = {
        "whole": whole,
        "send": send,
        "drop": drop or DropForm(initial=version),
        "machine": clock.machine_now(),
        "has_font": picture.font_file() is not None,
    }
    return render(request, "messages/message.html", shown, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def message_change(request: Request, key: UUID) -> HttpResponse:
    """Correct what waits."""
    row = get_object_or_404(queries.prepared(request.actor), pk=key)
    first = {
        "title": row.title,
        "text": row.text,
        "own_text": row.own_text,
        "bot_text": row.bot_text,
        "version": row.version,
    }
    form = ChangeForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            services.change_message(
                message=row,
                base_version=data["version"],
                title=data["title"],
                text=data["text"],
                own_text=data["own_text"],
                bot_text=data["bot_text"],
                by=request.actor,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            notes.success(request, "已保存。")
            return redirect("messages:message", key)
    return render(request, "messages/change.html", {"form": form, "message": row}, status=422 if form.is_bound else 200)


@login_required
@require_POST
def message_send(request: Request, key: UUID) -> HttpResponse:
    """Send: with the kind's channels from the list, with those ticked from the message's own page."""
    row = get_object_or_404(queries.messages_visible_to(request.actor), pk=key)
    form = SendForm(request.POST, channels=queries.channels(request.actor.county))
    if not form.is_valid():
        return _message(request, key, send=form, status=422)
    chosen = form.cleaned_data["channels"] if "choose" in request.POST else None
    try:
        services.send(
            message=row,
            base_version=form.cleaned_data["version"],
            channels=chosen,
            by=request.actor,
            now=clock.now(),
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _message(request, key, send=form, status=422)
    notes.success(request, f"已发送：{row.title}")
    return redirect("messages:message", key)


@login_required
@require_POST
def message_drop(request: Request, key: UUID) -> HttpResponse:
    """Decide not to send."""
    row = get_object_or_404(queries.messages_visible_to(request.actor), pk=key)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            services.drop(
                message=row,
                base_version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                by=request.actor,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            notes.success(request, "已撤下，不发。")
            return redirect("messages:prepared")
    return _message(request, key, drop=form, status=422)


@login_required
@require_GET
def waiting_xlsx(request: Request, key: UUID) -> HttpResponse:
    """Who has not answered, as Excel."""
    row = get_object_or_404(queries.messages_visible_to(request.actor), pk=key)
    waiting = queries.recipients_of(row).filter(answered_at__isnull=True)
    day = clock.today()
    made = tables.waiting_table(message=row, recipients=waiting, day=day)
    answer = HttpResponse(made, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer.headers["Content-Disposition"] = content_disposition_header(True, f"未办理名单_{day:%Y%m%d}.xlsx") or ""
    return answer


@login_required
@require_GET
def waiting_png(request: Request, key: UUID) -> HttpResponse:
    """Who has not answered, as a picture for WeChat."""
    row = get_object_or_404(queries.messages_visible_to(request.actor), pk=key)
    everybody = list(queries.recipients_of(row))
    waiting = [r for r in everybody if r.answered_at is None]
    day = clock.today()
    made = picture.draw_list(
        title=row.title,
        below=f"未办理 {len(waiting)} 个，共 {len(everybody)} 个",
        rows=[(r.name, r.note) for r in waiting],
        foot=f"{request.actor.hat_label} · {day.year}年{day.month}月{day.day}日",
    )
    answer = HttpResponse(made, content_type="image/png")
    answer.headers["Content-Disposition"] = content_disposition_header(False, f"未办理名单_{day:%Y%m%d}.png") or ""
    return answer


@login_required
@require_POST
def delivery_again(request: Request, key: UUID) -> HttpResponse:
    """Send once more."""
    row = get_object_or_404(queries.deliveries_visible_to(request.actor).select_related("message"), pk=key)
    outbox.send_again(delivery=row, by=request.actor, machine=clock.machine_now(), now=clock.now())
    notes.success(request, "已重新排队发送。")
    return redirect("messages:message", row.message_id)


@login_required
@require_POST
def delivery_arrived(request: Request, key: UUID) -> HttpResponse:
    """Say that it did arrive."""
    row = get_object_or_404(queries.deliveries_visible_to(request.actor).select_related("message"), pk=key)
    outbox.say_arrived(delivery=row, by=request.actor, machine=clock.machine_now(), now=clock.now())
    notes.success(request, "已记为收到。")
    return redirect("messages:message", row.message_id)


@login_required
@require_GET
def kind_list(request: Request) -> HttpResponse:
    """How each kind goes out."""
    _only(request, "message.send")
    names = dict(queries.channels(request.actor.county))
    rows = [
        (code, label, setting, [names[c] for c in setting.channels if c in names])
        for code, label, setting in queries.settings_of(request.actor.county)
    ]
    return render(request, "messages/kinds.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def kind_change(request: Request, code: str) -> HttpResponse:
    """Whether a kind goes out by itself, and through which channels."""
    _only(request, "message.send")
    label = kinds.kinds().get(code)
    if label is None:
        raise Http404
    setting = queries.setting_of(request.actor.county, code)
    first = {"is_automatic": setting.is_automatic, "channels": setting.channels}
    form = KindForm(request.POST or None, initial=first, channels=queries.channels(request.actor.county))
    if request.method == "POST" and form.is_valid():
        ways.set_kind(kind=code, by=request.actor, now=clock.now(), **form.cleaned_data)
        notes.success(request, "已保存。")
        return redirect("messages:kinds")
    return render(request, "messages/kind.html", {"form": form, "label": label})


@login_required
@require_http_methods(["GET", "POST"])
def bots(request: Request) -> HttpResponse:
    """Robots in group chats, and whether e-mail and short messages are set up."""
    _only(request, "system.manage")
    form = BotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ways.keep_bot(by=request.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            notes.success(request, "已保存。机器人地址不再显示。")
            return redirect("messages:bots")
    shown = {
        "form": form,
        "bots": queries.bots_visible_to(request.actor),
        "ways": dict(queries.channels(request.actor.county)),
    }
    return render(request, "messages/bots.html", shown, status=422 if form.is_bound else 200)


@login_required
@require_POST
def bot_switch(request: Request, key: UUID) -> HttpResponse:
    """On or off."""
    _only(request, "system.manage")
    bot = get_object_or_404(queries.bots_visible_to(request.actor), pk=key)
    ways.switch_bot(bot=bot, is_on=request.POST.get("is_on") == "1", by=request.actor, now=clock.now())
    return redirect("messages:bots")


@login_required
@require_http_methods(["GET", "POST"])
def contacts(request: Request) -> HttpResponse:
    """Where units can be reached by e-mail and short message."""
    _only(request, "message.send")
    units = {v.unit_id: v.name for v in places.units_visible_to(request.actor, as_of=clock.today())}
    form = ContactForm(request.POST or None, units=[(str(key), name) for key, name in units.items()])
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            ways.keep_contact(
                unit=UUID(data["unit"]), kind=data["kind"], address=data["address"], by=request.actor, now=clock.now()
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            notes.success(request, "已保存。")
            return redirect("messages:contacts")
    kept = [(units.get(c.unit_id, "—"), c) for c in queries.contacts_visible_to(request.actor) if c.unit_id]
    return render(request, "messages/contacts.html", {"form": form, "kept": kept}, status=422 if form.is_bound else 200)

"""Pages of people and accounts, as each person meets them."""

import re
from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from dudao.accounts import access, queries, services
from dudao.accounts.models import Appointment, Grant, Person, SecondFactor, SignIn, User
from dudao.audit.models import AuditEvent
from dudao.shell import clock
from tests.cast import PASSWORD, Cast, Player, player


@pytest.fixture(autouse=True)
def day(settings):
    """The cast's day."""
    settings.DEMO_TODAY = None


def page(client: Client, name: str, *args: object, **query: str):
    return client.get(reverse(f"accounts:{name}", args=args), query)


def sign_in(player: Player, secret: str = PASSWORD, **more: str) -> Client:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/109.0")
    data = {"username": player.user.username, "password": secret, **more}
    client.post(reverse("accounts:sign_in"), data)
    return client


def with_factor(player: Player) -> tuple[Player, pyotp.TOTP]:
    """An administrator needs a second factor; give the cast's one."""
    totp = pyotp.parse_uri(access.begin_second_factor(user=player.user))
    now = clock.machine_now()
    access.confirm_second_factor(
        user=player.user, code=totp.at(now - timedelta(seconds=30)), by=player.actor, now=now, machine=now
    )
    return player, totp


def admin(player: Player) -> Client:
    """An administrator who is in."""
    player, _ = with_factor(player)
    client = Client()
    client.force_login(player.user)
    return client


def inside(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


# Getting in


def test_after_signing_in_one_is_where_one_wanted_to_be_and_never_elsewhere(cast: Cast):
    for wanted, arrives in ((reverse("accounts:account"), reverse("accounts:account")), ("https://evil.example/", "/")):
        response = Client().post(
            reverse("accounts:sign_in"),
            {"username": cast.head.user.username, "password": PASSWORD, "next": wanted},
        )
        assert (response.status_code, response["Location"]) == (302, arrives)


def test_a_wrong_password_keeps_the_name_and_says_how_often_is_left(cast: Cast):
    response = Client().post(reverse("accounts:sign_in"), {"username": cast.head.user.username, "password": "错"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "账号或密码不对。再错 4 次将锁定 30 分钟。" in html
    assert f'value="{cast.head.user.username}"' in html
    assert "错</" not in html


def test_first_sign_in_with_a_code_leads_to_a_password_of_ones_own_and_nowhere_else(cast: Cast):
    slip = access.issue_code(user=cast.head.user, by=cast.office.actor, now=clock.now())
    client = sign_in(cast.head, slip.code, next=reverse("accounts:account"))
    assert page(client, "account")["Location"] == reverse("accounts:password")
    html = page(client, "password").content.decode()
    assert "设置自己的密码" in html and "原密码" not in html
    weak = client.post(reverse("accounts:password"), {"password": "123", "again": "123"})
    assert "密码至少 10 位" in weak.content.decode()
    differ = client.post(reverse("accounts:password"), {"password": "一句很长的话是密码", "again": "另一句"})
    assert "两次填的不一样" in differ.content.decode()
    done = client.post(
        reverse("accounts:password"),
        {"password": "一句很长很长的话是密码", "again": "一句很长很长的话是密码", "next": reverse("accounts:account")},
    )
    assert done["Location"] == reverse("accounts:account")
    assert page(client, "account").status_code == 200
    assert sign_in(cast.head, "一句很长很长的话是密码").session.get("_auth_user_id")


def test_an_administrator_opens_nothing_before_the_second_factor_stands(cast: Cast):
    client = sign_in(cast.security_admin)
    for name in ("account", "people", "grants"):
        assert page(client, name)["Location"] == reverse("accounts:second_factor_begin")
    html = page(client, "second_factor_begin").content.decode()
    assert "data:image/svg+xml" in html
    totp = pyotp.TOTP(SecondFactor.objects.get(user=cast.security_admin.user).secret)
    assert client.post(reverse("accounts:second_factor_begin"), {"code": "000000"}).status_code == 422
    shown = client.post(reverse("accounts:second_factor_begin"), {"code": totp.now()}).content.decode()
    assert len(re.findall(r"<code>[A-Z2-9]{4}-[A-Z2-9]{4}</code>", shown)) == 10
    assert page(client, "people").status_code == 200


def test_password_alone_does_not_let_one_with_a_second_factor_in(cast: Cast):
    player, totp = with_factor(cast.head)
    client = sign_in(player)
    assert page(client, "account")["Location"].startswith(reverse("accounts:sign_in"))
    url = reverse("accounts:second_factor")
    assert client.post(url, {"code": "000000"}).status_code == 422
    response = client.post(url, {"code": totp.now(), "next": reverse("accounts:account")})
    assert response["Location"] == reverse("accounts:account")
    assert page(client, "account").status_code == 200


def test_the_second_page_cannot_be_opened_without_the_first(cast: Cast):
    with_factor(cast.head)
    assert Client().get(reverse("accounts:second_factor"))["Location"] == reverse("accounts:sign_in")


def test_after_half_an_hour_one_signs_in_again_and_goes_on_where_one_was(cast: Cast):
    client = sign_in(cast.head)
    old = clock.machine_now() - timedelta(minutes=31)
    SignIn.objects.update(seen_at=old)
    response = page(client, "account", tab="x")
    assert response["Location"] == f"{reverse('accounts:sign_in')}?next=/account/%3Ftab%3Dx"
    assert "长时间没有操作" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("headers", "status", "back"),
    [
        ({"referer": "http://testserver/account/"}, 302, "http%3A//testserver/account/"),
        ({"referer": "http://evil.example/"}, 302, "/"),
        ({"HX-Request": "true"}, 401, None),
    ],
)
def test_what_is_sent_too_late_leads_back_to_the_page_it_was_sent_from(cast: Cast, headers, status, back):
    client = sign_in(cast.head)
    SignIn.objects.update(seen_at=clock.machine_now() - timedelta(minutes=31))
    response = client.post(reverse("accounts:hat"), {}, headers=headers)
    assert response.status_code == status
    assert response.headers.get("Location") == (f"{reverse('accounts:sign_in')}?next={back}" if back else None)


def test_without_a_session_too_what_is_sent_leads_back_to_its_page(cast: Cast):
    url = reverse("accounts:hat")
    response = Client().post(url, {}, headers={"referer": "http://testserver/account/"})
    assert response["Location"] == f"{reverse('accounts:sign_in')}?next=http%3A//testserver/account/"
    assert Client().post(url, {})["Location"] == f"{reverse('accounts:sign_in')}?next=/"
    assert Client().get(reverse("accounts:account"))["Location"].endswith("?next=/account/")


@pytest.mark.parametrize(
    ("idle", "since", "said"),
    [(31, 31, "长时间没有操作"), (1, 60 * 12 + 1, "登录已满 12 小时"), (1, 1, "另一台设备上")],
)
def test_who_is_put_out_is_told_why(cast: Cast, idle: int, since: int, said: str):
    here, there = sign_in(cast.head), sign_in(cast.head)
    now, key = clock.machine_now(), there.session["sign_in"]
    if idle == since == 1:
        here.post(reverse("accounts:session_end", args=[key]))
    else:
        past = {"seen_at": now - timedelta(minutes=idle), "started_at": now - timedelta(minutes=since)}
        SignIn.objects.filter(pk=key).update(**past)
    html = there.get(reverse("accounts:account"), follow=True).content.decode()
    assert said in html
    assert ("长时间" in html) == (said == "长时间没有操作")


def test_one_sees_where_one_is_signed_in_and_ends_it_there(cast: Cast):
    here, there = sign_in(cast.head), sign_in(cast.head)
    html = page(here, "account").content.decode()
    assert html.count("Chrome · Windows") >= 2 and "本机" in html
    other = SignIn.objects.get(pk=there.session["sign_in"])
    assert here.post(reverse("accounts:session_end", args=[other.pk])).status_code == 302
    assert page(there, "account").status_code == 302
    assert page(here, "account").status_code == 200
    # Nobody ends a session of another.
    stranger = sign_in(cast.head_2)
    stranger.post(reverse("accounts:session_end", args=[here.session["sign_in"]]))
    assert page(here, "account").status_code == 200


def test_signing_out_ends_the_session_and_leaves_an_event(cast: Cast):
    client = sign_in(cast.head)
    client.post(reverse("accounts:sign_out"))
    assert page(client, "account").status_code == 302
    actions = set(AuditEvent.objects.filter(by_person=cast.head.person.pk).values_list("action", flat=True))
    assert {"signin.opened", "signin.ended"} <= actions


def test_each_act_records_the_hat_it_was_done_in(cast: Cast):
    second = services.appoint(
        person=cast.office.person,
        post="inspector",
        unit=cast.school,
        start_on=clock.today(),
        by=cast.office.actor,
        now=clock.now(),
    )
    client = inside(cast.office)
    client.post(reverse("accounts:hat"), {"hat": str(second.pk)})
    assert page(client, "people").status_code == 404  # an inspector keeps no people
    client.post(reverse("accounts:hat"), {"hat": str(cast.office.appointment.pk)})
    client.post(reverse("accounts:person_new"), {"name": "新人（示例）"})
    event = AuditEvent.objects.get(action="person.entered", by_person=cast.office.person.pk)
    assert (event.hat, event.hat_label) == (cast.office.appointment.pk, "督导室 · 督导室主任")


# Who may open what


PAGES = {
    "people": ("office", "system_admin", "security_admin"),
    "person_new": ("office", "system_admin"),
    "accounts_open": ("office", "system_admin"),
    "grants": ("security_admin",),
    "grant_new": ("security_admin",),
    "account": ("office", "staff", "head", "system_admin", "security_admin", "audit_admin", "foreign"),
}
ON_PERSON = {
    "person": ("office", "system_admin", "security_admin"),
    "person_edit": ("office",),
    "appoint": ("office", "security_admin"),
}
ON_APPOINTMENT = {"appointment_end": ("office", "security_admin"), "hand_over": ("office", "security_admin")}
ON_USER = {"account_disable": ("system_admin",)}
ROLES = ("office", "staff", "head", "system_admin", "security_admin", "audit_admin", "foreign", "foreign_office")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_there_for_those_named_and_for_nobody_else(cast: Cast, role: str):
    player = getattr(cast, role)
    client = admin(player) if role.endswith("admin") else inside(player)
    for pages, args in (
        (PAGES, ()),
        (ON_PERSON, (cast.head_2.person.pk,)),
        (ON_APPOINTMENT, (cast.head_2.appointment.pk,)),
        (ON_USER, (cast.head_2.user.pk,)),
    ):
        for name, allowed in pages.items():
            # The office of another county has the same pages, but nothing of ours on them.
            ours = role in allowed or (role == "foreign_office" and not args and "office" in allowed)
            assert page(client, name, *args).status_code == (200 if ours else 404), (role, name)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_written_by_those_who_may_not(cast: Cast, role: str):
    player = getattr(cast, role)
    client = admin(player) if role.endswith("admin") else inside(player)
    target = cast.head_2
    grant = services.give_grant(
        to_person=target.person, on_type="places.unit", on_key=str(cast.school.pk), purpose="x",
        start_on=clock.today(), reason="x", by=cast.security_admin.actor, now=clock.now(),
    )  # fmt: skip
    today = clock.today().isoformat()
    posts = {
        ("person_edit", target.person.pk): ({"name": "改", "version": "2"}, ("office",)),
        ("appoint", target.person.pk): (
            {"post": "inspector", "unit": str(cast.school.pk), "start_on": today}, ("office",)
        ),
        ("appointment_end", target.appointment.pk): ({"last_day": today, "reason": "x"}, ("office",)),
        ("account_unlock", target.user.pk): ({}, ()),
        ("account_disable", target.user.pk): ({"reason": "x"}, ("system_admin",)),
        ("grant_end", grant.pk): ({"reason": "x"}, ("security_admin",)),
        ("code_issue", target.user.pk): ({}, ("office", "system_admin")),
    }  # fmt: skip
    for (name, key), (data, allowed) in posts.items():
        if role in allowed:
            continue
        before = AuditEvent.objects.count()
        status = client.post(reverse(f"accounts:{name}", args=[key]), data).status_code
        assert status in (404, 409, 422), (role, name, status)
        assert AuditEvent.objects.count() == before, (role, name)


@pytest.mark.parametrize(
    "name", ["person", "person_edit", "appoint", "appointment_end", "hand_over", "hat_lend", "grant_end"]
)
def test_a_key_that_is_nobodys_is_not_found(cast: Cast, name: str):
    assert page(inside(cast.office), name, uuid4()).status_code == 404


# The office's work


def test_the_office_enters_a_person_appoints_and_prints_the_slip(cast: Cast):
    client = inside(cast.office)
    typed = {"name": "王新（示例）", "phone": "0951-0000000", "id_number": ""}
    entered = client.post(reverse("accounts:person_new"), typed)
    person = Person.objects.get(name="王新（示例）")
    assert entered["Location"] == reverse("accounts:person", args=[person.pk])
    client.post(
        reverse("accounts:appoint", args=[person.pk]),
        {"post": "school_clerk", "unit": str(cast.school.pk), "start_on": clock.today().isoformat()},
    )
    html = page(client, "accounts_open", key=str(person.pk)).content.decode()
    assert "王新（示例）" in html and "示例第一小学 · 填报员" in html and "checked" in html
    response = client.post(reverse("accounts:accounts_open"), {"people": [str(person.pk)]})
    (code,) = re.findall(r'class="code">([A-Z2-9-]{14})<', response.content.decode())
    assert "no-store" in response["Cache-Control"]
    # Sent again, the code is not shown again and stays good.
    again = client.post(reverse("accounts:accounts_open"), {"people": [str(person.pk)]}).content.decode()
    assert "纸条只显示一次" in again and str(person.pk) not in again
    user = User.objects.get(person=person)
    fresh = Client()
    response = fresh.post(reverse("accounts:sign_in"), {"username": user.username, "password": code})
    assert response["Location"].startswith(reverse("accounts:password"))


def test_a_password_is_reset_only_after_one_was_asked(cast: Cast):
    office, url = inside(cast.office), reverse("accounts:code_issue", args=[cast.head.user.pk])
    assert f'href="{url}"' in page(office, "person", cast.head.person.pk).content.decode()
    assert "立即失效" in office.get(url).content.decode()
    assert sign_in(cast.head).session.get("_auth_user_id")
    assert 'class="code"' in office.post(url).content.decode()
    assert not sign_in(cast.head).session.get("_auth_user_id")
    assert inside(cast.head_2).get(url).status_code == 404


def test_a_head_lends_the_hat_only_to_people_of_the_own_units(cast: Cast):
    clerk = services.enter_person(name="同校（示例）", by=cast.office.actor, now=clock.now())
    services.appoint(
        person=clerk,
        post="school_clerk",
        unit=cast.school,
        start_on=clock.today(),
        by=cast.office.actor,
        now=clock.now(),
    )

    def offered(player: Player) -> set[str]:
        html = page(inside(player), "hat_lend", player.appointment.pk).content.decode()
        return set(re.findall(r'<option value="[^"]+">([^<]+)<', html))

    assert offered(cast.head) == {"同校（示例）"}
    assert "丙（示例）" in offered(cast.office)
    assert offered(cast.office).isdisjoint({"庚（示例）", "辛（示例）", "壬（示例）", "甲（示例）", "戊（示例）"})


def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(cast: Cast):
    client = inside(cast.office)
    response = client.post(reverse("accounts:person_new"), {"name": "错（示例）", "id_number": "110105194912310021"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "校验位不对" in html and 'value="110105194912310021"' in html
    assert not Person.objects.filter(name="错（示例）").exists()


def test_an_old_page_does_not_overwrite_what_a_colleague_changed(cast: Cast):
    client = inside(cast.office)
    url = reverse("accounts:person_edit", args=[cast.head.person.pk])
    version = re.search(r'name="version" value="(\d+)"', client.get(url).content.decode())
    assert version
    data = {"name": "改一（示例）", "phone": "0951-8061234", "version": version[1]}
    assert client.post(url, data).status_code == 302
    response = client.post(url, {**data, "name": "改二（示例）"})
    assert response.status_code == 409 and "改二（示例）" in response.content.decode()
    assert Person.objects.get(pk=cast.head.person.pk).name == "改一（示例）"


def test_the_identity_number_is_shown_masked_and_only_to_the_office(cast: Cast):
    who = services.enter_person(
        name="有号（示例）", id_number="11010519491231002X", by=cast.office.actor, now=clock.now()
    )
    html = page(inside(cast.office), "person", who.pk).content.decode()
    assert "110*************2X" in html and "19491231" not in html
    assert "110****" not in page(admin(cast.system_admin), "person", who.pk).content.decode()


def test_handing_over_from_the_page_takes_the_old_heads_pages_away(cast: Cast):
    old = inside(cast.head)
    heir = services.enter_person(name="接任（示例）", by=cast.office.actor, now=clock.now())
    response = inside(cast.office).post(
        reverse("accounts:hand_over", args=[cast.head.appointment.pk]),
        {"to": str(heir.pk), "on": clock.today().isoformat(), "reason": "示例任免通知"},
    )
    assert response.status_code == 302
    assert "现在没有任职" in page(old, "account").content.decode()
    assert queries.hats(heir, day=clock.today())[0].label == "示例第一小学 · 校（园）长"


def test_a_head_lends_the_hat_and_takes_it_back(cast: Cast):
    client = inside(cast.head)
    deputy = player("癸", "school_clerk", cast.school)
    today = clock.today()
    response = client.post(
        reverse("accounts:hat_lend", args=[cast.head.appointment.pk]),
        {
            "to": str(deputy.person.pk),
            "start_on": today.isoformat(),
            "end_on": today.isoformat(),
            "reason": "出差",
        },
    )
    assert response.status_code == 302
    lent = cast.head.appointment.delegations.get()
    assert "癸（示例）" in page(client, "account").content.decode()
    # Not another's hat.
    assert page(inside(deputy), "hat_lend", cast.head.appointment.pk).status_code == 404
    client.post(reverse("accounts:lent_take_back", args=[lent.pk]), {"reason": "已返回"})
    assert len(queries.hats(deputy.person, day=today)) == 1


def test_the_security_administrator_unlocks_and_grants(cast: Cast):
    for _ in range(5):
        sign_in(cast.head, "错")
    client = admin(cast.security_admin)
    assert "已锁定" in page(client, "person", cast.head.person.pk).content.decode()
    client.post(reverse("accounts:account_unlock", args=[cast.head.user.pk]))
    assert sign_in(cast.head).session.get("_auth_user_id")
    today = clock.today().isoformat()
    data = {
        "to_person": str(cast.head.person.pk), "unit": str(cast.kindergarten.pk), "purpose": "joint.check",
        "start_on": today, "end_on": today, "reason": "示例通知",
    }  # fmt: skip
    client.post(reverse("accounts:grant_new"), data)
    html = page(client, "grants").content.decode()
    assert "示例花园幼儿园" in html and "联合检查" in html and "joint.check" not in html
    assert "联合检查" in page(client, "person", cast.head.person.pk).content.decode()
    assert "不能代签收" in page(client, "grant_new").content.decode()
    grant = Grant.objects.get()
    client.post(reverse("accounts:grant_end", args=[grant.pk]), {"reason": "取消"})
    assert "已收回" in page(client, "grants").content.decode()


def test_from_the_page_one_person_does_not_become_two_administrators(cast: Cast):
    client = admin(cast.security_admin)
    response = client.post(
        reverse("accounts:appoint", args=[cast.system_admin.person.pk]),
        {"post": "audit_admin", "unit": str(cast.bureau.pk), "start_on": clock.today().isoformat()},
    )
    assert response.status_code == 422 and "三个人分别担任" in response.content.decode()
    assert Appointment.objects.filter(person=cast.system_admin.person).count() == 1


def test_the_list_of_people_costs_the_same_however_many(cast: Cast, django_assert_max_num_queries):
    client = inside(cast.office)
    page(client, "people")
    for n in range(30):
        services.enter_person(name=f"示例{n}", by=cast.office.actor, now=clock.now())
    with django_assert_max_num_queries(16):
        assert page(client, "people", size="100").status_code == 200
    assert page(client, "people", export="xlsx")["Content-Type"].startswith("application/vnd")
    html = page(client, "people", q="丙", post="school_head", account="yes").content.decode()
    assert "丙（示例）" in html and "丁（示例）" not in html

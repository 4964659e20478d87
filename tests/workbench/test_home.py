"""The workbench, and the demo that it is first seen with."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from dudao.accounts.models import User
from dudao.messages import services as messages
from dudao.plan import services
from dudao.shell.errors import Refused
from dudao.workbench import demo, queries
from tests.cast import NOW, TODAY, Cast, Player, unit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "said", "address"),
    [
        ("system_admin", "系统管理", "jobs:job_list"),
        ("security_admin", "安全管理", "accounts:grants"),
        ("audit_admin", "安全审计", "audit:event_list"),
    ],
)
def test_each_administrator_reads_what_is_theirs_and_gets_there(
    client: Client, cast: Cast, who: str, said: str, address: str
) -> None:
    user = getattr(cast, who).user
    # A demo account of an administrator needs no second factor.
    User.objects.filter(pk=user.pk).update(is_demo=True)
    client.force_login(user)
    body = client.get("/").content.decode()
    note = body[body.index('<div class="dd-note">') :]
    assert f"<b>{said}</b>" in note and body.count('<div class="dd-note">') == 1 and "贵单位" not in body
    for link in re.findall(r'<a href="([^"]+)"', note[: note.index("</p>")]):
        assert client.get(link).status_code == 200, link
    assert reverse(address) in note
    client.force_login(cast.head.user)
    assert "贵单位" in client.get("/").content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_workbench_takes_a_constant_number_of_statements(
    office: Player, count: int, django_assert_max_num_queries: object
) -> None:
    notice = services.hand_in_notice(text=demo.notice_text(), by=office.actor, now=NOW)
    made = services.confirm_notice(notice=notice, by=office.actor, now=NOW)
    tasks = [task for task in made if not task.rule][:12]
    units = [unit(f"示例学校{n}", f"N{n}").pk for n in range(count)]
    services.hand_down(tasks=tasks, units=units, sign_by=TODAY, by=office.actor, now=NOW)
    with django_assert_max_num_queries(43):  # type: ignore[operator]
        home = queries.home(office.actor, today=date(2024, 4, 11))
    # Twelve not signed in time, and two periods past their day: March's meeting, the spring search.
    assert (home.late.count, len(home.late.tasks), len(home.clauses)) == (14, 5, 12)


def test_an_empty_workbench_says_what_to_do(client: Client, office: Player, head: Player) -> None:
    client.force_login(office.user)
    assert "今年的要点还没有导入" in client.get(reverse("workbench:home")).content.decode()
    client.force_login(head.user)
    assert "督导室下达给贵单位的任务会出现在这里" in client.get(reverse("workbench:home")).content.decode()


def test_production_refuses_demo_accounts(office: Player, settings: object) -> None:
    settings.MODE = "production"  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        demo.build(now=NOW)
    assert not User.objects.filter(is_demo=True).exists()


def test_what_is_prepared_waits_on_the_workbench_of_those_who_send(
    client: Client, office: Player, head: Player
) -> None:
    where = unit("示例第三小学", "2164000033").pk
    messages.prepare(
        kind="plan.urge", title="请签收控辍保学任务", text="请签收。", units=[where], by=office.actor, now=NOW
    )
    client.force_login(office.user)
    page = client.get("/").content.decode()
    assert "已备好，等您发送" in page and "请签收控辍保学任务，1 个收件" in page
    client.force_login(head.user)
    assert "已备好" not in client.get("/").content.decode()

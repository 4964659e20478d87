"""What the rules say of 督学, and who may see and do what in the register."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from dudao.accounts import queries as accounts
from dudao.audit.models import AuditEvent
from dudao.inspectors import library, queries, services
from dudao.inspectors.models import Inspector, Recusal
from dudao.inspectors.services import Facts
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player, county_cast, player
from tests.inspectors.stage import ABLE, announced, entered, fit, recommended

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def inspector(cast: Cast) -> Player:
    return player("督学癸", "inspector", cast.office.appointment.unit)


@pytest.fixture
def leader(cast: Cast) -> Player:
    return player("分管寅", "leader", cast.bureau)


@pytest.fixture
def row(cast: Cast, inspector: Player) -> Inspector:
    return entered(inspector)


def step(term: object, name: str, on: date, by: Actor, **more: object) -> None:
    services.take_step(term=term, base_version=term.version, step=name, occurred_on=on, by=by, now=NOW, **more)  # type: ignore[arg-type,attr-defined]


# Terms


def test_nobody_is_in_office_before_the_announcement_and_part_time_means_three_years(
    cast: Cast, row: Inspector
) -> None:
    term = recommended(row)
    step(term, "review", date(2023, 8, 2), cast.office.actor)
    step(term, "publicise", date(2023, 8, 3), cast.office.actor, until=date(2023, 8, 9))
    assert queries.roster("640122", day=TODAY) == []
    with pytest.raises(Refused, match="期满后才能公布"):
        step(term, "announce", date(2023, 8, 9), cast.office.actor)
    step(term, "announce", date(2023, 8, 10), cast.office.actor, start_on=date(2023, 9, 1))
    [known] = queries.roster("640122", day=TODAY)
    assert known.key == row.pk and known.term_to == date(2026, 8, 31) and not known.is_certified(TODAY)
    assert queries.roster("640122", day=date(2026, 9, 1)) == [] == queries.roster("640122", day=date(2023, 8, 31))


def test_steps_come_in_their_order_and_days_do_not_run_back(cast: Cast, row: Inspector) -> None:
    term = recommended(row)
    with pytest.raises(Refused, match="已推荐"):
        step(term, "announce", date(2023, 8, 10), cast.office.actor)
    with pytest.raises(Refused, match="不能早于上一步"):
        step(term, "review", date(2023, 7, 31), cast.office.actor)
    with pytest.raises(Refused, match="不能晚于今天"):
        step(term, "review", date(2024, 4, 11), cast.office.actor)
    with pytest.raises(Conflict):
        services.take_step(
            term=term, base_version=9, step="review", occurred_on=date(2023, 8, 2), by=cast.office.actor, now=NOW
        )


def test_article_seven_asks_for_a_degree_and_ten_years(cast: Cast, inspector: Player) -> None:
    row = entered(inspector, replace(ABLE, education="college", since_year=2016))
    with pytest.raises(Refused, match="不是本科以上；从教 7 年，不满 10 年"):
        step(recommended(row), "review", date(2023, 8, 2), cast.office.actor)


def test_the_review_asks_whether_the_six_conditions_were_looked_at_and_met(cast: Cast, row: Inspector) -> None:
    term = services.begin_term(
        inspector=row, recommended_on=date(2023, 8, 1), who="示例", by=cast.office.actor, now=NOW
    )
    with pytest.raises(Refused, match="还没有核查：政治、业务、品行、学历和资历、能力、健康。请先在登记页"):
        step(term, "review", date(2023, 8, 2), cast.office.actor)
    fit(row, health=False)
    with pytest.raises(Refused, match="核查为不符合：健康"):
        step(term, "review", date(2023, 8, 2), cast.office.actor)
    services.record_conditions(
        inspector=row, found={"health": (True, "体检报告（示例）")}, looked_on=date(2023, 8, 2), who="甲（示例）",
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    step(term, "review", date(2023, 8, 2), cast.office.actor)
    assert row.condition_checks.filter(condition="health").count() == 2


def test_a_look_at_a_condition_says_against_which_paper(cast: Cast, row: Inspector) -> None:
    facts = {"inspector": row, "looked_on": TODAY, "who": "示例", "now": NOW}
    for found, by, says in (
        ({"health": (True, " ")}, cast.office.actor, "“健康”请写明依据的材料"),
        ({}, cast.office.actor, "至少核查一条"),
        ({"wealth": (True, "示例")}, cast.office.actor, "至少核查一条"),
        ({"health": (True, "示例")}, cast.head.actor, "督导室管理"),
    ):
        with pytest.raises(Refused, match=says):
            services.record_conditions(found=found, by=by, **facts)  # type: ignore[arg-type]
    assert not row.condition_checks.exists()


def test_a_part_time_inspector_serves_three_terms_in_a_row_and_no_fourth(cast: Cast, row: Inspector) -> None:
    for start in (date(2014, 9, 1), date(2017, 9, 1), date(2020, 9, 1)):
        term = announced(row, start)
        services.end_term(
            term=term,
            base_version=term.version,
            ended_on=date(start.year + 3, 8, 31),
            ground="expired",
            by=cast.office.actor,
            now=NOW,
        )
    with pytest.raises(Refused, match="不超过 3 届"):
        recommended(row)


def test_a_term_of_four_years_or_over_the_running_one_is_refused(cast: Cast, row: Inspector) -> None:
    with pytest.raises(Refused, match="每届任期 3 年"):
        announced(row, date(2023, 9, 1), end_on=date(2027, 8, 31))
    term = row.terms.get()
    step(term, "refuse", date(2023, 8, 11), cast.office.actor, words="重新推荐")
    announced(row)
    with pytest.raises(Refused, match="重叠"):
        announced(row, date(2026, 8, 31))


def test_an_end_says_why(cast: Cast, row: Inspector) -> None:
    term = announced(row)
    with pytest.raises(Refused, match="写明原因和依据"):
        services.end_term(
            term=term, base_version=term.version, ended_on=TODAY, ground="failed", by=cast.office.actor, now=NOW
        )
    services.end_term(
        term=term,
        base_version=term.version,
        ended_on=TODAY,
        ground="failed",
        words="2023年度考核不合格（示例）",
        by=cast.office.actor,
        now=NOW,
    )
    assert queries.roster("640122", day=TODAY) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"certificate_from": date(2024, 1, 2), "certificate_to": date(2024, 1, 1)}, "止期不能早于起期"),
        ({"born": "1979年"}, "写成 1979-03"),
        ({"born": "2020-01"}, "核对出生年份"),
        ({"since_year": 2030}, "核对从教年份"),
        ({"since_year": 1980, "born": "1979-03"}, "对不上"),
        ({"certificate_number": "示例1"}, "已经登记给"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, inspector: Player, change: dict[str, object], says: str) -> None:
    entered(cast.head, replace(ABLE, certificate_number="示例1"))
    with pytest.raises(Refused) as refused:
        entered(inspector, replace(ABLE, **change))  # type: ignore[arg-type]
    assert says in refused.value.message


def test_nobody_stands_in_the_register_twice(cast: Cast, row: Inspector, inspector: Player) -> None:
    with pytest.raises(Refused, match="已经在名册里"):
        entered(inspector)


# Recusals


def test_a_declared_recusal_holds_at_once_and_somebody_else_decides(
    cast: Cast, row: Inspector, inspector: Player
) -> None:
    said = services.say_recusal(
        inspector=row, unit=cast.school, ground="kin", words="配偶在该校任教（示例）", start_on=TODAY, said_on=TODAY,
        by=inspector.actor, now=NOW,
    )  # fmt: skip
    pair = (inspector.person.pk, cast.school.pk)
    assert said.origin == "declared"
    found = queries.recused("640122", [pair[0]], [cast.school.pk, cast.school_2.pk], day=TODAY)
    assert found == {pair: "近亲属在该单位任职（待决定）"}
    with pytest.raises(Refused, match="督导室管理"):
        services.decide_recusal(
            recusal=said, base_version=1, grants=True, decision="", decided_on=TODAY, by=inspector.actor, now=NOW
        )
    services.decide_recusal(
        recusal=said,
        base_version=1,
        grants=False,
        decision="已调离（示例）",
        decided_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    assert queries.recused("640122", [pair[0]], [cast.school.pk], day=TODAY) == {}


def test_who_orders_a_recusal_does_not_decide_it(cast: Cast, row: Inspector) -> None:
    said = services.say_recusal(
        inspector=row,
        unit=cast.school,
        ground="interest",
        words="示例",
        start_on=TODAY,
        said_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    with pytest.raises(Refused, match="另一位同志"):
        services.decide_recusal(
            recusal=said, base_version=1, grants=True, decision="", decided_on=TODAY, by=cast.office.actor, now=NOW
        )
    services.decide_recusal(
        recusal=said, base_version=1, grants=True, decision="", decided_on=TODAY, by=cast.staff.actor, now=NOW
    )
    assert said.state == Recusal.State.GRANTED


def test_a_head_asks_for_the_own_school_only(cast: Cast, row: Inspector) -> None:
    facts = {
        "ground": "interest",
        "words": "示例",
        "start_on": TODAY,
        "said_on": TODAY,
        "by": cast.head.actor,
        "now": NOW,
    }
    assert services.say_recusal(inspector=row, unit=cast.school, **facts).origin == "asked"  # type: ignore[arg-type]
    with pytest.raises(Refused, match="本人申报"):
        services.say_recusal(inspector=row, unit=cast.school_2, **facts)  # type: ignore[arg-type]


def test_posts_recuse_by_themselves_for_three_years(cast: Cast) -> None:
    pair = (cast.head.person.pk, cast.school.pk)
    assert queries.recused("640122", [pair[0]], [pair[1]], day=TODAY)[pair] == "在该单位任职"
    entered(cast.office, replace(ABLE, work_unit=cast.school_2))
    pair = (cast.office.person.pk, cast.school_2.pk)
    assert queries.recused("640122", [pair[0]], [pair[1]], day=TODAY)[pair] == "在该单位任职"


# Who sees what


def test_private_fields_are_for_the_office_and_the_inspector(
    cast: Cast, row: Inspector, inspector: Player, leader: Player, client: Client
) -> None:
    facts = Facts(kind="part", born="1979-03", education="master", since_year=2001, note="示例备注")
    services.change_inspector(inspector=row, base_version=row.version, facts=facts, by=cast.office.actor, now=NOW)
    services.say_recusal(
        inspector=row,
        unit=cast.school,
        ground="kin",
        words="示例关系",
        start_on=TODAY,
        said_on=TODAY,
        by=inspector.actor,
        now=NOW,
    )
    services.assess(
        inspector=row,
        year=2023,
        grade="合格",
        is_fail=False,
        words="示例评语",
        assessed_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    announced(row)
    secrets = ("人事档案（示例）", "1979-03", "硕士", "示例备注", "示例关系", "示例评语", "2001 年起")
    for who, sees in ((cast.office, True), (cast.staff, True), (inspector, True), (leader, False)):
        client.force_login(who.user)
        text = client.get(f"/inspectors/{row.pk}/").content.decode()
        assert all((word in text) == sees for word in secrets), who.person.name
    other = player("督学丑", "inspector", cast.office.appointment.unit)
    for who in (cast.head, cast.head_2, cast.foreign_office, other):
        client.force_login(who.user)
        assert client.get(f"/inspectors/{row.pk}/").status_code == 404
    # The words of the relation are closed in the database, and no event carries what is private.
    assert "示例关系" not in str(AuditEvent.objects.values_list("summary", "facts"))


@pytest.mark.parametrize(
    "page", ["", "new/", "{key}/change/", "{key}/recommend/", "{key}/conditions/", "{key}/assess/"]
)
def test_only_the_office_changes_the_register(
    cast: Cast, row: Inspector, inspector: Player, leader: Player, client: Client, page: str
) -> None:
    address = "/inspectors/" + page.format(key=row.pk)
    for who, status in ((cast.office, 200), (cast.staff, 200), (inspector, 404), (cast.head, 404)):
        client.force_login(who.user)
        assert client.get(address).status_code == status
    client.force_login(leader.user)
    assert client.get(address).status_code == (200 if page == "" else 404)


# Pages


def test_from_the_form_to_the_announcement(cast: Cast, inspector: Player, client: Client) -> None:
    client.force_login(cast.staff.user)
    sent = {
        "person": str(inspector.person.pk), "kind": "part", "education": "bachelor", "since_year": "2001", "subjects": "语文、 数学",
        "stages": ["primary"], "lines": ["school"], "certificate_number": "示例9", "certificate_to": "2024-05-01",
    }  # fmt: skip
    wrong = client.post("/inspectors/new/", {**sent, "born": "七九年"})
    assert wrong.status_code == 422 and "写成 1979-03" in wrong.content.decode() and "七九年" in wrong.content.decode()
    done = client.post("/inspectors/new/", sent, follow=True)
    row = Inspector.objects.get()
    assert row.subjects == ["语文", "数学"] and "21 天后到期" in done.content.decode()
    looked = {"looked_on": "2024-03-02", "who": "乙（示例）"}
    for one in library.conditions():
        looked |= {f"met_{one.id}": "1", f"against_{one.id}": "人事档案（示例）"}
    without = client.post(f"/inspectors/{row.pk}/conditions/", {**looked, "against_health": ""})
    assert without.status_code == 422 and "“健康”请写明依据的材料" in without.content.decode()
    page = client.post(f"/inspectors/{row.pk}/conditions/", looked, follow=True).content.decode()
    assert page.count("乙（示例）核查，依据：人事档案（示例）") == 6
    client.post(f"/inspectors/{row.pk}/recommend/", {"recommended_on": "2024-03-01", "who": "教体局（示例）"})
    for name, more in (("review", {}), ("publicise", {"until": "2024-03-12"}), ("announce", {"document": "示例1号"})):
        term = row.terms.get()
        day = {"review": "2024-03-04", "publicise": "2024-03-05", "announce": "2024-03-13"}[name]
        answer = client.post(
            f"/inspectors/{row.pk}/term/{term.pk}/{name}/", {"base_version": term.version, "occurred_on": day, **more}
        )
        assert answer.status_code == 302, answer.content.decode()
    assert row.terms.get().end_on == date(2027, 3, 12)
    page = client.get("/inspectors/?chip=ending").content.decode()
    assert inspector.person.name in page
    book = b"".join(client.get("/inspectors/?export=xlsx").streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert any(inspector.person.name in line and "示例9" in line for line in rows)


def test_an_inspector_finds_the_own_entry_and_declares_there(cast: Cast, inspector: Player, client: Client) -> None:
    client.force_login(inspector.user)
    assert "名册里还没有您" in client.get("/inspectors/mine/").content.decode()
    row = entered(inspector)
    assert client.get("/inspectors/mine/").headers["Location"] == f"/inspectors/{row.pk}/"
    sent = {
        "unit": str(cast.school.pk), "ground": "kin", "words": "示例", "start_on": "2024-04-01", "said_on": "2024-04-01",
        "origin": "ordered",
    }  # fmt: skip
    assert client.post(f"/inspectors/{row.pk}/recuse/", sent).status_code == 302
    assert row.recusals.get().origin == "declared"
    assert client.post(f"/inspectors/{row.pk}/recuse/", sent).status_code == 422


def test_the_list_takes_the_same_statements_for_forty(
    cast: Cast, client: Client, django_assert_max_num_queries: object
) -> None:
    for at in range(40):
        entered(player(f"多{at}", "inspector", cast.office.appointment.unit, username=f"i{at}"))
    client.force_login(cast.office.user)
    actor, _ = accounts.actor_for(cast.office.user, hat=None, day=TODAY)
    assert queries.inspectors_visible_to(actor).count() == 40
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert client.get("/inspectors/").status_code == 200

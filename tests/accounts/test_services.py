"""Hats: from appointments, delegations and grants, all dated, and from nothing else."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dudao.accounts import queries, services
from dudao.accounts.models import Appointment, Delegation, Grant, OneTimeCode, Person, User
from dudao.audit.models import AuditEvent
from dudao.places.models import Unit
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, SINCE, TODAY, Cast, Player

DAY = timedelta(days=1)
PRINTED_ID = "11010519491231002X"  # the example printed in GB 11643-1999, nobody's


def hats(player: Player, day: date = TODAY) -> list[str]:
    return [hat.label for hat in queries.hats(player.person, day=day)]


def test_one_person_wears_three_hats_and_each_sees_its_own(cast: Cast):
    by = system("640122")
    services.appoint(person=cast.head.person, post="inspector", unit=cast.school_2, start_on=SINCE, by=by, now=NOW)
    services.delegate_hat(
        appointment=cast.head_2.appointment,
        to=cast.head.person,
        start_on=TODAY,
        end_on=TODAY + 5 * DAY,
        reason="出差",
        by=cast.head_2.actor,
        now=NOW,
    )
    assert hats(cast.head) == [
        "示例第一小学 · 校（园）长",
        "示例第二中学 · 责任督学",
        "示例第二中学 · 校（园）长（代丁（示例））",
    ]
    units = []
    for hat in queries.hats(cast.head.person, day=TODAY):
        actor, _ = queries.actor_for(cast.head.user, hat=hat.key, day=TODAY)
        units.append((actor.post, actor.unit, actor.on_behalf_of))
    assert units == [
        ("school_head", cast.school.pk, None),
        ("inspector", cast.school_2.pk, None),
        ("school_head", cast.school_2.pk, cast.head_2.person.pk),
    ]
    # A hat that is not theirs is not put on.
    actor, _ = queries.actor_for(cast.head.user, hat=cast.office.appointment.pk, day=TODAY)
    assert actor.post == "school_head"


def test_when_a_head_changes_the_old_one_sees_nothing_from_that_day(cast: Cast):
    new = services.enter_person(name="新校长（示例）", by=cast.office.actor, now=NOW)
    services.delegate_hat(
        appointment=cast.head.appointment,
        to=cast.head_2.person,
        start_on=TODAY,
        end_on=TODAY + 10 * DAY,
        reason="代管",
        by=cast.head.actor,
        now=NOW,
    )
    services.hand_over_post(
        appointment=cast.head.appointment, to=new, on=TODAY, reason="县委任免通知", by=cast.office.actor, now=NOW
    )
    assert hats(cast.head, TODAY - DAY) == ["示例第一小学 · 校（园）长"]
    assert hats(cast.head) == []
    actor, _ = queries.actor_for(cast.head.user, hat=cast.head.appointment.pk, day=TODAY)
    assert (actor.units, actor.may) == (frozenset(), frozenset())
    assert not queries.people_visible_to(actor, day=TODAY)
    assert [h.label for h in queries.hats(new, day=TODAY)] == ["示例第一小学 · 校（园）长"]
    # What was lent goes on, now in the new head's name.
    assert hats(cast.head_2)[1:] == ["示例第一小学 · 校（园）长（代新校长（示例））"]
    actions = AuditEvent.objects.filter(by_person=cast.office.person.pk).values_list("action", flat=True)
    assert {"appointment.ended", "appointment.started", "delegation.moved"} <= set(actions)


@pytest.mark.parametrize("post", ["security_admin", "audit_admin", "office_staff", "school_head"])
def test_an_administrator_holds_nothing_else(cast: Cast, post: str):
    by = system("640122")
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as caught:
        services.appoint(person=cast.system_admin.person, post=post, unit=cast.school, start_on=TODAY, by=by, now=NOW)
    assert caught.value.code == "accounts.three_apart"
    assert AuditEvent.objects.count() == before
    # Not even when the other post ended only yesterday is it refused: one after the other is allowed.
    services.end_appointment(
        appointment=cast.system_admin.appointment, last_day=TODAY - DAY, reason="轮换", by=by, now=NOW
    )
    services.appoint(person=cast.system_admin.person, post=post, unit=cast.kindergarten, start_on=TODAY, by=by, now=NOW)


def test_who_holds_a_business_post_becomes_no_administrator_and_is_lent_none(cast: Cast):
    with pytest.raises(Refused, match="三个人"):
        services.appoint(
            person=cast.head.person,
            post="audit_admin",
            unit=cast.bureau,
            start_on=TODAY,
            by=cast.security_admin.actor,
            now=NOW,
        )
    with pytest.raises(Refused) as caught:
        services.delegate_hat(
            appointment=cast.audit_admin.appointment,
            to=cast.head.person,
            start_on=TODAY,
            end_on=TODAY,
            reason="x",
            by=cast.audit_admin.actor,
            now=NOW,
        )
    assert caught.value.code == "accounts.three_apart"


@pytest.mark.parametrize(
    ("who", "post", "code"),
    [
        ("head", "school_clerk", "accounts.not_yours"),
        ("staff", "school_clerk", "accounts.not_yours"),
        ("office", "audit_admin", "accounts.not_yours"),
        ("system_admin", "audit_admin", "accounts.not_yours"),
        ("security_admin", "school_clerk", "accounts.not_yours"),
    ],
)
def test_the_office_appoints_to_business_posts_and_the_security_administrator_administrators(
    cast: Cast, who: str, post: str, code: str
):
    by = getattr(cast, who).actor
    person = services.enter_person(name="某人（示例）", by=cast.office.actor, now=NOW)
    with pytest.raises(Refused) as caught:
        services.appoint(person=person, post=post, unit=cast.school, start_on=TODAY, by=by, now=NOW)
    assert caught.value.code == code


def test_two_who_change_the_same_persons_hats_are_not_both_first(cast: Cast):
    seen = cast.head.person.version
    services.appoint(
        person=cast.head.person, post="inspector", unit=cast.school_2, start_on=TODAY, by=cast.office.actor, now=NOW
    )
    with pytest.raises(Conflict):
        services.appoint(
            person=cast.head.person,
            post="school_clerk",
            unit=cast.school_2,
            start_on=TODAY,
            by=cast.office.actor,
            now=NOW,
            base_version=seen,
        )


def test_only_the_holder_lends_a_hat_and_what_was_lent_is_not_lent_on(cast: Cast):
    kw = {"start_on": TODAY, "end_on": TODAY + DAY, "reason": "出差", "now": NOW}
    lend = services.delegate_hat
    with pytest.raises(Refused):
        lend(appointment=cast.head.appointment, to=cast.head_2.person, by=cast.office.actor, **kw)
    lent = lend(appointment=cast.head.appointment, to=cast.head_2.person, by=cast.head.actor, **kw)
    wearing, _ = queries.actor_for(cast.head_2.user, hat=lent.pk, day=TODAY)
    with pytest.raises(Refused):
        lend(appointment=cast.head.appointment, to=cast.staff.person, by=wearing, **kw)
    with pytest.raises(Refused):
        services.end_delegation(delegation=lent, reason="x", by=cast.staff.actor, now=NOW)
    services.end_delegation(delegation=lent, reason="已返回", by=cast.head.actor, now=NOW)
    assert len(hats(cast.head_2)) == 1
    with pytest.raises(Conflict):
        services.end_delegation(delegation=lent, reason="x", by=cast.head.actor, now=NOW)


def test_a_grant_on_a_unit_opens_it_for_its_days_and_is_taken_back_at_once(cast: Cast):
    grant = services.give_grant(
        to_person=cast.head.person,
        on_type="places.unit",
        on_key=str(cast.kindergarten.pk),
        purpose="read",
        start_on=TODAY,
        end_on=TODAY + DAY,
        reason="联合检查",
        by=cast.security_admin.actor,
        now=NOW,
    )

    def sees(day: date) -> bool:
        return cast.kindergarten.pk in queries.actor_for(cast.head.user, hat=None, day=day)[0].units

    assert [sees(TODAY - DAY), sees(TODAY), sees(TODAY + DAY), sees(TODAY + 2 * DAY)] == [False, True, True, False]
    services.end_grant(grant=grant, reason="检查取消", by=cast.security_admin.actor, now=NOW)
    assert not sees(TODAY)
    with pytest.raises(Refused):
        services.give_grant(
            to_person=cast.security_admin.person,
            on_type="places.unit",
            on_key="x",
            purpose="read",
            start_on=TODAY,
            reason="x",
            by=cast.security_admin.actor,
            now=NOW,
        )


def watches(cast: Cast, player: Player, where: Unit, **more: object) -> Grant:
    """The person is responsible inspector of a unit."""
    return services.give_grant(
        to_person=player.person,
        on_type="places.unit",
        on_key=str(where.pk),
        purpose="inspector.responsible",
        start_on=SINCE,
        reason="责任督学挂牌",
        by=cast.security_admin.actor,
        now=NOW,
        **more,  # type: ignore[arg-type]
    )


def test_a_grant_is_seen_in_the_hat_it_belongs_to_and_makes_nobody_act_as_the_unit(cast: Cast):
    by = system("640122")
    services.appoint(person=cast.head.person, post="inspector", unit=cast.bureau, start_on=SINCE, by=by, now=NOW)
    services.delegate_hat(
        appointment=cast.head_2.appointment,
        to=cast.head.person,
        start_on=TODAY,
        end_on=TODAY,
        reason="出差",
        by=cast.head_2.actor,
        now=NOW,
    )
    watches(cast, cast.head, cast.kindergarten)
    seen = {}
    for hat in queries.hats(cast.head.person, day=TODAY):
        actor, _ = queries.actor_for(cast.head.user, hat=hat.key, day=TODAY)
        seen[hat.label] = (actor.units, actor.is_of(cast.kindergarten.pk))
    assert list(seen.values()) == [
        ({cast.school.pk}, False),
        ({cast.bureau.pk, cast.kindergarten.pk}, False),
        ({cast.school_2.pk}, False),
    ]


def test_a_lent_inspectors_hat_comes_with_the_units_of_its_holder(cast: Cast):
    by = system("640122")
    post = services.appoint(person=cast.head.person, post="inspector", unit=cast.bureau, start_on=SINCE, by=by, now=NOW)
    watches(cast, cast.head, cast.kindergarten)
    inspector, _ = queries.actor_for(cast.head.user, hat=post.pk, day=TODAY)
    lent = services.delegate_hat(
        appointment=post, to=cast.head_2.person, start_on=TODAY, end_on=TODAY, reason="出差", by=inspector, now=NOW
    )
    own, _ = queries.actor_for(cast.head_2.user, hat=None, day=TODAY)
    worn, _ = queries.actor_for(cast.head_2.user, hat=lent.pk, day=TODAY)
    assert (own.units, worn.units) == ({cast.school_2.pk}, {cast.bureau.pk, cast.kindergarten.pk})


def test_the_units_of_an_inspector_go_to_who_takes_over_the_post(cast: Cast):
    by = system("640122")
    post = services.appoint(person=cast.head.person, post="inspector", unit=cast.bureau, start_on=SINCE, by=by, now=NOW)
    old = watches(cast, cast.head, cast.kindergarten)
    new = services.hand_over_post(
        appointment=post, to=cast.head_2.person, on=TODAY, reason="换届", by=cast.office.actor, now=NOW
    )

    def sees(player: Player, day: date) -> bool:
        hats = [None, *(hat.key for hat in queries.hats(player.person, day=day))]
        return any(cast.kindergarten.pk in queries.actor_for(player.user, hat=h, day=day)[0].units for h in hats)

    assert [sees(cast.head, TODAY - DAY), sees(cast.head, TODAY)] == [True, False]
    assert [sees(cast.head_2, TODAY - DAY), sees(cast.head_2, TODAY)] == [False, True]
    # Not even if the old inspector is appointed again.
    services.end_appointment(appointment=new, last_day=TODAY, reason="调整", by=by, now=NOW)
    services.appoint(person=cast.head.person, post="inspector", unit=cast.bureau, start_on=TODAY, by=by, now=NOW)
    assert not sees(cast.head, TODAY)
    event = AuditEvent.objects.get(action="grant.moved")
    assert event.subject == str(old.pk)


def test_an_identity_number_is_checked_closed_in_the_database_and_found_by_equality(cast: Cast):
    by = cast.office.actor
    with pytest.raises(Refused) as caught:
        services.enter_person(name="错号（示例）", id_number="110105194912310021", by=by, now=NOW)
    assert (caught.value.code, caught.value.field) == ("id_number.check", "id_number")
    person = services.enter_person(name="有号（示例）", id_number="11010519491231002x", by=by, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, id_number_index FROM accounts_person WHERE name = %s", ["有号（示例）"])
        closed, index = cursor.fetchone()
    assert PRINTED_ID not in closed and "19491231" not in closed + index
    person = Person.objects.get(pk=person.pk)
    assert person.id_number == PRINTED_ID
    with pytest.raises(Refused) as caught:
        services.enter_person(name="同号（示例）", id_number=PRINTED_ID, by=by, now=NOW)
    assert caught.value.code == "accounts.known"
    assert PRINTED_ID not in str(list(AuditEvent.objects.values_list("summary", "facts")))
    # Kept when the rest changes.
    services.change_person(person=person, base_version=1, name="改名（示例）", phone="", by=by, now=NOW)
    assert Person.objects.get(pk=person.pk).id_number == PRINTED_ID


def test_the_same_identity_number_may_be_known_in_two_counties(cast: Cast):
    for player in (cast.office, cast.foreign_office):
        services.enter_person(name="两县（示例）", id_number=PRINTED_ID, by=player.actor, now=NOW)


def test_a_head_sees_the_people_of_the_school_today_and_a_foreign_office_nobody(cast: Cast):
    assert list(queries.people_visible_to(cast.head.actor, day=TODAY)) == [cast.head.person]
    assert cast.head.person not in queries.people_visible_to(cast.foreign_office.actor, day=TODAY)
    assert queries.appointments_visible_to(cast.foreign_office.actor).filter(pk=cast.head.appointment.pk).count() == 0
    assert queries.users_visible_to(cast.foreign_office.actor).filter(pk=cast.head.user.pk).count() == 0
    assert list(queries.users_visible_to(cast.head.actor)) == [cast.head.user]


def test_listing_people_costs_the_same_however_many(cast: Cast, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = list(queries.people_with_posts(cast.office.actor, day=TODAY))
        assert all(person.held and list(person.users.all()) for person in found)
    assert len(found) == 7
    heads = queries.people_with_posts(cast.office.actor, day=TODAY).filter(queries.holds_post(day=TODAY)("school_head"))
    assert {p.name for p in heads} == {"丙（示例）", "丁（示例）"}


def test_the_database_refuses_wrong_rows(cast: Cast):
    a, person = cast.head.appointment, cast.head.person
    days = {"start_on": TODAY, "end_on": TODAY - DAY}
    grant = {"county": "640122", "on_type": "x", "on_key": "x", "purpose": "x", "start_on": TODAY, "reason": "x"}
    wrong = [
        lambda: Person.objects.create(county="640122", name=""),
        lambda: Appointment.objects.create(county="640122", person=person, post="x", unit=cast.school, **days),
        lambda: Appointment.objects.create(
            county="640122", person=person, post=a.post, unit=cast.school, start_on=TODAY
        ),
        lambda: Delegation.objects.create(appointment=a, to=cast.staff.person, reason="x", **days),
        lambda: Delegation.objects.create(
            appointment=a, to=cast.staff.person, reason="x", start_on=TODAY, end_on=TODAY, taken_back_at=NOW
        ),
        lambda: Grant.objects.create(**grant),
        lambda: Grant.objects.create(**grant, to_person=person, to_unit=cast.school),
        lambda: Grant.objects.create(**grant, to_person=person, end_on=TODAY - DAY),
        lambda: User.objects.create(username=cast.head.user.username, person=person),
        lambda: [
            OneTimeCode.objects.create(user=cast.head.user, digest="x", made_at=NOW, expires_at=NOW + DAY)
            for _ in range(2)
        ],
        lambda: OneTimeCode.objects.create(user=cast.staff.user, digest="x", made_at=NOW, expires_at=NOW),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_second_head_of_a_school_is_refused_and_told_how_heads_change(cast: Cast):
    second = services.enter_person(name="又一（示例）", by=cast.office.actor, now=NOW)
    head = {"person": second, "post": "school_head", "unit": cast.school, "by": cast.office.actor, "now": NOW}
    with pytest.raises(Refused, match=r"丙（示例）.*交接") as caught:
        services.appoint(start_on=TODAY, **head)
    assert (caught.value.code, caught.value.field) == ("accounts.held", "post")
    services.appoint(start_on=SINCE - 9 * DAY, end_on=SINCE - DAY, **head)  # the years before are entered later
    services.end_appointment(
        appointment=cast.head.appointment, last_day=TODAY, reason="调离", by=cast.office.actor, now=NOW
    )
    with pytest.raises(Refused, match="次日"):
        services.appoint(start_on=TODAY, **head)
    services.appoint(start_on=TODAY + DAY, **head)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86-13800000000", "13800000000"),
        ("（0951）8061234", "09518061234"),
        ("０９５１－８０６１２３４", "0951-8061234"),
        ("010-12345678-801", "010-12345678-801"),
        ("", ""),
        ("12345", None),
        ("1380000000", None),
        ("没有电话", None),
        ("23800000000", None),
    ],
)
def test_a_telephone_number_is_one_or_is_refused(cast: Cast, typed: str, kept: str | None):
    try:
        person = services.enter_person(name="电话（示例）", phone=typed, by=cast.office.actor, now=NOW)
    except Refused as refusal:
        assert (kept, refusal.field) == (None, "phone")
    else:
        assert person.phone == kept


def test_nobody_of_another_county_is_appointed(cast: Cast):
    with pytest.raises(Refused) as caught:
        services.appoint(
            person=cast.foreign.person,
            post="school_head",
            unit=cast.school,
            start_on=TODAY,
            by=cast.office.actor,
            now=NOW,
        )
    assert caught.value.code == "accounts.county"

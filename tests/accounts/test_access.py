"""Getting in: five wrong answers, codes on paper, sessions, the second factor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from django.db import connection

from dudao.accounts import access
from dudao.accounts.access import LOCK
from dudao.accounts.checks import no_demo_accounts
from dudao.accounts.models import Attempts, OneTimeCode, SecondFactor, SignIn, User
from dudao.audit.models import AuditEvent
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, PASSWORD, Cast, county_cast

MACHINE = NOW
MINUTE = timedelta(minutes=1)


def enter(username: str, secret: str = PASSWORD, *, at=MACHINE, address: str = "10.0.0.1") -> access.Verdict:
    return access.check_sign_in(username=username, secret=secret, address=address, now=NOW, machine=at)


def test_the_right_password_opens_and_letters_of_the_name_may_be_large(cast: Cast):
    assert enter(f" {cast.head.user.username.upper()} ").user == cast.head.user


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_in_a_row_lock_for_thirty_minutes_whether_the_name_exists_or_not(cast: Cast, exists: bool):
    name = cast.head.user.username if exists else "nobody-here"
    said = [enter(name, "错").message for _ in range(6)]
    assert said[:4] == [f"账号或密码不对。再错 {n} 次将锁定 30 分钟。" for n in (4, 3, 2, 1)]
    assert said[4] == said[5] == "连续输错 5 次，已锁定 30 分钟。到时再试，或请安全管理员解锁。"
    assert enter(name).user is None
    assert AuditEvent.objects.filter(action="account.locked").count() == 1
    later = enter(name, at=MACHINE + LOCK + MINUTE)
    assert later.user == (cast.head.user if exists else None)


def test_a_right_answer_starts_the_count_again(cast: Cast):
    for _ in range(2):
        for _ in range(4):
            enter(cast.head.user.username, "错")
        assert enter(cast.head.user.username).user


def test_the_security_administrator_unlocks_and_nobody_else(cast: Cast):
    for _ in range(5):
        enter(cast.head.user.username, "错")
    assert access.locked_until(cast.head.user, machine=MACHINE) == MACHINE + LOCK
    with pytest.raises(Refused):
        access.unlock(user=cast.head.user, by=cast.system_admin.actor, now=NOW)
    access.unlock(user=cast.head.user, by=cast.security_admin.actor, now=NOW)
    assert enter(cast.head.user.username).user
    with pytest.raises(Conflict):
        access.unlock(user=cast.head.user, by=cast.security_admin.actor, now=NOW)


def test_an_address_that_tries_many_names_is_slowed(cast: Cast):
    for n in range(access.WRONG_FROM_ADDRESS):
        enter(f"guess{n}", "错")
    assert "网络地址" in enter(cast.head.user.username).message
    assert enter(cast.head.user.username, address="10.0.0.2").user
    assert enter(cast.head.user.username, at=MACHINE + LOCK + MINUTE).user


def test_no_name_and_no_password_is_kept_by_the_counters(cast: Cast):
    enter("my-secret-typed-here", "错")
    kept = str(list(Attempts.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "my-secret-typed-here" not in kept


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_no_more_than_five_tries():
    user = county_cast().head.user

    def guess(_: int) -> bool:
        try:
            return bool(access._count(access._attempts_key(user.username), machine=MACHINE))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(20))) == 5


def test_a_code_from_the_slip_opens_once_and_sets_the_password(cast: Cast):
    person = access.queries.people_visible_to(cast.office.actor, day=NOW.date()).get(pk=cast.head.person.pk)
    User.objects.filter(person=person).delete()
    (slip,) = access.open_accounts(people=[person], by=cast.office.actor, now=NOW)
    assert access.open_accounts(people=[person], by=cast.office.actor, now=NOW) == []
    assert slip.code not in str(list(OneTimeCode.objects.values())) + str(list(AuditEvent.objects.values()))
    typed = slip.code.lower().replace("-", " ")
    verdict = enter(slip.user.username, typed)
    assert verdict.user == slip.user and verdict.user.must_change_password
    # Not spent by signing in: who closes the browser now is not locked out.
    assert enter(slip.user.username, slip.code).user
    access.set_password(user=verdict.user, password="新的长长的密码2024", by=cast.office.actor, now=NOW)
    assert enter(slip.user.username, slip.code).user is None
    assert enter(slip.user.username, "新的长长的密码2024").user


def test_a_code_ends_with_its_day_and_with_the_next_code(cast: Cast):
    first = access.issue_code(user=cast.head.user, by=cast.office.actor, now=NOW)
    second = access.issue_code(user=cast.head.user, by=cast.office.actor, now=NOW)
    assert enter(cast.head.user.username, first.code).user is None
    assert enter(cast.head.user.username).user is None  # the old password is gone
    late = NOW + timedelta(days=access.RESET_CODE_DAYS)
    verdict = access.check_sign_in(
        username=cast.head.user.username, secret=second.code, address="x", now=late, machine=late
    )
    assert verdict.user is None
    assert enter(cast.head.user.username, second.code).user


@pytest.mark.parametrize(
    ("who", "whom", "code"),
    [
        ("head", "head_2", "accounts.not_yours"),
        ("office", "system_admin", "accounts.not_yours"),
        ("office", "office", "accounts.own"),
        ("office", "foreign", "accounts.county"),
        ("system_admin", "system_admin", "accounts.own"),
    ],
)
def test_whoever_holds_a_code_holds_the_account_so_not_everybody_issues_it(cast: Cast, who: str, whom: str, code: str):
    with pytest.raises(Refused) as caught:
        access.issue_code(user=getattr(cast, whom).user, by=getattr(cast, who).actor, now=NOW)
    assert caught.value.code == code
    assert enter(getattr(cast, whom).user.username).user


def test_a_disabled_account_opens_nothing_and_its_sessions_end(cast: Cast):
    row = access.open_session(
        user=cast.head.user, device="x", address="x", by=cast.head.actor, now=NOW, machine=MACHINE, way="密码"
    )
    access.disable(user=cast.head.user, reason="离职", by=cast.system_admin.actor, now=NOW)
    assert enter(cast.head.user.username).user is None
    assert not access.still_stands(str(row.pk), user=cast.head.user, machine=MACHINE)
    access.enable(user=cast.head.user, by=cast.system_admin.actor, now=NOW)
    assert enter(cast.head.user.username).user


def test_a_session_ends_when_idle_and_after_twelve_hours(cast: Cast):
    def opened() -> str:
        row = access.open_session(
            user=cast.head.user, device="x", address="x", by=cast.head.actor, now=NOW, machine=MACHINE, way="密码"
        )
        return str(row.pk)

    def stands(key: str, minutes: int) -> bool:
        return access.still_stands(key, user=cast.head.user, machine=MACHINE + minutes * MINUTE)

    idle, busy = opened(), opened()
    assert [stands(idle, 29), stands(idle, 58), stands(idle, 89), stands(idle, 90)] == [True, True, False, False]
    assert all(stands(busy, minutes) for minutes in range(20, 12 * 60 + 1, 20))
    assert not stands(busy, 12 * 60 + 10)
    assert set(SignIn.objects.values_list("end_reason", flat=True)) == {"长时间未操作", "超过 12 小时"}
    assert not access.still_stands(opened(), user=cast.staff.user, machine=MACHINE)


@pytest.mark.parametrize("password", ["短", "1234567890123", "password123", PASSWORD])
def test_a_weak_or_the_old_password_is_refused(cast: Cast, password: str):
    with pytest.raises(Refused) as caught:
        access.set_password(user=cast.head.user, password=password, by=cast.head.actor, now=NOW)
    assert caught.value.field == "password"
    assert enter(cast.head.user.username).user


def factor(cast: Cast) -> tuple[User, pyotp.TOTP, list[str]]:
    user = cast.security_admin.user
    uri = access.begin_second_factor(user=user)
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    codes = access.confirm_second_factor(
        user=user, code=totp.at(MACHINE), by=cast.security_admin.actor, now=NOW, machine=MACHINE
    )
    return user, totp, codes


def second(user: User, code: str, *, at=MACHINE) -> access.Verdict:
    return access.check_second_factor(user=user, code=code, address="x", now=NOW, machine=at)


def test_six_digits_count_once_and_within_a_step(cast: Cast):
    user, totp, _ = factor(cast)
    later = MACHINE + timedelta(minutes=2)
    assert second(user, totp.at(MACHINE), at=MACHINE).user is None  # used when it was set up
    assert second(user, totp.at(MACHINE), at=later).user is None  # too old
    assert second(user, totp.at(later), at=later).user == user
    assert second(user, totp.at(later), at=later).user is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        assert totp.secret not in cursor.fetchone()[0]


def test_each_recovery_code_works_once(cast: Cast):
    user, _, codes = factor(cast)
    assert len(set(codes)) == 10
    assert second(user, codes[0].lower()).user == user
    assert second(user, codes[0]).user is None
    assert second(user, codes[1]).user == user


def test_guessing_the_six_digits_locks_too(cast: Cast):
    user, _, codes = factor(cast)
    said = [second(user, f"{n:06d}").message for n in range(5)]
    assert said[0] == "口令不对。再错 4 次将锁定 30 分钟。"
    assert second(user, codes[0]).user is None
    assert second(user, codes[0], at=MACHINE + LOCK + MINUTE).user == user


def test_an_administrator_does_not_take_the_second_factor_off_alone(cast: Cast):
    user, _, _ = factor(cast)
    with pytest.raises(Refused) as caught:
        access.drop_second_factor(user=user, by=cast.security_admin.actor, now=NOW)
    assert caught.value.code == "accounts.required"
    access.begin_second_factor(user=cast.head.user)
    with pytest.raises(Refused):
        access.drop_second_factor(user=cast.head.user, by=cast.office.actor, now=NOW)
    access.drop_second_factor(user=cast.head.user, by=cast.security_admin.actor, now=NOW)
    assert SecondFactor.objects.count() == 1


def test_production_lets_no_demo_account_in(cast: Cast, settings):
    User.objects.filter(pk=cast.head.user.pk).update(is_demo=True)
    assert enter(cast.head.user.username).user
    settings.MODE = "production"
    assert enter(cast.head.user.username).user is None
    assert [error.id for error in no_demo_accounts(["default"])] == ["accounts.E001"]

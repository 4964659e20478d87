"""Pages of papers: who sees what, bad input, both texts, the number book, the public page and the checker."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.messages.models import Message
from dudao.papers import checker, queries, sealing, services
from dudao.papers.models import Cosign, NumberCode, Paper, Receipt
from dudao.shell import clock
from tests.cast import NOW, TODAY, Cast, Player, player
from tests.papers.parts import picture, scan
from tests.papers.test_services import issue

pytestmark = pytest.mark.django_db
Draft = Callable[..., Paper]


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def page(client: Client, who: Player, name: str, *args: object, **data: Any) -> Any:
    client.force_login(who.user)
    return client.get(reverse(f"papers:{name}", args=args), data)


def send(client: Client, who: Player, name: str, *args: object, **data: Any) -> Any:
    client.force_login(who.user)
    return client.post(reverse(f"papers:{name}", args=args), data)


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_paper_goes_from_draft_to_the_units_hands_by_pages_alone(
    client: Client, cast: Cast, office: Player, code: NumberCode
) -> None:
    answer = send(client, cast.staff, "new", kind="circular", title="示例通报", to_units=[str(cast.school.pk)])
    paper = Paper.objects.get()
    assert answer["Location"] == reverse("papers:fields", args=[paper.pk])
    base = {"base_version": paper.version, "title": paper.title, "to_words": "示例第一小学", "body": "一、情况\n已查。"}
    assert send(client, cast.staff, "edit", paper.pk, **base).status_code == 302
    paper.refresh_from_db()
    assert "对比" in words(page(client, cast.staff, "paper", paper.pk))
    assert send(client, cast.staff, "submit", paper.pk, base_version=paper.version).status_code == 302
    assert page(client, cast.head, "paper", paper.pk).status_code == 404, "a unit sees no draft"
    refused = send(client, cast.staff, "issue", paper.pk, base_version=2, code=code.code)
    assert refused.status_code == 422 and "不能" in words(refused)
    paper.refresh_from_db()
    answer = send(client, office, "issue", paper.pk, base_version=paper.version, code=code.code)
    assert answer.status_code == 302
    paper.refresh_from_db()
    assert paper.number == "贺政教督发〔2024〕1号"
    assert paper.title in words(page(client, cast.head, "received"))
    shown = words(page(client, cast.head, "paper", paper.pk))
    assert "请签收" in shown and "办理过程" not in shown
    assert send(client, cast.head, "receive", paper.pk, on="2024-04-10").status_code == 302
    assert Receipt.objects.get().received_by_words == cast.head.person.name
    assert send(client, cast.head_2, "receive", paper.pk, on="2024-04-10").status_code == 404


def test_warnings_are_asked_once_before_signing(client: Client, cast: Cast, office: Player, draft: Draft) -> None:
    paper = draft()
    bad = {"base_version": paper.version, "title": "甲", "body": "幼儿13619人，其中公办园9169人，占比为68.33%。"}
    send(client, cast.staff, "edit", paper.pk, **bad)
    paper.refresh_from_db()
    facts = {"base_version": paper.version, "code": "贺政教督发"}
    assert "数字核对不符" in words(page(client, office, "issue", paper.pk))
    answer = send(client, office, "issue", paper.pk, **facts)
    assert answer.status_code == 422 and "数字核对不符" in words(answer)
    assert send(client, office, "issue", paper.pk, **facts, despite_warnings="on").status_code == 302


def test_the_page_of_signing_says_what_is_not_filled_instead_of_asking(
    client: Client, cast: Cast, office: Player, draft: Draft
) -> None:
    paper = draft()
    gap = {"base_version": paper.version, "title": "甲", "body": "请于【待填：改正期限】前改正。"}
    send(client, cast.staff, "edit", paper.pk, **gap)
    paper.refresh_from_db()
    shown = words(page(client, office, "issue", paper.pk))
    assert "不能签发" in shown and "缺：改正期限" in shown and "照样签发" not in shown
    answer = send(
        client, office, "issue", paper.pk, base_version=paper.version, code="贺政教督发", despite_warnings="on"
    )
    assert answer.status_code == 422 and "缺：改正期限" in words(answer)


def test_both_texts_are_shown_to_the_second_of_two(client: Client, cast: Cast, office: Player, draft: Draft) -> None:
    paper = draft()
    first = {"base_version": paper.version, "title": paper.title, "body": "甲写的。"}
    assert send(client, cast.staff, "edit", paper.pk, **first).status_code == 302
    answer = send(client, office, "edit", paper.pk, **{**first, "body": "乙写的。"})
    assert answer.status_code == 409
    assert "甲写的。" in words(answer) and "乙写的。" in words(answer)
    assert paper.texts.count() == 3


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("on", (TODAY + timedelta(days=1)).isoformat(), "不能晚于今天"),
        ("on", "2024-04-09", "不能早于成文日期"),
        ("on", "昨天", "请"),
        ("unit", "00000000-0000-7000-8000-000000000000", "选"),
        ("received_by_words", "", "签收人"),
        ("evidence", SimpleUploadedFile("x.exe", b"MZ\x90\x00"), "不能作为佐证材料"),
        ("evidence", None, "扫描件"),
    ],
)
def test_bad_service_is_said_at_its_field_and_nothing_is_kept(
    client: Client, cast: Cast, office: Player, draft: Draft, field: str, value: Any, said: str
) -> None:
    paper = issue(draft(), office.actor)
    data = {"unit": str(cast.school.pk), "on": "2024-04-10", "way": "paper", "received_by_words": "王某（示例）"}
    data |= {"evidence": SimpleUploadedFile("回证.png", picture())}
    data[field] = value
    answer = send(client, cast.staff, "serve", paper.pk, **{k: v for k, v in data.items() if v is not None})
    assert answer.status_code == 422 and said in words(answer)
    assert not Receipt.objects.exists()
    assert not StoredFile.objects.filter(subject_type="papers.receipt").exists()


def test_a_restricted_paper_is_nowhere_for_others(client: Client, cast: Cast, office: Player, draft: Draft) -> None:
    paper = draft(readers=[office.person.pk], title="限阅的示例决定", subject=("x.case", "1"))
    rows = services.ask_cosign(
        paper=paper, base_version=paper.version, persons=[office.person.pk], units=[], by=cast.staff.actor, now=NOW
    )
    services.answer_cosign(cosign=rows[0], answer="agreed", words="", by=office.actor, now=NOW)
    issue(paper, office.actor)
    leader = player("未", "leader", cast.bureau)
    second = player("申", "office_staff", cast.bureau)
    pages = [("paper", paper.pk), ("print", paper.pk), ("docx", paper.pk), ("compare", paper.pk)]
    pages += [("file", paper.pk, paper.file), ("edit", paper.pk), ("issue", paper.pk)]
    for who in (leader, second, cast.head):
        for name, *args in pages:
            assert page(client, who, name, *args).status_code == 404, (who.person.name, name)
        assert paper.title not in words(page(client, who, "list", q="限阅"))
    book = words(page(client, second, "book"))
    assert paper.number in book and paper.title not in book and "没有缺号和重号" in book
    assert paper.title in words(page(client, office, "list", q="限阅"))
    assert page(client, office, "file", paper.pk, paper.file).status_code == 200
    told = [*AuditEvent.objects.values_list("summary", flat=True), *Message.objects.values_list("title", "text")]
    assert not any(paper.title in str(one) for one in told), "neither the history nor a message tells its title"
    client.logout()
    assert paper.title not in words(client.get(f"/v/{paper.check_key}"))


def test_a_unit_gets_the_issued_file_and_its_own_proof_but_not_the_signature_nor_anothers(
    client: Client, cast: Cast, office: Player, draft: Draft
) -> None:
    paper = draft(to_units=[cast.school.pk, cast.school_2.pk])
    issue(paper, office.actor, signed_by=office.person.pk, signed_on=TODAY, evidence=[scan("签发件（示例）.png")])
    proofs = []
    for unit in (cast.school, cast.school_2):
        receipt = services.serve_paper(
            paper=paper, unit=unit.pk, on=TODAY, way="paper", received_by_words="甲", evidence=[scan()], by=office.actor, now=NOW
        )  # fmt: skip
        proofs.append(StoredFile.objects.get(subject=str(receipt.pk)).pk)
    signature = StoredFile.objects.get(name="签发件（示例）.png").pk
    got = {key: page(client, cast.head, "file", paper.pk, key).status_code for key in (paper.file, *proofs, signature)}
    assert list(got.values()) == [200, 200, 404, 404]
    shown = words(page(client, cast.head, "paper", paper.pk))
    assert "签发件（示例）" not in shown and shown.count("示例第二中学") == 1, "named as 主送, no more"


def test_the_public_page_answers_only_what_was_asked(client: Client, office: Player, draft: Draft) -> None:
    paper = issue(draft(), office.actor, site="https://dudao.example/")
    address = f"/v/{paper.check_key}"
    bare = words(client.get(address))
    assert paper.number not in bare and paper.title not in bare and str(paper.pk) not in bare
    said = sealing.code_words(number=paper.number, day=TODAY, sha256=paper.words_sha256, address="")
    right = words(client.get(address, {"words": said}))
    assert right.count("相符") == 3 and "不符" not in right
    wrong = words(client.get(address, {"words": said.replace("1号", "2号").replace("04-10", "04-11")}))
    assert wrong.count("不符") == 2
    assert client.get("/v/nothing").status_code == client.get("/v/%00").status_code == 404
    assert client.post(address).status_code == 405
    services.withdraw_paper(paper=paper, base_version=paper.version, reason="有误", by=office.actor, now=NOW)
    assert "已撤回" in words(client.get(address)) and "有误" not in words(client.get(address))


def test_the_checker_runs_alone_and_finds_a_changed_paper(
    client: Client, office: Player, draft: Draft, tmp_path: Path
) -> None:
    paper = issue(draft(), office.actor)
    data = b"".join(files.content(StoredFile.objects.get(pk=paper.file)))
    (tmp_path / "paper.docx").write_bytes(data)
    script = tmp_path / "check_paper.py"
    answer = client.get(reverse("papers:checker"))
    script.write_bytes(answer.content)
    assert len(script.read_text("utf-8").splitlines()) <= 150
    said = sealing.code_words(number=paper.number, day=TODAY, sha256=paper.words_sha256, address="")
    (tmp_path / "qr.txt").write_text(said, "utf-8")

    def run(file: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(script), str(tmp_path / file), str(tmp_path / "qr.txt")]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    assert run("paper.docx").returncode == 0, run("paper.docx").stdout
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, content.replace("15日内".encode(), "50日内".encode()))
    (tmp_path / "changed.docx").write_bytes(changed.getvalue())
    assert run("changed.docx").returncode == 1 and "不符  文字摘要" in run("changed.docx").stdout
    # The text as one copies it out of the file: other blanks, the same words.
    (tmp_path / "copied.txt").write_text("\n ".join(checker.words(data)), "utf-8")
    assert run("copied.txt").returncode == 0
    (tmp_path / "garbage.docx").write_bytes(b"PK\x03\x04garbage")
    assert run("garbage.docx").returncode == 2


def test_the_list_filters_finds_and_exports_in_a_constant_number_of_statements(
    client: Client, office: Player, cast: Cast, draft: Draft
) -> None:
    for _ in range(3):
        issue(draft(), office.actor)
    page(client, office, "list")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(client, office, "list")
    for _ in range(6):
        draft()
    with CaptureQueriesContext(connection) as many:
        page(client, office, "list")
    assert len(many) == len(few)
    shown = words(page(client, office, "list", state="issued", unit=str(cast.school.pk), year="2024"))
    assert "共 3 项" in shown
    assert "共 0 项" in words(page(client, office, "list", unit=str(cast.school_2.pk))) or "没有符合条件" in words(
        page(client, office, "list", unit=str(cast.school_2.pk))
    )
    assert page(client, office, "list", export="xlsx").status_code == 200
    assert page(client, office, "book", export="xlsx").status_code == 200


def test_the_fields_of_a_template_word_the_paper_and_say_what_is_missing(
    client: Client, cast: Cast, office: Player, code: NumberCode
) -> None:
    paper = services.draft_paper(
        kind="rectification-notice", subject=None, subject_title="", link="", values={"单位": "示例第一小学"},
        by=cast.staff.actor, now=NOW,
    )  # fmt: skip
    shown = words(page(client, cast.staff, "paper", paper.pk))
    assert "还缺：" in shown and "整改期限" in shown
    body = words(page(client, cast.staff, "fields", paper.pk))
    names = dict(re.findall(r'<label class="form-label" for="id_(f\d+)">([^<（]+)', body))
    by_label = {label: name for name, label in names.items()}
    data = {by_label["单位"]: "示例第一小学", by_label["责任督学"]: "督学甲", by_label["督导时间"]: "2024年4月1日"}
    data |= {by_label["存在问题"]: "1 | 消防通道堆放杂物 | \n2 | 台账不全 | 规定", by_label["整改期限"]: "15"}
    assert send(client, cast.staff, "fields", paper.pk, base_version=paper.version, **data).status_code == 302
    paper.refresh_from_db()
    text = paper.texts.first()
    assert text and "消防通道堆放杂物" in text.body and "台账不全" in text.body and "【待填" not in text.body
    too_many = {**data, by_label["存在问题"]: "1 | 2 | 3 | 4"}
    answer = send(client, cast.staff, "fields", paper.pk, base_version=paper.version, **too_many)
    assert answer.status_code == 422 and "第 1 行有 4 栏" in words(answer)


def test_a_cosigner_sees_the_draft_and_answers_on_its_page(
    client: Client, office: Player, cast: Cast, draft: Draft
) -> None:
    paper = draft()
    assert page(client, cast.head_2, "paper", paper.pk).status_code == 404
    send(client, cast.staff, "cosign", paper.pk, base_version=paper.version, units=[str(cast.school_2.pk)])
    row = Cosign.objects.get()
    assert "请您会签" in words(page(client, cast.head_2, "paper", paper.pk))
    assert send(client, cast.head, "cosign_answer", row.pk, answer="agreed").status_code == 404
    assert send(client, cast.head_2, "cosign_answer", row.pk, answer="objected", words="").status_code == 422
    assert send(client, cast.head_2, "cosign_answer", row.pk, answer="objected", words="期限太短").status_code == 302
    assert "期限太短" in words(page(client, office, "issue", paper.pk)) or "不同意见" in words(
        page(client, office, "issue", paper.pk)
    )


def test_what_waits_for_each_is_found(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    services.submit_paper(paper=paper, base_version=paper.version, by=cast.staff.actor, now=NOW)
    assert list(queries.to_sign(office.actor)) == [paper]
    assert not queries.to_sign(cast.staff.actor)
    issue(paper, office.actor)
    assert not queries.to_sign(office.actor)
    assert list(queries.to_receive(cast.head.actor)) == [paper]
    assert not queries.to_receive(cast.head_2.actor)


def test_a_code_is_kept_by_those_who_sign_and_not_turned_to_the_oa_once_it_counts(
    client: Client, office: Player, cast: Cast, draft: Draft, code: NumberCode
) -> None:
    assert page(client, cast.staff, "code_new").status_code == 404
    answer = send(client, office, "code_new", code="贺教督〔2024〕", organ="甲", numbered_by="here")
    assert answer.status_code == 422 and "不带年份" in words(answer)
    assert send(client, office, "code_before", code.pk, year="2024", before="7").status_code == 302
    assert issue(draft(), office.actor).serial == 8
    book = words(page(client, office, "book"))
    assert "8–8 号连续" in book and "1–7 号在启用本系统前使用" in book
    change = {"base_version": code.version, "organ": code.organ, "numbered_by": "oa", "is_active": "on"}
    answer = send(client, office, "code_change", code.pk, **change)
    assert answer.status_code == 422 and "已经在本系统编过号" in words(answer)


def test_a_number_that_the_oa_gave_is_written_whole_and_once(client: Client, office: Player, draft: Draft) -> None:
    send(client, office, "code_new", code="贺政办", organ="贺兰县人民政府办公室", numbered_by="oa")
    paper = draft()
    facts = {"base_version": paper.version, "code": "贺政办"}
    answer = send(client, office, "issue", paper.pk, **facts, number="12号")
    assert answer.status_code == 422 and "写全" in words(answer)
    assert send(client, office, "issue", paper.pk, **facts, number="贺政办[2024]12号").status_code == 302
    paper.refresh_from_db()
    assert paper.number == "贺政办〔2024〕12号"
    other = draft()
    answer = send(
        client, office, "issue", other.pk, base_version=other.version, code="贺政办", number="贺政办〔2024〕12号"
    )
    assert answer.status_code == 422 and "已经用过" in words(answer)

"""The forms of the library say what the real forms ask, in one meaning for each code, and mistakes in them are told with their line."""

from collections import Counter
from pathlib import Path

import pytest

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import forms, relations
from dudao_engines.standards.forms import Form
from dudao_engines.standards.model import Cell

LIBRARY = Path(__file__).parents[3] / "library" / "forms"
FORMS = forms.load(LIBRARY)

SMALL = """
id: small-return
version: '1'
name: 小表
level: school
source: 测试
evidence: NAT1
sections:
  - title: 甲
    fields:
      - {code: pupils, label: 学生, kind: int, evidence: NAT1}
      - {code: classes, label: 班级, kind: int, when: pupils > 0, evidence: NAT1}
relations:
  - {id: per_class, says: 平均班额过大, check: pupils <= 60 * classes, severity: warning, fields: [pupils], evidence: DESIGN}
"""


def test_the_school_return_asks_the_68_items_of_the_original_in_their_order_and_marks_its_own() -> None:
    school = FORMS["school-return"]
    original = [one for one in school.fields if not one.ours]
    assert [one.clause for one in original] == [f"学校填报表第 {n} 项" for n in range(1, 69)]
    assert all(one.evidence == "DESIGN" for one in school.fields if one.ours)
    assert Counter(one.kind for one in original) == {"int": 49, "dec": 10, "bool": 5, "text": 2, "enum": 1, "year": 1}


def test_items_41_to_44_are_asked_only_of_small_schools_and_49_and_50_only_in_dense_cities() -> None:
    school = FORMS["school-return"]
    shared = {f"shared_teachers_{one}" for one in ("pe", "music", "fine_art", "art")}
    dense = {"area_offsite_leased", "area_onsite_other_sports"}
    assert not relations.asked(school, {}) & (shared | dense)
    yes, no = Cell(True), Cell(False)
    assert relations.asked(school, {"rural_small_50_99": yes, "dense_inner_city": no}) & (shared | dense) == shared
    assert relations.asked(school, {"rural_small_50_99": no, "dense_inner_city": yes}) & (shared | dense) == dense


def test_a_pure_primary_school_is_not_asked_about_junior_pupils_or_about_both_stages() -> None:
    school = FORMS["school-return"]
    primary = {"students_primary": Cell(300), "students_junior": Cell(0)}
    both = {"students_primary": Cell(300), "students_junior": Cell(200)}
    assert "graduates_current" not in relations.asked(school, primary)
    assert "teachers_backbone_primary" not in relations.asked(school, primary)
    assert {"graduates_current", "teachers_backbone_primary", "classes_over_45_primary"} <= relations.asked(
        school, both
    )


def test_the_county_return_asks_its_20_items_and_what_the_national_tables_need() -> None:
    county = FORMS["county-return"]
    assert [one.clause for one in county.fields[:20]] == [f"区县填报表第 {n} 项" for n in range(1, 21)]
    clauses = {one.clause for one in county.fields}
    assert {f"国家申报表Ⅰ L{n}" for n in range(1, 25)} <= clauses


def test_the_self_assessment_has_36_items_each_with_conclusion_and_words() -> None:
    own = FORMS["preschool-self-assessment"]
    for n in range(1, 37):
        assert own.field(f"item_{n}_conclusion").choices == ("合格", "基本合格", "不合格")
        assert own.field(f"item_{n}_note").kind == "text"
    assert sum(1 for one in own.fields if one.kind == "bool") == 11
    assert len(own.sections) == 17


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_number_has_a_ceiling_and_no_two_heads_of_a_form_are_the_same(form: Form) -> None:
    for one in form.fields:
        assert one.maximum is not None or not one.is_number, one.code
    heads = [head for one in form.fields for head in {one.label, *one.aliases}]
    assert [head for head, count in Counter(heads).items() if count > 1] == []


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_relation_can_be_broken_and_says_nothing_over_nothing(form: Form) -> None:
    lower = [relations.Lower(FORMS[id]) for id in ("school-return", "kindergarten-return")]
    ready = forms.bound(form, [one.form for one in lower] if form.level == "county" else [])
    assert set(ready.relations) == {one.id for one in form.relations}
    assert relations.check(form, {}) == []


def test_a_fingerprint_follows_the_meaning_and_not_the_comments() -> None:
    form = forms.loads(SMALL, name="x")
    assert forms.loads("# says nothing\n" + SMALL, name="x").fingerprint == form.fingerprint
    assert forms.loads(SMALL.replace("60", "61"), name="x").fingerprint != form.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: 小表", "name: 小表\ncolour: red", "第 5 行“colour”：没有这个项目名"),
        ("kind: int, when", "kind: integer, when", "第 12 行"),
        ("when: pupils > 0", "when: pupils >", "第 12 行"),
        ("when: pupils > 0", "when: teachers > 0", "字段 classes 的 when：公式里的“teachers”"),
        ("when: pupils > 0", "when: pupils + 1", "应当是是非"),
        ("fields: [pupils]", "fields: [pupil]", "校验关系 per_class 的字段“pupil”不在本表里"),
        ("check: pupils <=", "check: other.pupils <=", "“other.pupils”"),
        ("check: pupils <= 60 * classes", "check: 'sum(kindergarten, pupils) > 0'", "不能汇总“kindergarten”"),
        ("code: classes", "code: pupils", "字段“pupils”写了两次"),
        ("label: 学生, kind: int", "label: 学生, kind: enum", "enum 要有选项"),
        ("label: 学生, kind: int", "label: 学生, kind: int, decimals: 2", "小数位"),
        ("label: 学生, kind: int", "label: 学生, kind: int, maximum: '-1'", "minimum 大于 maximum"),
    ],
)
def test_a_mistake_in_a_form_is_told(old: str, new: str, says: str) -> None:
    with pytest.raises(EngineInputError) as error:
        forms.loads(SMALL.replace(old, new), name="small.yaml")
    assert says in error.value.message


def test_one_code_may_not_mean_two_things_in_forms_of_one_level(tmp_path: Path) -> None:
    (tmp_path / "small-return.yaml").write_text(SMALL, "utf-8")
    other = SMALL.replace("small-return", "other-return").replace(
        "label: 学生, kind: int", "label: 学生, kind: int, unit: 百人"
    )
    (tmp_path / "other-return.yaml").write_text(other, "utf-8")
    with pytest.raises(EngineInputError, match="pupils 在 other-return 和 small-return 里含义不同"):
        forms.load(tmp_path)


def test_the_burden_counts_what_is_typed_by_hand() -> None:
    school = FORMS["school-return"]
    primary = {"students_primary": Cell(300), "students_junior": Cell(0)}
    asked = relations.asked(school, primary)
    alone = forms.burden(school, asked)
    assert (alone.asked, alone.typed, alone.prefilled) == (len(asked), len(asked), 0)
    held = {one.code for one in school.fields if one.held}
    helped = forms.burden(school, asked, prefilled=held)
    assert helped.typed == len(asked - held) < alone.typed
    assert helped.prefilled == helped.held == len(asked & held)
    assert helped.minutes < alone.minutes

"""A small form, asked of the two schools of the cast."""

from datetime import date

import pytest

from dudao.returns import library
from dudao.returns.models import Campaign, Return
from tests.cast import NOW, Cast

FORM = """
id: school-return
version: "1"
name: 学校填报表（示例）
level: school
source: 示例
evidence: DESIGN
sections:
  - title: 学校基本情况
    fields:
      - {code: school_name, label: 学校名称, kind: text, evidence: DESIGN}
      - {code: boarding, label: 是否寄宿制, kind: bool, evidence: DESIGN}
  - title: 学生
    fields:
      - {code: students_primary, label: 小学学生人数, kind: int, unit: 人, maximum: '20000', evidence: DESIGN, held: 学籍系统}
      - {code: students_junior, label: 初中学生人数, kind: int, unit: 人, maximum: '20000', evidence: DESIGN, held: 学籍系统}
      - {code: boarders, label: 寄宿生数, kind: int, unit: 人, when: boarding, evidence: DESIGN}
  - title: 校舍
    fields:
      - {code: area_teaching_aux, label: 教学及辅助用房面积, kind: dec, decimals: 2, unit: 平方米, evidence: DESIGN}
      - {code: area_indoor_sports, label: 其中：室内体育用房面积, kind: dec, decimals: 2, unit: 平方米, evidence: DESIGN}
relations:
  - id: sports_in_teaching
    says: 室内体育用房面积不能大于教学及辅助用房面积
    check: area_indoor_sports <= area_teaching_aux
    severity: error
    fields: [area_indoor_sports]
    evidence: DESIGN
  - id: area_falls
    says: 教学及辅助用房面积比上年减少两成以上
    check: area_teaching_aux >= last.area_teaching_aux * 0.8
    severity: warning
    fields: [area_teaching_aux]
    evidence: DESIGN
"""


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """An open campaign of the small form, with a return of each of the two schools."""
    made = Campaign.objects.create(
        county="640122",
        form="school-return",
        form_text=FORM,
        fingerprint=library.read(FORM).fingerprint,
        level="school",
        title="优质均衡填报（示例）",
        period="2024",
        period_label="2024年9月1日",
        census_on=date(2024, 4, 1),
        opens_on=date(2024, 4, 1),
        due_on=date(2024, 4, 20),
        state="open",
        opened_at=NOW,
        made_name="示例",
        made_at=NOW,
    )
    for unit in (cast.school, cast.school_2):
        Return.objects.create(county="640122", campaign=made, unit=unit, asked=6)
    return made


@pytest.fixture
def ret(cast: Cast, campaign: Campaign) -> Return:
    """The first school's return."""
    return campaign.returns.get(unit=cast.school)

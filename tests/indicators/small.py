"""A small standard with one of everything, made up for tests."""

from typing import Any

from dudao_engines.standards.schema import Standard

SMALL: dict[str, Any] = {
    "id": "small-2024", "version": "1", "name": "示例标准", "short_name": "示例标准", "doc_no": "示例〔2024〕1号",
    "status": "尚未与原件逐条核对", "sources": {"D1": {"title": "示例办法", "doc_no": "示例〔2024〕1号"}},
    "forms": ["school-return"],
    "levels": [
        {"id": "school", "name": "学校", "table": "school"},
        {"id": "county", "name": "县", "table": "county"},
    ],
    "parameters": [
        {"id": "P_FUND", "name": "生均公用经费", "value": "500", "unit": "元/生", "evidence": "LOCAL"},
        {"id": "P_SURE", "name": "毛入园率下限", "value": "85", "unit": "%", "evidence": "NAT2"},
        {"id": "P_BASIS", "name": "人口口径", "value": "常住", "allowed": ["常住", "户籍"], "evidence": "RECALL"},
    ],
    "groups": [{"id": "resource", "name": "资源配置"}, {"id": "government", "name": "政府保障"}, {"id": "veto", "name": "一票否决"}],
    "indicators": [
        {
            "id": "R1", "group": "resource", "name": "每百名学生教师数", "level": "school", "kind": "ratio", "unit": "人/百人",
            "numerator": "teachers", "denominator": "students", "factor": "100", "source": ["D1"], "evidence": "NAT2",
            "clause": "第一条", "limits": [{"op": ">=", "value": "4.2"}],
            "concessions": [{"id": "R1c", "when": "students < 100", "says": "小规模学校可加走教教师", "numerator": "teachers + shared",
                             "evidence": "NAT1"}],
        },
        {
            "id": "F1", "group": "resource", "name": "生均公用经费落实", "level": "county", "kind": "ratio", "unit": "元/生",
            "numerator": "fund", "denominator": "students", "evidence": "NAT1", "limits": [{"op": ">=", "param": "P_FUND"}],
        },
        {
            "id": "Q1", "group": "resource", "name": "巩固率", "level": "county", "kind": "ratio", "unit": "%", "factor": "100",
            "evidence": "NAT1", "limits": [{"op": ">=", "value": "95"}],
            "variants": [
                {"id": "A", "name": "公式表", "numerator": "graduates", "denominator": "entry", "default": True, "evidence": "LOCAL"},
                {"id": "B", "name": "申报表", "numerator": "graduates", "denominator": "entry + moved", "evidence": "RECALL"},
            ],
        },
        {
            "id": "G1", "group": "government", "name": "学校规划布局合理", "level": "county", "kind": "material", "evidence": "NAT1",
            "clause": "第二条", "materials": ["学校布局规划图", "相关文件"],
        },
        {
            "id": "A1", "group": "government", "name": "幼儿园布局规划", "level": "county", "kind": "attest", "evidence": "NAT1",
        },
        {
            "id": "E1", "group": "government", "name": "公用经费名单公示", "level": "county", "kind": "ratio", "unit": "%",
            "numerator": "shown", "denominator": "all_of", "factor": "100", "evidence": "NAT1",
            "limits": [{"op": ">=", "value": "80"}], "materials": ["名单公示网址"],
        },
        {
            "id": "M1", "group": "government", "name": "学校章程", "level": "school", "kind": "material", "evidence": "NAT1",
            "materials": ["学校章程"],
        },
        {
            "id": "W1", "group": "government", "name": "德育与校园文化", "level": "school", "kind": "grade", "evidence": "NAT1",
            "limits": [{"op": ">=", "value": "良好"}], "materials": ["德育工作方案"],
        },
        {"id": "V1", "group": "veto", "name": "以考试方式招生", "level": "county", "kind": "veto", "veto": True, "evidence": "NAT2",
         "limits": [{"op": "==", "value": "0"}]},
        {"id": "V7", "group": "veto", "name": "减负不力", "level": "county", "kind": "veto", "veto": True, "evidence": "LOCAL",
         "enabled": False, "place": "外地", "limits": [{"op": "==", "value": "0"}]},
    ],
    "verdict": {"says": "各项都达标", "formula": "passes(R1)", "evidence": "NAT1"},
    "judge_on": {"default": "unrounded", "evidence": "DESIGN"},
}  # fmt: skip


def small(**more: Any) -> Standard:
    """The small standard; ``more`` takes the place of what stands in it."""
    return Standard.model_validate({**SMALL, **more})

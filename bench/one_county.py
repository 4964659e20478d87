"""The peer of ``bench/indicators.py``: one county's workbook with plain pandas, as somebody would write it for the day."""

import sys

import pandas as pd

LIMITS = {"小学": (4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3), "初中": (5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4)}
CV = {"小学": 0.50, "初中": 0.45}


def main(path: str) -> None:
    schools = pd.read_excel(path, engine="calamine")
    primary, junior = schools["小学学生人数"], schools["初中学生人数"]
    senior = schools["高中学生人数"].fillna(0)
    complete = schools["学校类型"] == "完全中学"
    weights = {"小学": primary, "初中": junior * complete.map({True: 1.0, False: 1.1})}
    whole = weights["小学"] + weights["初中"] + senior * complete.map({True: 1.2, False: 1.32})
    several = (primary > 0).astype(int) + (junior > 0) + (complete & (senior > 0)) >= 2
    for stage, pupils in (("小学", primary), ("初中", junior)):
        degrees = ("专科", "本科", "硕士", "博士研究生") if stage == "小学" else ("本科", "硕士", "博士研究生")
        share = (weights[stage] / whole).where(several, 1)

        def of_stage(name: str, label: str, stage: str = stage) -> pd.Series:
            return schools[f"{name}（{stage}）"].where(several, schools[label])

        arts = [f"{name}专任教师人数" for name in ("体育", "音乐", "美术", "艺术")]
        tops = (
            sum(schools[f"{degree}学历教师人数（{stage}）"] for degree in degrees) * 100,
            of_stage("县级及以上骨干教师数", "县级及以上骨干教师数") * 100,
            sum(of_stage(name, name) for name in arts) * 100,
            (schools["教学及辅助用房总面积"] - schools["室内体育用房面积"]) * share,
            (schools["校内体育场面积"] + schools["室内体育用房面积"]) * share,
            schools["教学仪器设备资产值（账面原值）"] * share * 10000,
            schools["网络多媒体教室间数"] * share * 100,
        )
        ratios = pd.DataFrame({f"R{n}": top / pupils for n, top in enumerate(tops, 1)})[pupils > 0]
        limits = pd.Series(LIMITS[stage], index=ratios.columns)
        met, near = ratios.ge(limits), ratios.ge(0.85 * limits)
        print(ratios.round(2).to_csv(), met.assign(综合达标=(met.sum(axis=1) >= 6) & near.all(axis=1)).to_csv())
        of = pupils[pupils > 0]
        means = ratios.mul(of, axis=0).sum() / of.sum()
        cv = ((ratios - means) ** 2).mul(of / of.sum(), axis=0).sum() ** 0.5 / means
        print(cv.round(3).to_csv(), (cv <= CV[stage]).to_csv())


if __name__ == "__main__":
    main(sys.argv[1])

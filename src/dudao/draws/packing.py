"""The bundle that anybody can check, and checking one that comes back."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dudao.draws import content
from dudao.draws.models import Draw
from dudao.draws.reading import HEADS
from dudao.shell.errors import Refused
from dudao_engines.draws import draw as run_engine
from dudao_engines.draws import thaw
from dudao_engines.draws.bundle import verifier
from dudao_engines.kernel.digests import canonical_json, sha256_hex, sm3_hex
from dudao_engines.kernel.errors import EngineInputError

LIMIT = 20 * 1024 * 1024
#: Lines that are told when a list differs.
_TOLD = 5
README = """随机抽取核验包

draw.json    这次抽取的全部内容：冻结的名单、摘要、种子、号码、结果
frozen.json  冻结的内容，逐字节就是摘要所对的内容
名单.csv     同一份名单，便于阅读
verify.py    核验程序，只用 Python 3.8 以上自带的库，不联网，不到 150 行，可以自己读一遍

怎么核验
1. 把冻结时公布的 SHA-256 和下面的对一下，一个字都不能差。
2. 在约定的公开事件里查到种子，和下面的对一下。
3. 在这个文件夹里运行：python verify.py draw.json
   “核验通过”表示用同一份名单、同一个种子重抽一遍，号码和结果完全一致；退出码为 0。
只核对摘要：sha256sum frozen.json（Windows：certutil -hashfile frozen.json SHA256）

督学写作“督学03（封签 …）”的，编号后面的封签是 SHA-256（随机串|姓名）的前 16 位，随机串在督导室；抽取以后换人，封签就对不上。
扩大样本：在 draw.json 的号码里，没有抽中的按号码由小到大（按规模的为号码÷规模）接着取。
"""


def bundle(draw: Draw) -> bytes:
    """The bundle of a drawn one as a .zip with the same bytes each time."""
    said = content.published(draw)
    made = io.BytesIO()
    facts = [
        f"抽取事项：{draw.purpose}", f"SHA-256：{draw.sha256}", f"SM3：{draw.sm3}", f"冻结日期：{draw.frozen_on}",
        f"种子来源：{draw.event or '各方封存的数'}", f"种子：{draw.seed}", f"种子在哪里查得到：{draw.seed_from}",
        f"抽取日期：{draw.drawn_on}",
    ]  # fmt: skip
    facts += [
        f"第 {one.position} 次扩大（{one.on}，{one.reason}）：{'、'.join(one.added)}" for one in draw.enlargements.all()
    ]
    if draw.void_reason:
        facts.append(f"已于 {draw.voided_on} 作废：{draw.void_reason}")
    parts = {
        "draw.json": json.dumps(said, ensure_ascii=False, indent=1).encode(),
        "frozen.json": draw.frozen_text.encode(),
        "名单.csv": _csv(said),
        "verify.py": verifier(),
        "说明.txt": f"{README}\n{chr(10).join(facts)}\n".replace("\n", "\r\n").encode("utf-8-sig"),
    }
    assert draw.drawn_on is not None
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            day = draw.drawn_on
            packed.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _csv(said: Mapping[str, Any]) -> bytes:
    made = io.StringIO()
    lines = csv.writer(made)
    lines.writerow(["行", "代码", "名称", "层", "规模", "号码", "抽中次序", "督学"])
    drawn = {key: at for at, key in enumerate(said["drawn"], 1)}
    crew = said["frozen"]["crew"]
    names = {one[0]: one[1] for one in crew["members"]} if crew else {}
    for at, (unit, ticket) in enumerate(zip(said["frozen"]["units"], said["tickets"], strict=True), 1):
        key, name, stratum, size = unit
        people = "、".join(names[one] for one in said["teams"].get(key, ()))
        lines.writerow([at, *map(_safe, (key, name, stratum)), size, ticket, drawn.get(key, ""), people])
    return made.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    """Nothing that somebody typed becomes a formula where the table is opened."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        agrees: the file repeats itself, and is what this county froze.
        title, faults: in words; what differs, line by line where it can be told.
        sha256, sm3: digests of the list in the file.
        draw: the draw it was compared with.
    """

    agrees: bool
    title: str
    faults: tuple[str, ...] = ()
    sha256: str = ""
    sm3: str = ""
    draw: Draw | None = None


def opened(data: bytes) -> Any:
    """The JSON of an uploaded bundle, draw.json or frozen.json.

    Raises:
        Refused: ``draws.file``: no such file, too large, not JSON.
    """
    if len(data) > LIMIT:
        raise Refused("文件超过 20 MB。", code="draws.file", field="file")
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                inside = next(
                    (one for one in packed.infolist() if one.filename.rpartition("/")[2] == "draw.json"), None
                )
                if inside is None or inside.file_size > LIMIT:
                    raise Refused("压缩包里没有 draw.json，不是核验包。", code="draws.file", field="file")
                data = packed.read(inside)
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, OSError, RuntimeError, RecursionError, zipfile.BadZipFile, NotImplementedError):
        raise Refused("读不出这个文件：不是核验包，也不是名单。", code="draws.file", field="file") from None
    inside = found.get("frozen", found) if isinstance(found, dict) else None
    if not isinstance(inside, dict) or not isinstance(inside.get("units"), list):
        raise Refused("这个文件里没有抽取名单。", code="draws.file", field="file")
    return found


def digest_of(found: Mapping[str, Any]) -> str:
    """The digest that a file says it was frozen under, or for a bare list its own."""
    said = found.get("sha256") if "frozen" in found else None
    return said if isinstance(said, str) else sha256_hex(canonical_json(found.get("frozen", found)))


def check(found: Mapping[str, Any], draw: Draw | None) -> Verdict:
    """Compare a file with what was frozen here, and when it is a whole draw, run it again.

    Args:
        found: from ``opened``.
        draw: of this county, frozen; None where none has the digest.
    """
    inside = found.get("frozen", found)
    try:
        text = canonical_json(inside)
    except (TypeError, ValueError):
        return Verdict(False, "内容不合规定的格式", draw=draw)
    sha, sm3 = sha256_hex(text), sm3_hex(text)
    if draw is not None and text != draw.frozen_text.encode():
        ours = json.loads(draw.frozen_text)
        return Verdict(
            False, "名单和公布的摘要对不上：冻结以后内容被改过", tuple(differences(ours, inside)), sha, sm3, draw
        )
    whole = "frozen" in found
    if whole:
        try:
            if (fault := _again(found)) or (draw and draw.result and (fault := _ours(found, draw))):
                return Verdict(False, fault, (), sha, sm3, draw)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return Verdict(False, "内容不合规定的格式", (), sha, sm3, draw)
    if draw is None:
        words = "文件自身前后一致，但这个摘要不是本县公布的" if whole else "这份名单的摘要不是本县公布的"
        return Verdict(False, words, (), sha, sm3)
    return Verdict(
        True,
        "核验通过：名单、种子、号码和结果与公布的完全一致" if whole else "名单与公布的摘要一致",
        (),
        sha,
        sm3,
        draw,
    )


def _again(found: Mapping[str, Any]) -> str:
    """Run the draw of a file again; what differs in words, empty where nothing does."""
    try:
        frozen = thaw(found["frozen"], found["sha256"])
        result = run_engine(frozen, found["seeds"], on=date.fromisoformat(found["drawn_on"]))
    except EngineInputError as error:
        return error.message
    if list(result.tickets) != found["tickets"]:
        return "号码和重新算出的不同"
    if list(result.drawn) != found["drawn"]:
        return "抽中的名单和重新抽出的不同"
    if {unit: list(team) for unit, team in result.teams.items()} != found["teams"]:
        return "人员和重新抽出的不同"
    return ""


def _ours(found: Mapping[str, Any], draw: Draw) -> str:
    """Whether a file that repeats itself is the draw as it was made here: another seed gives another one."""
    said = content.published(draw)
    if found["seeds"] != said["seeds"]:
        return "种子和登记的不同"
    return "" if found["drawn"] == said["drawn"] else "抽中的名单和公布的不同"


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Where two frozen contents differ, in words: lines by their number and code, then everything else by name."""
    told: list[str] = []
    before = {one[0]: (at, one) for at, one in enumerate(ours["units"], 1)}
    after = {}
    for at, one in enumerate(theirs.get("units", []), 1):
        if not isinstance(one, list) or len(one) != 4:
            told.append(f"第 {at} 行的格式不对")
        elif one[0] in after:
            told.append(f"第 {at} 行的代码“{one[0]}”重复")
        else:
            after[one[0]] = (at, one)
    for key, (at, one) in after.items():
        if key not in before:
            told.append(f"第 {at} 行“{key} {one[1]}”是冻结的名单里没有的")
        elif before[key][1] != one:
            changed = [
                f"{name}由“{_word(old)}”改成“{_word(new)}”"
                for name, old, new in zip(HEADS, before[key][1], one, strict=True)
                if old != new
            ]
            told.append(f"第 {at} 行“{before[key][1][1]}”的{'，'.join(changed)}")
    told += [f"少了冻结时的第 {at} 行“{one[1]}”" for key, (at, one) in before.items() if key not in after]
    if not told and [one[0] for one in ours["units"]] != list(after):
        told.append("名单的次序被改过")
    names = {
        "purpose": "抽取事项", "method": "方法", "take": "抽取数量", "crew": "督学名单或回避", "frozen_on": "冻结日期",
        "event": "约定的事件", "event_on": "事件日期", "commitments": "封存的摘要", "format": "格式",
    }  # fmt: skip
    told += [f"{words}被改过" for name, words in names.items() if ours[name] != theirs.get(name)]
    if len(told) > _TOLD:
        told = [*told[:_TOLD], f"另有 {len(told) - _TOLD} 处不同"]
    return told


def _word(value: object) -> str:
    return "（空）" if value in (None, "") else str(value)

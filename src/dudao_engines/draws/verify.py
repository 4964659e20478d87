"""核验一次随机抽取：python verify.py 抽取结果.json   （只用 Python 3.8 以上自带的库，不联网）

先核对名单和公布的摘要，再用公布的种子重新抽一遍，逐项比较。一致时退出码为 0。算法说明见随附的说明文件。
"""

import hashlib
import json
import sys
import unicodedata
from fractions import Fraction


def must(holds, words):
    if not holds:
        raise ValueError(words)


def sha(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seed_of(content, seeds):
    said = ["".join(unicodedata.normalize("NFKC", one).split()) for one in seeds]
    if content["event"]:
        must(len(said) == 1 and said[0], "种子应当只有一个")
        return said[0]
    must(len(said) == len(content["commitments"]) >= 2, "公开的数和封存的方数不同")
    for (who, digest), text in zip(content["commitments"], said):
        must(sha(text) == digest, who + "公开的数和封存的摘要对不上")
    return "|".join(said)


def certain(sizes, n):
    sure = set()
    while len(sure) < n:
        left, total = n - len(sure), sum(s for i, s in enumerate(sizes) if i not in sure)
        more = [i for i, s in enumerate(sizes) if i not in sure and left * s >= total]
        if not more:
            return sure
        sure.update(sorted(more, key=lambda i: -sizes[i])[:left])
    return sure


def systematic(sizes, n, start):
    sure = certain(sizes, n)
    rest = [i for i in range(len(sizes)) if i not in sure]
    k = n - len(sure)
    drawn, end = [], 0
    if k:
        step = Fraction(sum(sizes[i] for i in rest), k)
        point = step * start
        for i in rest:
            end += sizes[i]
            if end >= point:
                drawn.append(i)
                point += step
    return sorted([*sure, *drawn])


def tickets_of(base, n):
    stream = hashlib.shake_256(base.encode()).hexdigest(16 * n)
    return [stream[i : i + 32] for i in range(0, 32 * n, 32)]


def draw(content, digest, seed):
    base = digest + "\n" + seed + "\n"
    units, take = content["units"], content["take"]
    ticket = tickets_of(base + "units", len(units))
    if content["method"] == "systematic":
        number = int("".join(tickets_of(base + "start", 2)), 16)
        drawn = systematic([u[3] for u in units], take, Fraction(number + 1, 2**256))
    elif content["method"] == "lasting":
        drawn = sorted(range(len(units)), key=lambda i: Fraction(int(ticket[i], 16), units[i][3]))[:take]
    else:
        order = sorted(range(len(units)), key=lambda i: ticket[i])
        drawn = order[:take] if content["method"] == "simple" else []
        for name in sorted(take) if content["method"] == "stratified" else []:
            drawn += [i for i in order if units[i][2] == name][: take[name]]
    return ticket, [units[i][0] for i in drawn]


def staffed(wanted, free, room):
    holds = {m: set() for m in room}

    def place(unit, seen):
        for m in free[unit]:
            if m in seen or unit in holds[m]:
                continue
            seen.add(m)
            if len(holds[m]) < room[m]:
                holds[m].add(unit)
                return True
            for other in sorted(holds[m]):
                if place(other, seen):
                    holds[m].remove(other)
                    holds[m].add(unit)
                    return True
        return False

    return all(place(unit, set()) for unit in wanted for _ in range(wanted[unit]))


def teams_of(content, drawn, digest, seed):
    crew = content["crew"]
    if not crew:
        return {}
    apart = {tuple(p) for p in crew["apart"]}
    room = {m[0]: crew["most"] for m in crew["members"]}
    free = {u: [m for m in room if (u, m) not in apart] for u in drawn}
    teams = {}
    for at, unit in enumerate(drawn):
        ticket = dict(zip(room, tickets_of(digest + "\n" + seed + "\ncrew\n" + unit, len(room))))
        order = sorted((crew["most"] - room[m], ticket[m], m) for m in free[unit])
        team = []
        for i, (_, _, m) in enumerate(order):
            if len(team) == crew["each"] or not room[m]:
                continue
            room[m] -= 1
            wanted = {unit: crew["each"] - len(team) - 1, **dict.fromkeys(drawn[at + 1 :], crew["each"])}
            fits = staffed(wanted, {**free, unit: [x[2] for x in order[i + 1 :]]}, room)
            team += [m] if fits else []
            room[m] += not fits
        teams[unit] = team
    return teams


def main(path):
    with open(path, encoding="utf-8") as opened:
        said = json.load(opened)
    content, digest = said["frozen"], said["sha256"]
    try:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        must(sha(text) == digest, "名单和公布的摘要对不上：冻结以后内容被改过")
        must(content["format"] == "dudao-draw-1", "不认识这种格式")
        must(not content["event"] or content["frozen_on"] < content["event_on"] <= said["drawn_on"], "种子早于名单")
        must(len({u[0] for u in content["units"]}) == len(content["units"]), "名单上有重复的代码")
        seed = seed_of(content, said["seeds"])
        ticket, drawn = draw(content, digest, seed)
        must(ticket == said["tickets"], "号码和重新算出的不同")
        must(drawn == said["drawn"], "抽中的名单和重新抽出的不同")
        must(teams_of(content, drawn, digest, seed) == said["teams"], "人员和重新抽出的不同")
    except ValueError as wrong:
        print("核验不通过：" + str(wrong))
        return 1
    print("核验通过：名单摘要 %s，种子 %s，抽中 %d 个，与公布的完全一致。" % (digest, seed, len(drawn)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else "用法：python verify.py 抽取结果.json")

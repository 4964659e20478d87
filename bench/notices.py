"""Reading a notice costs the same per character whether it is short or very long."""

import time
from pathlib import Path

from dudao_engines.notices import read_notice, split_notices

LIMIT = 3.0
_NOTICE = Path(__file__).parents[1] / "library" / "demo" / "helan_2024_yaodian.txt"
_SHAPES = {
    "real notice repeated": lambda text: text,
    "all on one line": lambda text: text.replace("\n", " "),
    "wrapped at 28 characters": lambda text: "\n".join(text[at : at + 28] for at in range(0, len(text), 28)),
    "rows of a table": lambda text: (
        "序号 | 重点任务 | 责任单位 |\n"
        + "".join(
            f"{at % 999 + 1} | {text[at * 20 % 1800 : at * 20 % 1800 + 30].replace(chr(10), '')} | 督导室 |\n"
            for at in range(len(text) // 45)
        )
    ),
    "nothing but numerals": lambda text: "一、\n二、\n" * (len(text) // 6),
    "nothing but pipes": lambda text: "|\n" * (len(text) // 2),
    "open brackets": lambda text: "《（“" * (len(text) // 3),
    "spaces": lambda text: "督 " * (len(text) // 2),
    "titles": lambda text: "关于开展督导的通知\n各学校：\n现印发《要点》。\n" * (len(text) // 25),
    "record keys": lambda text: "文 号 发布日期 " * (len(text) // 8),
}


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        For each shape of text: name, time per character of 2 MB over that of 2 KB, limit, whether it holds.
    """
    real = _NOTICE.read_bytes().decode("utf-8")
    results = []
    for name, shape in _SHAPES.items():
        short, long = (shape(_repeated(real, size)) for size in (2_000, 2_000_000 // 3))
        ratio = _seconds(long, 1) / len(long) / (_seconds(short, 20) / len(short))
        results.append((f"notices: {name}, 2 MB : 2 KB per character", round(ratio, 2), LIMIT, ratio <= LIMIT))
    return results


def _repeated(text: str, characters: int) -> str:
    return (text * (characters // len(text) + 1))[:characters]


def _seconds(text: str, times: int) -> float:
    """Processor time of the fastest of several readings: other programs on the machine do not count."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        split_notices(text)
        read_notice(text)
        best = min(best, time.process_time() - started)
    return best


if __name__ == "__main__":
    for name, value, limit, ok in run():
        print(f"{'ok ' if ok else 'BAD'} {value:8.2f} (limit {limit})  {name}")

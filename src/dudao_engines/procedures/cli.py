"""``dudao procedures draw|check [FOLDER]``: the procedures as a page for the docs, or walked against the laws."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.procedures import schema, world
from dudao_engines.procedures.drawing import page


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Args:
        argv: the words after ``dudao procedures``.

    Returns:
        0; 1 when a law is broken; 2 when a file cannot be used.
    """
    parser = argparse.ArgumentParser(prog="dudao procedures", description="画出程序，或走查程序是否守规则。")
    parser.add_argument("what", choices=("draw", "check"))
    parser.add_argument("folder", nargs="?", type=Path, default=Path("library/procedures"))
    wanted = parser.parse_args(argv)
    try:
        procedures = schema.load(wanted.folder)
    except EngineInputError as error:
        print(error.message, file=sys.stderr)
        return 2
    if not procedures:
        print(f"{wanted.folder} 里没有程序文件。", file=sys.stderr)
        return 2
    if wanted.what == "draw":
        print(page(procedures), end="")
        return 0
    return _check(procedures)


def _check(procedures: dict[str, schema.Procedure]) -> int:
    broken = 0
    for plan in world.plans():
        walk = world.World(procedures, plan).walk()
        until = f"{plan.depth} 步以内" if plan.depth else "走到底"
        print(
            f"{plan.name}：{until}，{walk.states} 个状态，{walk.moves} 步，{len(walk.breaches)} 处不守规则", flush=True
        )
        for breach in walk.breaches:
            print(breach)
            broken += 1
    return 1 if broken else 0

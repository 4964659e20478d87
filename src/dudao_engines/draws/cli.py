"""``dudao draws run|verify``: a draw from plain files, without the web application."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from dudao_engines.draws import verify
from dudao_engines.draws.bundle import published
from dudao_engines.draws.drawing import draw
from dudao_engines.draws.frozen import thaw
from dudao_engines.kernel.digests import canonical_json, sha256_hex
from dudao_engines.kernel.errors import EngineInputError

_USAGE = (
    "用法：dudao draws run frozen.json --seed 种子 [--seed 种子 …] --on 抽取日期 [--sha256 公布的摘要]\n"
    "      dudao draws verify draw.json"
)


class _Parser(argparse.ArgumentParser):
    """Says in Chinese how the command is used."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{_USAGE}\n")


def main(words: Sequence[str]) -> int:
    """Run a draw of a frozen list and print draw.json, or check a draw.json.

    Returns:
        0; 1 where the check does not agree or the draw is refused; 2 for wrong words.
    """
    parser = _Parser(prog="dudao draws", add_help=False)
    acts = parser.add_subparsers(dest="act", required=True)
    run = acts.add_parser("run")
    run.add_argument("frozen", type=Path)
    run.add_argument("--seed", action="append", required=True)
    run.add_argument("--on", type=date.fromisoformat, required=True)
    run.add_argument("--sha256", default="")
    check = acts.add_parser("verify")
    check.add_argument("draw", type=Path)
    said = parser.parse_args(list(words))
    try:
        if said.act == "verify":
            return int(verify.main(str(said.draw)))  # type: ignore[no-untyped-call]
        content = json.loads(said.frozen.read_text("utf-8"))
        frozen = thaw(content, said.sha256 or sha256_hex(canonical_json(content)))
        whole = published(frozen, said.seed, draw(frozen, said.seed, on=said.on), on=said.on)
    except EngineInputError as error:
        print(error.message, file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        print("读不出这个文件：不是冻结的名单或抽取结果。", file=sys.stderr)
        return 1
    print(json.dumps(whole, ensure_ascii=False, indent=1))
    return 0

"""How sure a rule, a limit or a step is, in the words of the screen."""

#: By the codes that the files of ``library`` use.
EVIDENCE = {
    "LAW": "法律法规", "NAT2": "国家文件（两源一致）", "NAT1": "国家文件（单一来源）", "SEED": "本县要点", "LOCAL": "外地规定",
    "RECALL": "凭记忆，待核对原文", "DESIGN": "系统建议",
}  # fmt: skip

"""The kinds of papers there are."""

KINDS = {
    "inspection-notice": "督导通知",
    "preliminary-opinion": "初步督导意见",
    "opinion": "督导意见书",
    "rectification-notice": "整改通知书",
    "supervision-order": "督办单",
    "talk-notice": "约谈通知书",
    "talk-record": "约谈记录",
    "circular-notice": "通报事先告知书",
    "circular": "通报",
    "accountability-notice": "问责事项告知书",
    "accountability-decision": "问责决定",
    "transfer-letter": "问题线索移送函",
    "inspection-report": "督导报告",
    "minutes": "会议纪要",
    "reward": "激励决定",
    "service-receipt": "送达回证",
    "recheck-record": "核查（复查）意见",
    "look-back-record": "回头看复查记录",
}


def kind_name(code: str) -> str:
    """What people call a kind; one that the library does not know any more as it was entered."""
    return KINDS.get(code, code)

"""The record of a notice under one set of names, whatever the page calls them; nothing that no label or place says."""

from collections.abc import Sequence

from dudao_engines.notices.model import MetaField

# Name: the labels it goes by, the surest first. Not among them: 来源 (who copied it), 印发日期 (when it was printed).
KEYS: dict[str, tuple[str, ...]] = {
    "发文机关": ("发文机关", "发文单位", "制发机关", "制定机关"),
    "署名": ("署名",),
    "文号": ("文号", "发文字号", "文件编号", "文件号"),
    "成文日期": ("成文日期", "发文日期", "发文时间", "生成日期"),
    "发布日期": ("发布日期", "发布时间", "公开日期", "公开时间"),
    "公开时限": ("公开时限", "公开期限"),
    "公开方式": ("公开方式", "公开形式"),
    "发布机构": ("发布机构", "发布单位"),
    "责任部门": ("责任部门", "公开责任部门"),
    "效力状态": ("效力状态", "有效性", "文件状态", "时效性"),
    "主送": ("主送",),
    "附件": ("附件",),
}

# Labels of the title; it is not part of the record as it is asked for.
TITLE_KEYS = ("名称", "标题", "文件名称", "文件标题", "信息名称")


def record_of(metadata: Sequence[MetaField]) -> dict[str, MetaField | None]:
    """The record of a notice.

    Args:
        metadata: ``Notice.metadata``.

    Returns:
        Each name of ``KEYS`` with what is printed under the first of its labels, or None.
    """
    first: dict[str, MetaField] = {}
    for item in metadata:
        first.setdefault(item.key, item)
    return {name: next((first[key] for key in keys if key in first), None) for name, keys in KEYS.items()}

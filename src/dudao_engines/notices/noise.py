"""What a web page or a document library prints around a notice."""

import re

from dudao_engines.notices.lines import Line

_BREADCRUMB = re.compile(r"(?:您?(?:当前|现在)?(?:的|所在)?(?:浏览)?(?:位置|所在)|当前位置|首页|网站首页)\s*[:：>»›/]")
_STRONG = re.compile(
    r"扫一扫|扫码|二维码|附件下载$|相关附件$|相关链接$|[\[【（(]?\s*(?:打印|关闭|收藏|字体|分享)(?:本页|此页|窗口|到)?\s*[\]】）)]?(?:\s|$|[:：\[【])|打印本页|关闭窗口|"
    r"上一[篇条][:：]?|下一[篇条][:：]?|返回(?:顶部|首页|列表|上页)|版权所有|网站地图|网站标识码|.{0,20}ICP备|.{0,10}公网安备|您是第|访问量|技术支持[:：]|主办单位?[:：]|承办单位?[:：]|"
    r"分享到|分享(?:按钮)?$|.{0,12}浏览次数|.{0,12}阅读次数|视力保护色|朗读$|举报$|收藏$|点赞$|展开全文|阅读全文|加载中|登录|注册$|会员|VIP|"
    r"热度\s*\d|\d+(?:\.\d+)?\s*[KMG]B$|共\s?\d+\s?页$|[（(]?文档预览|由网友上传|本文(?:档)?由|请勿复制|长按|点击(?:下载|查看|上方|关注)|微信公众号|原标题[:：]|"
    r".{0,60}\.(?:docx?|pdf|wps|ofd|xlsx?)$|[━─_＿=*★☆\-—]{3,}$",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_PAGE_NO = re.compile(
    r"[—–\-－‐―]{1,2}\s?\d{1,4}\s?[—–\-－‐―]{1,2}|第\s?\d{1,4}\s?页(?:[\s,，/]*共\s?\d{1,4}\s?页)?|\d{1,3}\s?/\s?\d{1,3}"
)


def is_noise(line: Line) -> bool:
    """Words of the site, wherever they stand."""
    words = line.text
    if words.count("★") + words.count("☆") >= 2 or _BREADCRUMB.match(words):
        return len(words) <= 300
    if len(words) <= 120 and (words.count(">") + words.count("»") + words.count("＞") >= 2) and "。" not in words:
        return True
    return len(words) <= 80 and bool(_STRONG.match(words))


def is_front_noise(line: Line) -> bool:
    """Words that are the site's only when they stand before the body."""
    return bool(_STAMP.fullmatch(line.text)) or (len(line.text) <= 8 and not re.search(r"[，。；：,;:]", line.text))


def is_page_no(line: Line) -> bool:
    return bool(_PAGE_NO.fullmatch(line.text))

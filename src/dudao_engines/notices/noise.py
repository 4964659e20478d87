"""What a web page or a document library prints around a notice."""

import re

from dudao_engines.notices.lines import Line

_BREADCRUMB = re.compile(r"(?:您?(?:当前|现在)?(?:的|所在)?(?:浏览)?(?:位置|所在)|当前位置|首页|网站首页)\s*[:：>»›/]")
_ANYWHERE = re.compile(
    r"扫一扫|扫码|附件下载$|相关附件$|相关链接|[\[【（(]\s*(?:打印|关闭|收藏|字体|分享|大|中|小)\S{0,2}\s*[\]】）)]|打印本页|打印此页|关闭窗口|"
    r"上一[篇条]|下一[篇条]|返回(?:顶部|首页|列表|上页)|版权所有|网站地图|网站标识码|.{0,20}ICP备|.{0,10}公网安备|您是第|技术支持[:：]|"
    r"(?:主办|承办|主管|运维)(?:单位)?[:：]|分享到|视力保护色|.{0,60}\.(?:docx?|pdf|wps|ofd|xlsx?)$|[━─_＿=*★☆\-—]{3,}$|[?？\s]+$",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"分享|打印|关闭$|收藏|举报|点赞|朗读|字体|展开|阅读全文|加载中|登录|注册|会员|VIP|访问量|.{0,12}(?:浏览|阅读)(?:次数|量)|二维码|"
    r"热度\s*\d|\d+(?:\.\d+)?\s*[KMG]B$|共\s?\d+\s?页$|[（(]?文档预览|由网友上传|本文(?:档)?由|请勿复制|长按|点击(?:下载|查看|上方|关注)|"
    r"微信公众号|原标题[:：]|.{0,80}可在线阅读|基本信息$|文档摘要$|- ?配套讲稿",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_PAGE_NO = re.compile(
    r"[—–\-－‐―]{1,2}\s?\d{1,4}\s?[—–\-－‐―]{1,2}|第\s?\d{1,4}\s?页(?:[\s,，/]*共\s?\d{1,4}\s?页)?|\d{1,3}\s?/\s?\d{1,3}|\d{1,3}、"
)


def is_noise(line: Line) -> bool:
    """Words of the site, wherever they stand."""
    return len(line.text) <= 80 and bool(_ANYWHERE.match(line.text))


def is_front_noise(line: Line) -> bool:
    """Words that are the site's when they stand before or after the body: slogans, trails, buttons, stamps."""
    words = line.text
    if words.count("★") + words.count("☆") >= 2 or _BREADCRUMB.match(words) or _trail(words):
        return len(words) <= 300
    return bool(_STAMP.fullmatch(words)) or (len(words) <= 200 and bool(_FRONT.match(words)))


def _trail(words: str) -> bool:
    """首页>政务公开>部门文件"""
    steps = words.count(">") - words.count("<") + words.count("»") + words.count("＞")
    return steps >= 2 and "。" not in words


def is_scrap(line: Line) -> bool:
    """A few words without punctuation, before any sentence of the notice: a button or a label of the page."""
    return len(line.text) <= 8 and not re.search(r"[，。；：,;:]", line.text)


def is_page_no(line: Line) -> bool:
    return bool(_PAGE_NO.fullmatch(line.text))

"""Patterns of clauses: what a duty, a time, a level, a basis, a motto looks like. Each is bounded, so that time stays linear."""

import re

from dudao_engines.notices import lexicon
from dudao_engines.notices.lexicon import any_of

VERBS = re.compile(any_of(lexicon.DUTY | lexicon.RESULT | lexicon.SLOGAN))
ADVERB = re.compile(rf"{any_of(lexicon.ADVERB)}|{lexicon.SHORT_ADVERB}")
CLEAR = (
    lexicon.DUTY
    - frozenset(lexicon.JOB.split())
    - frozenset(
        "管理 服务 指导 保障 实施 安排 组织 支持 交流 统一 报 送 交 抓 查 评 建 使用 报告 要求 规范 负责 监督 监管 建好 学习 研究 分析 计划 处理 创新 普及 控制 通过 通知 "
        "维护 保持 严格 深入 协调 配合 联合 参与 参加 履行 承担 落实 推进 启动 完善 加强 强化 深化 巩固 确定 设置 配置 应用 运行 设计 招生 考评".split()
    )
)
CLEAR_VERB = re.compile(any_of(CLEAR | {"加强", "完善", "落实", "推进", "强化"}))
ANY_DUTY = re.compile(any_of(frozenset(word for word in lexicon.DUTY if len(word) > 1)))
UNIT_OF_TIME = (
    r"(?:\d{4}年度?|今年|明年|本年度|当年|全年|年内|年底|年初|年末|年度|[上下]半年|[上下本每新]?学期|[上下本]学年|春秋(?:两)?季|[春秋][季]|寒假|暑假|第?[一二三四1-4]季度|"
    r"\d{1,2}月份?|\d{1,2}日|[上中下]旬|月底|月末|月初|季度末月|首月|末月|季度末|期末|期初|开学|\d{1,3}个?(?:工作)?(?:日|天|小时|月|周)|每个?(?:年|月|周|季度?|学期|学年|半年|天|日)|按(?:年|月|周|季度?|学期)|"
    r"[一二三四五六七八九十]{1,2}月份?|逐月|季度|期间)"
)
TIME = re.compile(
    rf"(?:力争|争取)?(?:从|自|到|于|在|截至|限)?{UNIT_OF_TIME}(?:{UNIT_OF_TIME}|[—－–~至到、和\-](?={UNIT_OF_TIME})|以?前|之前|底前?|之?内|以内|末|初|时期|第[一二三]周|起|止|后|左右|以来){{0,12}}"
)
EVENT = re.compile(
    r"[^，。]{2,24}?(?:后|起|之日起|的)(?:\d{1,3}|[一二三五七十])个?(?:工作)?(?:日|天|小时|月|周)(?:之)?内"
)
STATE = r"(?:达到?|保持在?|控制在?|不(?:得)?(?:低|高|少|多)于|不超过|提高到|提升到|提高至|降至?到?|增加到|稳定在|配足|配齐|高于|低于|覆盖率|率|占比|比例|系数)"
LEVEL = re.compile(
    rf"{STATE}[^，。\d]{{0,6}}?(?:{lexicon.NUMBER}\s?(?:%|％|{lexicon.MEASURE}|以上|以内|以下)|百分之|三分之|100|0\.\d)|动态清零|(?:至少|不少于|不低于)[^，。]{{0,4}}{lexicon.NUMBER}"
)
NOW = re.compile(
    r"^(?:目前|截至|现有|全县?市?区?共有|其中|共有|已经?)|以来|共有|现有|已(?:有|经|建|开|完成|实现|达)|[率比]为\d|分别为"
)
ONE_EACH = re.compile(
    r"一(例|个|名|起|件|处|户|人)、[^，。]{1,8}一(?:\1)|^[^，。]{0,12}?(?:一[^一\d]一[^一\d]|“一[^一]一[^一]”)(?:制|制度)?$"
)
BARE_ONE_EACH = re.compile(r"“?一[^一\d]一[^一\d]”?")
TASKED = re.compile(r"(?:须|必须|应当?|要|需|一律|及时|按时|全部|逐[校项园人一]|按[月季周]|限[^，。]{2,10}内)$")
NOMINAL = re.compile(rf"(?:{any_of(lexicon.JOB)})(?:工作)?$")
PATIENT = re.compile(any_of(lexicon.PATIENT))
LATE_BASE = re.compile(
    r"(?:》|”|要求|规定|部署|安排|标准|原则|精神|程序|比例|计划|方案|办法|方式|意见|细则|实际|情况|需要|职责|分工|形式|问题|为(?:重点|抓手|契机|载体|主题|主线|目标|导向|核心))(?:，)?"
)
NOUN_END = re.compile(
    r"(?:要求|规定|安排|部署|精神|意见|办法|方案|原则|情况|结果|数据|实际|标准|通知|文件|计划|分工|职责|任务|行动|方针|目标|作用|背景|需要|基础上|过程中|工作中|方面|时期|时间|期间|措施|主线|导向|指导|重点|中心|抓手)$"
)
DETAIL = re.compile(
    r"(?:主要|重点)?(?:看|包括|内容(?:包括|为|是)?|涉及|指的?是|即|做到|是否|侧重|是(?!否))|不[^，、]{2,5}、不|占(?!比)[^，]{2,16}\d|含|以下(?:简称|统称)|(?:下同|见附件|详见附件)"
)
STRESSED = re.compile(r"(?:并)?(?:主要|重点)(?:督导|检查|督查|关注|查看|核查|监测|围绕|考察|评估|抽查|了解)")
MANNER = re.compile(
    r"(?:[^，、]{0,4}?(?:有|分|按|跑|查|看|听|访)[^，、]{1,5})(?:、(?:有|分|按|跑|查|看|听|访)[^，、]{1,5})+$"
)
ROLES = re.compile(
    r"[^、，]{2,8}?(?:统筹|为主|主导|主抓|负责|参与|协同|联动|配合|监督|管|清|找|保|防)(?:、[^、，]{1,10}?(?:统筹|为主|主导|主抓|负责|参与|协同|联动|配合|监督|管|清|找|保|防)){1,8}(?:的[^，]{0,14})?$"
)
RESULT_END = re.compile(
    r"(?:高质量发展|健康发展|协调发展|均衡发展|再上新?台阶|上(?:新)?水平|落地见效|取得实效|走深走实|全覆盖|见成效|新突破|新成效|良好氛围|浓厚氛围|格局|合力|态势|局面|行家里手”?)$"
)
ALOUD = re.compile(
    r".*人民满意|(?:发挥|营造|形成|凝聚|打造|汇聚|实现|达成|取得|获得).*(?:作用|氛围|环境|格局|合力|态势|局面|覆盖|目标|转变|突破|成效|品牌|共识|公平|质量)$|推动.*(?:发展|台阶|水平|见效|提升|提高|转变观念)$|保障.*(?:发展|落实|到位|开展|权益|运行)$"
)
TAIL = re.compile(rf"[^，]{{1,6}}{any_of(frozenset(word for word in lexicon.DUTY if len(word) > 1))}$")
AFTER = re.compile(r"[^，的]{2,14}?(?:后(?!勤)|之前|期间)")
LONGEST = 400
# 仍未返校的移交…: who or what falls under it, then what is done.
CONDITION = re.compile(rf"[^，]{{3,24}}?的(?={any_of(CLEAR)})")
# 各开展一次, 将开展: not 各牵头科室, not 将辍学学生名单报告….
EACH = re.compile(r"[各将](?!牵头|责任|配合|协同|督导|监测|评估|参与|成员|检查|考核|管理|联合|学|教)")
# 学校督导评估 is one name, 督学督导校园安全 a sentence.
JOB_OBJECT = re.compile(rf"(?!{any_of(lexicon.JOB)})[^，不达率覆工人每至\d：（]{{3,}}")
# 对…督导1遍, 把…纳入: the verb stands behind.
HANDLES = ("对", "把", "将", "向", "给", "就")
_NAMING = frozenset(
    "资助 采购 公开 执行 推广 整改 交流 统筹 登记 维修 安置 救助 办理 发布 创建 认定 聘任 联系 包联 服务 派出 牵头 主持 选派".split()
)
VERB_IN_NAME = re.compile(any_of(frozenset(word for word in CLEAR - _NAMING if len(word) > 1)) + "|纳入|列入")

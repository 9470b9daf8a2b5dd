"""Bodies of requests and responses, with the Chinese descriptions that OpenAPI shows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.records import Decision
from assistant.web.visit import LONGEST_QUESTION

LONGEST_BODY = 16_384

Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION, description="用户的问题")]
SessionId = Annotated[str, Field(min_length=1, max_length=64, description="上一次回答返回的会话号")]


class AskIn(BaseModel):
    """A question."""

    model_config = ConfigDict(json_schema_extra={"example": {"question": "月付咋付不了"}})
    question: Question
    session: SessionId | None = Field(None, description="会话号；不填则开始新会话。30 分钟不用即失效，失效后自动换新号")


class SearchIn(BaseModel):
    """A search."""

    model_config = ConfigDict(json_schema_extra={"example": {"question": "提前还款", "limit": 3}})
    question: Question
    limit: int = Field(10, ge=1, le=50, description="最多返回几条")


class FeedbackIn(BaseModel):
    """A rating."""

    session: SessionId
    value: Literal[1, -1] = Field(description="1 有帮助，-1 没帮助")
    reason: str = Field("", max_length=500, description="原因（可不填）；手机号等会先打码再保存")
    turn: int | None = Field(None, ge=1, le=1_000_000, description="会话里的第几问，从 1 数起；不填为最近一问")


class VisitorIn(BaseModel):
    """Whose records are meant: who knows the id of a conversation owns it."""

    session: Annotated[str, Field(pattern=r"^[\w-]{16,64}$", description="会话号；它就是凭证")]


class CitationOut(BaseModel):
    """A source."""

    entry: str = Field(description="文章小节号“文章#序号”，或问答条目号")
    heading_path: list[str] = Field(description="标题路径")
    start: int = Field(description="原文起点（字符）")
    end: int = Field(description="原文终点（字符）")
    quote: str = Field(description="引文")


class CandidateOut(BaseModel):
    """A candidate."""

    entry: str = Field(description="条目号")
    facts: list[str] = Field(description="依据的事实编号")
    probability: float = Field(description="这一条能回答该问题的概率，0 到 1")


class OptionOut(BaseModel):
    """A reading to choose."""

    label: str = Field(description="按钮上的字")
    question: str = Field(description="选它等于问这一句")


class AnswerOut(BaseModel):
    """An answer: the fields of :class:`assistant.records.Answer` and the conversation's id."""

    decision: Decision = Field(description="回答、追问、推荐、拒答、转人工、寒暄、隐私、危机")
    text: str = Field(description="回复正文（Markdown）")
    entries: list[str] = Field(description="所依据的条目号，最相关的在前")
    facts: list[str] = Field(description="所依据的事实编号")
    citations: list[CitationOut] = Field(description="出处")
    confidence: float = Field(description="最佳条目的概率，0 到 1")
    understood_as: str = Field(description="理解成的问题；与原文相同时为空")
    candidates: list[CandidateOut] = Field(description="概率最高的十条，无论是否作答")
    followups: list[str] = Field(description="可以接着问的问题")
    options: list[OptionOut] = Field(description="追问时可选的意思")
    trace: dict[str, object] = Field(description="每一步的结果，供排查")
    session: str = Field(description="会话号，接着问时带上")


class HitOut(BaseModel):
    """A search result."""

    entry: str = Field(description="条目号")
    title: str = Field(description="标准问，或文章小节的标题路径")
    text: str = Field(description="答案或小节原文")
    probability: float = Field(description="这一条能回答该问题的概率，0 到 1")
    facts: list[str] = Field(description="依据的事实编号")
    form: str = Field(description="最相近的问法或段落")
    features: dict[str, float] = Field(description="打分所用的特征")


class SearchOut(BaseModel):
    """Search results."""

    understood_as: str = Field(description="规范化、改正错字后的问题")
    answerable: float = Field(description="知识库能回答它的概率，0 到 1")
    boundaries: dict[str, float] = Field(description="各类不该作答情形的概率")
    hits: list[HitOut] = Field(description="概率从高到低")


class FeedbackOut(BaseModel):
    """A receipt."""

    message: str


class KeptTurnOut(BaseModel):
    """A turn as it is kept."""

    id: int
    visitor: str = Field(description="化名")
    conversation: str = Field(description="化名")
    question: str = Field(description="打过码的问题")
    decision: str
    entries: list[str]
    probability: float
    latency_ms: float
    version: str
    at: float = Field(description="1970 年以来的秒数")
    rating: int | None = Field(description="1 有帮助，-1 没帮助，没评价为空")
    reason: str


class VisitorOut(BaseModel):
    """All that is kept about a visitor."""

    visitor: str = Field(description="会话号")
    turns: list[KeptTurnOut] = Field(description="每一问，最新的在前")


class ErasedOut(BaseModel):
    """A receipt."""

    turns: int = Field(description="删除了几问")


class SuggestOut(BaseModel):
    """Completions."""

    suggestions: list[str] = Field(description="补全的问题")


class PartOut(BaseModel):
    """One part's state."""

    ok: bool
    message: str = Field(description="一句话说明")


class HealthOut(BaseModel):
    """State of the service."""

    status: Literal["ok", "degraded", "down"] = Field(description="正常、有问题但能回答、不能回答（此时状态码为 503）")
    index: PartOut
    model: PartOut
    history: PartOut


class VersionOut(BaseModel):
    """Versions."""

    program: str = Field(description="程序版本")
    index: str = Field(description="正在使用的索引版本")


class ErrorOut(BaseModel):
    """A failure."""

    error: str = Field(description="错误代号，供程序判断")
    message: str = Field(description="中文说明，可直接给用户看")

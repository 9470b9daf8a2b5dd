from datetime import date
from pathlib import Path

from kb.lint import Finding, lint

TODAY = date(2026, 12, 1)
GOOD = """\
- id: open
  question: 怎么开通月付
  alternates: [月付在哪里开, 我想开通月付, 开月付的步骤, 如何申请月付, 月付开通入口, 想用月付怎么办]
  negatives: [怎么关闭月付]
  answer:
    short: 在钱包里点抖音月付，按提示验证身份。
    steps: [打开抖音, 点我的钱包]
  kind: steps
  category: 开通
  facts: [F050]
  checked_on: 2026-11-23
  valid_until: 2027-05-31
"""
FACTS = "| 编号 | 事实 | 置信 | 口径 | 来源 |\n|---|---|---|---|---|\n| F050 | 先登录 | 中 | ⏳ 看页面 | S0 |\n"
BOUNDARY = "- id: bd-hello\n  kind: greeting\n  expect: smalltalk\n  exemplars:\n    - 你好呀\n    - 早上好\n"
ARTICLE = (
    "---\nid: art\ntitle: 开通\nchecked_on: 2026-11-23\n---\n# 开通\n\n## 一、步骤\n<!-- facts: F050 -->\n先登录。\n"
)


class Workbench:
    """A tiny corpus without findings, to be spoilt by a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("faq/a.yaml", GOOD)
        self.write("facts.md", FACTS)
        self.write("boundaries/b.yaml", BOUNDARY)
        self.write("articles/art.md", ARTICLE)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def add(self, **fields: object) -> None:
        """Append an entry without a fault of its own; the keywords change its fields, None leaves one out."""
        row: dict[str, object] = {
            "id": "extra",
            "question": "额度在哪里查看",
            "alternates": ["看看我的额度", "额度查询入口", "怎样知道额度", "月付能用多少", "可用额度显示", "查额度"],
            "answer": "打开月付首页即可看到。",
            "facts": ["F050"],
            "checked_on": "2026-11-23",
            "valid_until": "2027-05-31",
        } | fields
        lines = [f"  {key}: {value!r}\n" for key, value in row.items() if value is not None]
        text = (self.folder / "faq/a.yaml").read_text("utf-8")
        self.write("faq/a.yaml", text + "-" + "".join(lines)[1:])

    def lint(self) -> tuple[Finding, ...]:
        return lint(self.folder, TODAY)

    def codes(self) -> list[str]:
        return [found.code for found in self.lint()]

    def only(self) -> Finding:
        (found,) = self.lint()
        return found

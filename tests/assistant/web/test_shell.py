from __future__ import annotations

from pathlib import Path

import gradio

from assistant.web.shell import localised

INDEX = Path(gradio.__file__).parent / "templates" / "frontend" / "index.html"


def test_gradios_own_page_becomes_chinese_and_names_no_other_site() -> None:
    page = localised(INDEX.read_text(encoding="utf-8"))
    assert '<html\n\tlang="zh-CN"' in page
    assert page.index('get: () => "zh-CN"') < page.index("gradio_config")
    assert "__LABELS__" not in page and "githubusercontent" not in page and "gradio.app" not in page

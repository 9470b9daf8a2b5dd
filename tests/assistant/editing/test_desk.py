from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assistant.editing.desk import LEDGER, lay_out, previous_version
from assistant.editing.errors import EditError

if TYPE_CHECKING:
    from conftest import Bench


def test_laying_the_tools_out_opens_nothing(bench: Bench) -> None:
    tools = lay_out(bench.space)
    assert not (bench.space.store.folder / LEDGER).exists()
    assert tools.drafts.all() == ()


def test_the_version_before_is_one_that_was_let_serve(bench: Bench) -> None:
    tools = lay_out(bench.space)
    with pytest.raises(EditError) as caught:
        previous_version(tools, bench.first)
    assert caught.value.user_message == "没有更早的版本可以回退。"

    opened = tools.drafts.open("open")
    assert opened.entry is not None
    tools.drafts.save(replace(opened.entry, category="甲"), opened.token, "张三")
    proven = tools.publisher.prepare("张三", bench.say).version
    built = bench.space.build().id
    left = bench.space.build(switch=False, folder=bench.corpus).id  # as a proof that was killed leaves one
    unproven = bench.space.build(switch=False).id  # and as the command does
    newest = bench.space.build().id
    assert bench.first < proven < built < left < unproven < newest == bench.serving

    assert previous_version(tools, newest) == built
    assert previous_version(tools, built) == bench.first


def test_a_version_that_was_published_can_be_gone_back_to(bench: Bench) -> None:
    tools = lay_out(bench.space)
    opened = tools.drafts.open("open")
    assert opened.entry is not None
    tools.drafts.save(replace(opened.entry, category="甲"), opened.token, "张三")
    published = tools.publisher.prepare("张三", bench.say).version
    tools.publisher.publish(published, "张三")
    newest = bench.space.build().id
    assert previous_version(tools, newest) == published

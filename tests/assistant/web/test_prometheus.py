import re

from assistant.web.prometheus import Metrics

LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="(\\.|[^"\\\n])*"(,\w+="(\\.|[^"\\\n])*")*\})? [-+.e\d]+)')


def test_text_by_hand() -> None:
    metrics = Metrics()
    metrics.observe("answer", 0.003)
    metrics.observe("answer", 9.0)
    metrics.count("zhida_requests_total", status="200", route="/api/ask")
    text = metrics.render(sessions=3, info={"index": 'a"\\\nb'})

    assert 'zhida_answers_total{decision="answer"} 2' in text
    assert 'zhida_requests_total{route="/api/ask",status="200"} 1' in text
    assert 'zhida_reply_seconds_bucket{le="0.002"} 0\nzhida_reply_seconds_bucket{le="0.004"} 1' in text
    assert 'zhida_reply_seconds_bucket{le="4.096"} 1\nzhida_reply_seconds_bucket{le="+Inf"} 2' in text
    assert "zhida_reply_seconds_sum 9.003\nzhida_reply_seconds_count 2" in text
    assert "# TYPE zhida_reply_seconds histogram" in text
    assert "# TYPE zhida_requests_total counter" in text
    assert "# TYPE zhida_sessions gauge\nzhida_sessions 3" in text
    assert r'zhida_info{index="a\"\\\nb"} 1' in text
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []


def test_a_bound_belongs_to_its_bucket() -> None:
    metrics = Metrics()
    metrics.observe("answer", 0.008)

    assert 'le="0.008"} 1' in metrics.render(sessions=0, info={})

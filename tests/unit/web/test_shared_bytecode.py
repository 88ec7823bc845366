"""The test market's templates are compiled once, and anew as soon as one of them changes."""

from jinja2 import DictLoader, Environment

from tests.bytecode import SharedBytecode


class _Counting(Environment):
    compiled = 0

    def _generate(self, *args, **kwargs):
        type(self).compiled += 1
        return super()._generate(*args, **kwargs)


def page(cache: SharedBytecode, source: str, **values) -> str:
    """Render in an environment of its own, as each test application has one."""
    return (
        _Counting(loader=DictLoader({"page.html": source}), bytecode_cache=cache)
        .get_template("page.html")
        .render(values)
    )


def test_a_second_application_compiles_nothing(monkeypatch):
    monkeypatch.setattr(_Counting, "compiled", 0)
    cache = SharedBytecode()
    assert [page(cache, "{{ n }} 项", n=n) for n in (1, 2, 3)] == ["1 项", "2 项", "3 项"]
    assert _Counting.compiled == 1


def test_a_changed_template_is_compiled_anew(monkeypatch):
    monkeypatch.setattr(_Counting, "compiled", 0)
    cache = SharedBytecode()
    assert [page(cache, source, n=1) for source in ("{{ n }} 项", "{{ n }} 条", "{{ n }} 项")] == [
        "1 项",
        "1 条",
        "1 项",
    ]
    assert _Counting.compiled == 2

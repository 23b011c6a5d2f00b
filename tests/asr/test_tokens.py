from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.tokens import TokenTable, read_tokens
from streamer.errors import PackError


def written(folder: Path, content: bytes) -> Path:
    path = folder / "tokens.txt"
    path.write_bytes(content)
    return path


def test_comments_and_blank_lines_take_no_id(tmp_path: Path) -> None:
    path = written(tmp_path, b"# toned pinyin\n\nzhong1\n  \nguo2\n")

    assert read_tokens(path, first_id=1) == TokenTable(("zhong1", "guo2"), 1)


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff中\r\n国\r\n".encode())

    assert read_tokens(path).tokens == ("中", "国")


def test_ids_count_from_the_first() -> None:
    table = TokenTable(("S", "/S", "中"), 1)

    assert [table.text(1), table.text(3), table.id("/S"), table.last_id, len(table)] == ["S", "中", 2, 3, 3]


@pytest.mark.parametrize("token_id", [-1, 0, 4])
def test_an_id_outside_the_table(token_id: int) -> None:
    table = TokenTable(("S", "/S", "中"), 1)

    assert not table.holds(token_id)
    with pytest.raises(KeyError, match=f"no token has the id {token_id} \\(expected 1 to 3\\)"):
        table.text(token_id)


def test_membership_is_by_token() -> None:
    table = TokenTable(("S", "/S", "中"), 1)

    assert "中" in table
    assert "国" not in table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\n#\nb\na\n", "line 4: 'a' is already on line 1"),
        (b"a\nb c\n", "line 2: expected one token, got 'b c' with a space inside"),
        (b"a\nb\n\xff\n", "line 3: not UTF-8"),
        (b"# nothing\n\n", "holds no tokens"),
    ],
)
def test_refuses(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(PackError, match=message):
        read_tokens(written(tmp_path, content))


def test_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"cannot read token table .*absent\.txt: No such file"):
        read_tokens(tmp_path / "absent.txt")

"""Why a sound file cannot be read, or not all of it, in Chinese: patterns of what its readers say."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

DECODERS: Final = Sayings(
    (
        (r"it has no track of sound", "其中没有音轨"),
        (r"ffmpeg found no sound in it", "其中没有声音"),
        (r"it cannot be started: (?P<error>.*)", "无法启动：{error}"),
        (r"moov atom not found: .*", "moov atom not found：文件结尾缺失，没有结尾处的索引就读不了"),
        (r"ffmpeg gave no sound for (?P<seconds>\d+) s", "ffmpeg 在 {seconds} 秒内没有给出声音"),
        (r"its header was never finished, and says that no sound follows", "文件头没有写完，说其后没有声音"),
        (r"a WAV's header counts to 4 GiB, and the file is longer", "WAV 的文件头只能计到 4 GiB，文件更长"),
        (r"an MP3 that does not say how long it is", "没有写明长度的 MP3"),
        (r"a FLAC that does not say how long it is", "没有写明长度的 FLAC"),
        (r"several Ogg streams in a row", "几段相连的 Ogg"),
        (r"another Ogg stream follows, which ffmpeg reads", "其后还有一段 Ogg，ffmpeg 可以读"),
        (r"no frame can be decoded there", "该处没有可以解码的帧"),
        (r"its index promises more", "索引中还有更多"),
        (r"its last part is not whole", "最后一段不完整"),
        (r"Format not recognised", "认不出格式"),
        (r"Invalid data found when processing input|Invalid argument", "其中不是声音数据"),
    )
)
"""What this program says of a decoder; of what decoders say themselves, which is English, the commonest."""

FILE_REASONS: Final = (
    (r"(?P<file>.*): there is no such file", "{file}：没有这个文件"),
    (r"(?P<file>.*): no permission to read it", "{file}：没有读取权限"),
    (r"(?P<file>.*): it is a folder", "{file}：这是文件夹"),
    (r"(?P<file>.*): the name is too long", "{file}：文件名太长"),
    (r"(?P<file>.*): the file is empty \(0 bytes\)", "{file}：文件是空的（0 字节）"),
    (
        r"(?P<file>.*): it is no regular file; (?P<how>`.*`) reads raw PCM from a pipe",
        "{file}：不是普通文件；{how} 从管道读原始 PCM",
    ),
    (
        r"(?P<file>.*): it is an address, and sounds are read from files; (?P<how>`.*`) listens to it",
        "{file}：这是网址，声音要从文件读；可用 {how} 收听",
    ),
    (
        (
            r"(?P<file>.*): libsndfile cannot read it \((?P<damage>.*)\); "
            r"with (?P<how>.*) installed, more formats are read"
        ),
        "{file}：libsndfile 读不了（{damage}）；装上 {how} 可读更多格式",
    ),
    (
        r"(?P<file>.*): no sound file that can be read \(libsndfile: (?P<damage>.*); ffmpeg: (?P<error>.*)\)",
        "{file}：不是能读的声音文件（libsndfile：{damage}；ffmpeg：{error}）",
    ),
    (
        r"(?P<file>.*): cut short: (?P<count>\d+) bytes are missing after (?P<at>\S+) s",
        "{file} 不完整：{at} 秒之后缺 {count} 字节",
    ),
    (r"(?P<file>.*): cut short after (?P<at>\S+) s: (?P<damage>.*)", "{file} 到 {at} 秒处为止，不完整：{damage}"),
    (
        (
            r"(?P<file>.*): sound is missing in it: it lasts (?P<promised>\S+) s, (?P<there>\S+) s are there; "
            r"later times are early"
        ),
        "{file} 中间缺少声音：全长 {promised} 秒，只有 {there} 秒；其后的时间偏早",
    ),
    (
        r"(?P<file>.*): it was not read to its end: (?P<read>\S+) of (?P<length>\S+)",
        "{file}：没有读到结尾：全长 {length}，只读到 {read}",
    ),
    (
        (
            r"(?P<file>.*): its end is missing, after (?P<at>\S+) s: it does not say how long it is; "
            r"install (?P<how>.*), which reads all of it"
        ),
        "{file} 在 {at} 秒之后没有读完：文件没有写明长度；装上 {how} 可全部读出",
    ),
    (
        (
            r"(?P<file>.*): (?P<count>\d+) bytes are left after (?P<at>\S+) s: it does not say how long it is, "
            r"and its bitrate varies; install (?P<how>.*), which reads all of it"
        ),
        "{file} 在 {at} 秒之后还有 {count} 字节没有读：文件没有写明长度，码率又不固定；装上 {how} 可全部读出",
    ),
    (r"(?P<file>.*): it has no end, so that some of it may be missing", "{file}：没有结尾，可能缺少一部分"),
    (
        r"(?P<file>.*): it ends within a frame, so that more of it may be missing",
        "{file}：结尾的一帧不完整，后面可能还有缺失",
    ),
    (
        r"(?P<file>.*): another WAV lies behind the first one in it, and was not read",
        "{file}：其中第一段 WAV 之后还有一段，没有读",
    ),
    (
        r"(?P<file>.*): cut short: its header promises (?P<promised>\S+) s, (?P<there>\S+) s are there",
        "{file} 不完整：文件头写明 {promised} 秒，实际只有 {there} 秒",
    ),
    (
        (
            r"(?P<file>.*): damaged after (?P<at>\S+) s: (?P<damage>.*); behind that ffmpeg found "
            r"(?P<found>\S+) s, which were read; their times may be early"
        ),
        "{file} 在 {at} 秒处损坏（{damage}）；其后 ffmpeg 找到 {found} 秒，已识别，时间可能偏早",
    ),
    (r"(?P<file>.*): damaged after (?P<at>\S+) s: (?P<damage>.*)", "{file} 在 {at} 秒处损坏：{damage}"),
    (
        (
            r"(?P<file>.*): it was recorded too loud: (?P<share>\d+) % of its samples are at full scale, "
            r"and speech in it is heard worse"
        ),
        "{file}：录得太响，{share}% 的采样到了满幅（削波），识别效果会变差",
    ),
    (
        r"(?P<file>.*): (?P<count>\d+) samples are beyond full scale; they were clipped",
        "{file}：{count} 个采样超出满幅，已削波",
    ),
    (
        r"(?P<file>.*): (?P<count>\d+) samples are not numbers \(NaN or infinite\); they were read as silence",
        "{file}：{count} 个采样不是数（NaN 或无穷大），按静音处理",
    ),
    (
        r"(?P<file>.*): (?P<count>\d+) bytes in it are damaged; they were skipped",
        "{file}：有 {count} 字节损坏，已跳过",
    ),
    (
        r"(?P<file>.*): more than (?P<count>\d+) bytes lie behind its end; they were not read",
        "{file}：结尾之后还有 {count} 多字节，没有读",
    ),
    (
        (
            r"(?P<file>.*): (?P<count>\d+) bytes lie behind the sound that its header counts; "
            r"if they are sound, (?P<how>`.*`) makes a whole file"
        ),
        "{file}：文件头所计的声音之后还有 {count} 字节；如果也是声音，{how} 可得到完整的文件",
    ),
    (
        (
            r"(?P<file>.*): tracks of sound in it: (?P<count>\d+); only the first was heard "
            r"\((?P<how>`.*`) takes out the second\)"
        ),
        "{file}：其中有 {count} 条音轨，只听了第一条（{how} 取出第二条）",
    ),
)
"""What is said of files, the decoders' part in ``damage`` and ``error``."""

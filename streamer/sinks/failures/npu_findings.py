"""What ``streamer doctor --ascend`` finds and advises besides, in Chinese."""

from __future__ import annotations

from functools import partial
from typing import Final

from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE
from streamer.sinks.sayings import Sayings

_GOLDEN = Sayings(
    (
        (
            (
                r"(?P<name>.*): syllables (?P<syllables>\S+) and characters (?P<characters>\S+) off, (?P<steps>\S+) of "
                r"steps "
                r"agree, scores differ by (?P<scores>\S+)"
            ),
            "{name}：音节差 {syllables}，字差 {characters}，{steps} 的步一致，分数相差 {scores}",
        ),
        (
            r"(?P<name>.*): syllables (?P<syllables>\S+) and characters (?P<characters>\S+) off",
            "{name}：音节差 {syllables}，字差 {characters}",
        ),
    )
)

NPU_FOUND: Final = Sayings(
    (
        (r"(?P<golden>.*: syllables \S+ and characters \S+ off.*)", "{golden}"),
        (
            r"(?P<share>\S+) toneless syllable errors on the embedded pack's sounds",
            "在内置模型包的声音上，无调音节错 {share}",
        ),
        (
            (
                r"(?P<share>\S+) toneless syllable errors on the embedded pack's sounds, (?P<other>\S+) if the "
                r"first id "
                r"were "
                r"(?P<id>\d+)"
            ),
            "在内置模型包的声音上，无调音节错 {share}；如果第一个编号是 {id}，错 {other}",
        ),
        (r"no (?P<path>/\S+)", "没有 {path}"),
        (r"version (?P<version>\S+), no npu-smi", "版本 {version}，没有 npu-smi"),
        (r"version (?P<version>\S+), (?P<tool>/.*)", "版本 {version}，{tool}"),
        (r"(?P<devices>davinci.*), but no (?P<missing>.*)", "{devices}，但没有 {missing}"),
        (r"no permission for (?P<devices>.*)", "没有权限打开 {devices}"),
        (r"(?P<devices>davinci.*); may be opened", "{devices}；可以打开"),
        (r"(?P<names>ASCEND_\S+(?:, ASCEND_\S+)*) not set", "没有设置 {names}"),
        (r"(?P<told>ASCEND_.*): no such folder", "{told}：没有这个文件夹"),
        (r"LD_LIBRARY_PATH holds (?P<folder>.*)", "LD_LIBRARY_PATH 中有 {folder}"),
        (r"version unknown, Python (?P<python>\S+)", "版本未知，Python {python}"),
        (r"importing it took more than (?P<seconds>\d+) s", "导入它用了 {seconds} 秒以上"),
        (r"importing it ended the process \((?P<code>-?\d+)\)", "导入它时进程结束了（{code}）"),
        (r"(?P<file>.*) is another module named acl", "{file} 是另一个也叫 acl 的模块"),
        (r"(?P<pack>.*) is for the (?P<runner>\w+) runner", "{pack} 用的是 {runner} 运行器"),
        (
            r"(?P<device>.*): (?P<pack>.*) loaded, (?P<offers>log-probabilities|ids only)",
            "{device}：已加载 {pack}，{offers}",
        ),
        (r"(?P<count>\d+) meanwhile, the last: (?P<failure>.*)", "其间 {count} 次，最近一次：{failure}"),
    ),
    {
        "offers": {"log-probabilities": "有对数概率", "ids only": "只有编号"}.__getitem__,
        "golden": _GOLDEN.chinese_parts,
        "failure": partial(told_failure, messages=CHINESE),
    },
)
"""What is there."""

NPU_ADVICE: Final = Sayings(
    (
        (
            r"convert again for this very chip with (?P<how>`.*`) \(or (?P<other>\w+)\)",
            "请用 {how}（或 {other}）为这个芯片重新转换",
        ),
        (
            r"import the models again with (?P<option>--am-first-id \d+), or with the token tables that belong to them",
            "请用 {option} 重新导入模型，或换成与它们配套的词表",
        ),
        (r"import the models again with (?P<option>--am-first-id \d+)", "请用 {option} 重新导入模型"),
        (
            "check that the token tables are those of the models, and the chip's precision",
            "请检查词表与模型是否配套，以及芯片的精度",
        ),
        (
            "install the Ascend driver and firmware; in a container mount the host's /usr/local/Ascend/driver",
            "请安装昇腾驱动和固件；在容器中请挂载主机的 /usr/local/Ascend/driver",
        ),
        (
            "in a container also mount /usr/local/bin/npu-smi",
            "在容器中请同时挂载 /usr/local/bin/npu-smi",
        ),
        (r"check `npu-smi info`; in a container: (?P<options>.*)", "请检查 `npu-smi info`；在容器中：{options}"),
        (r"in a container: (?P<options>.*)", "在容器中：{options}"),
        (
            "the nodes belong to another group id than in this container: run with the host's gid",
            "设备文件的组号与容器里的不同：请用主机的 gid 运行",
        ),
        (
            (
                r"add the user to the group: (?P<how>usermod .*), then log in again \(root in a container needs "
                r"CAP_DAC_OVERRIDE\)"
            ),
            "请把用户加入组：{how}，然后重新登录（容器中的 root 需要 CAP_DAC_OVERRIDE）",
        ),
        (
            r"run (?P<source>`.*`) \(newer CANN: (?P<newer>.*)\) before starting streamer",
            "启动 streamer 之前请运行 {source}（新版 CANN：{newer}）",
        ),
        (
            r"CANN was moved or removed: run (?P<source>`.*`) \(newer CANN: (?P<newer>.*)\) of the present one",
            "CANN 已移走或删除：请运行现有的 {source}（新版 CANN：{newer}）",
        ),
        ("remove it: stub libraries fail with 100039", "请去掉它：桩库会以 100039 失败"),
        (
            r"run (?P<source>`.*`) \(newer CANN: (?P<newer>.*)\); CANN 8\.0 or newer takes Python 3\.11",
            "请运行 {source}（新版 CANN：{newer}）；CANN 8.0 或更新的版本支持 Python 3.11",
        ),
        (
            r"this CANN is known to take Python up to (?P<limit>\S+): use that, or a newer CANN",
            "这一版 CANN 只知道支持到 Python {limit}：请用那一版，或更新的 CANN",
        ),
        ("check `npu-smi info` and the driver's logs", "请检查 `npu-smi info` 和驱动的日志"),
        ("driver and CANN do not fit together", "驱动与 CANN 不匹配"),
        (
            r"install CANN's toolkit and source its set_env\.sh in this shell or service",
            "请安装 CANN 的 toolkit，并在这个 shell 或服务中 source 它的 set_env.sh",
        ),
        (
            r"PyPI has unrelated packages of this name: (?P<how>pip .*), and source CANN's set_env\.sh",
            "PyPI 上有同名而无关的包：{how}，再 source CANN 的 set_env.sh",
        ),
        (
            "`streamer models import-om` or `streamer models atc` makes one",
            "用 `streamer models import-om` 或 `streamer models atc` 制作",
        ),
        (
            "choose an Ascend pack with --pack; `streamer models atc` makes one",
            "请用 --pack 选昇腾模型包；用 `streamer models atc` 制作",
        ),
        (
            "see what the message says; details are in ~/ascend/log/debug/plog",
            "请看上面的消息；细节在 ~/ascend/log/debug/plog",
        ),
        ("convert or import the models again", "请重新转换或导入模型"),
        (
            "repeated faults: see ~/ascend/log/debug/plog, driver and firmware",
            "反复出现时：请查看 ~/ascend/log/debug/plog、驱动和固件",
        ),
        ("`streamer models golden` writes them from the fp32 models", "`streamer models golden` 用 fp32 模型写出"),
    )
)
"""What to do."""

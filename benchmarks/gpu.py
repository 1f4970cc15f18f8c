"""Measures dapt on one device: the environment, the tests on the device, then figures, the most important ones first.

Each figure is a process of its own with the time that is left, and one that fails does not stop the rest. The folder of
--output gets environment.txt, results.jsonl (a line a figure), table.md and log.txt (what the processes said).
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import flops

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SHAPES = HERE.parent / "conf" / "models" / "shapes"

# The tests that compute on the device which this property names.
SUITE_CLASSES = r".*\.(\w*Device\w*)Test"
SUITE_PROPERTY = "dapt.device"

# Dense bf16 products, FLOP/s, by what the driver calls the card: NVIDIA's data sheets, without sparsity.
PEAKS = {"H100 80GB HBM3": 989.4e12, "H200": 989.4e12, "A100": 312e12}

SMALLEST_SLICE = 15


@dataclass(frozen=True)
class Shape:
    """A model and the step that is measured on it."""

    name: str
    batch: int
    micro_batch_tokens: int
    decode_batch: int
    source: int = 512
    target: int = 16
    rank: int = 4

    @property
    def config(self):
        return SHAPES / f"{self.name}.json"


CARD = {
    "t5-large": Shape("t5-large", 64, 32768, 64),
    "t5-3b": Shape("t5-3b", 32, 16384, 64),
    "llama-2-7b": Shape("llama-2-7b", 16, 8192, 32),
    "t5-11b": Shape("t5-11b", 16, 4096, 32),
}
# What each stands for when there is no card: the same commands from beginning to end.
REHEARSAL = {
    name: Shape("llama-tiny" if "llama" in name else "t5-tiny", 4, 64, 2, source=32, target=8) for name in CARD
}


@dataclass
class Figure:
    """One measurement."""

    name: str
    side: str
    command: list
    most_seconds: int = 150
    shape: Shape = None
    tasks: int = 1


def product():
    """The folder of the packaged product, whether it is there or not."""
    version = re.search(r"^  <version>(.+)</version>", (ROOT / "pom.xml").read_text(), re.MULTILINE).group(1)
    return ROOT / "dist" / "target" / f"dapt-{version}"


def words(variable, default):
    return shlex.split(os.environ[variable]) if variable in os.environ else default


def java():
    home = os.environ.get("JAVA_HOME")
    return words("DAPT_JAVA", [str(Path(home) / "bin" / "java") if home else "java"])


def test_class_path():
    """The class path of the tests, JUnit's console included: as given, or from Maven."""
    if "DAPT_TEST_CLASSPATH" in os.environ:
        return os.environ["DAPT_TEST_CLASSPATH"]
    maven = ["mvn", "-q", "-B", "-f", str(ROOT / "pom.xml"), "-pl", "model-core"]
    folder = ROOT / "target" / "gpu-tests"
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "class-path.txt"
    junit = re.search(r"<junit.version>5\.(.+)</junit.version>", (ROOT / "pom.xml").read_text()).group(1)
    console = f"junit-platform-console-standalone-1.{junit}.jar"
    said = []
    for goals in (
        ["-Dspotless.check.skip=true", "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={listing}"],
        [
            "dependency:copy",
            f"-Dartifact=org.junit.platform:junit-platform-console-standalone:1.{junit}",
            f"-DoutputDirectory={folder}",
        ],
    ):
        done = subprocess.run([*maven, *goals], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said.append(done.stdout)
        if done.returncode != 0:
            raise RuntimeError(f"Maven could not collect the tests:\n{''.join(said)[-2000:]}")
    classes = [ROOT / "model-core" / "target" / kind for kind in ("test-classes", "classes")]
    # The product's libraries bring the natives of the card along.
    return ":".join([*map(str, classes), str(product() / "lib" / "*"), listing.read_text().strip(), str(folder / console)])


def suite(device, class_path):
    command = [
        *java(),
        *("-Xmx2g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Dorg.bytedeco.javacpp.maxbytes=0"),
        f"-D{SUITE_PROPERTY}={device}",
        f"-Ddapt.fixtures={ROOT / 'model-core' / 'src' / 'test' / 'fixtures'}",
        f"-Ddapt.home={ROOT}",
        *("-cp", class_path, "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner"),
        *("--disable-ansi-colors", "--details=tree", "--details-theme=ascii"),
        *("--select-package=org.dapt", f"--include-classname={SUITE_CLASSES}"),
    ]
    return Figure("tests", "dapt", command, most_seconds=180)


def options(**values):
    """``--name value`` for each that has one."""
    return [part for name, value in values.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def step(side, name, shape, arguments, tasks=1, suffix=""):
    given = options(
        model_config=shape.config,
        device=arguments.device,
        dtype=arguments.dtype,
        batch=shape.batch,
        source=shape.source,
        target=shape.target,
        rank=shape.rank,
        micro_batch_tokens=shape.micro_batch_tokens,
        steps=arguments.steps,
        warmup=arguments.warmup,
    )
    if side == "dapt":
        command = [*arguments.dapt, "bench", "step", *given, "--tasks", str(tasks)]
    else:
        command = [arguments.python, str(HERE / "reference.py"), "step", *given]
    return Figure(f"step {name}{suffix}", side, command, shape=shape, tasks=tasks)


def decode(side, name, shape, arguments):
    given = options(
        model_config=shape.config,
        device=arguments.device,
        dtype=arguments.dtype,
        batch=shape.decode_batch,
        examples=2 * shape.decode_batch,
        max_source=shape.source,
        max_new_tokens=50,
        warmup=1,
    )
    ours = [*arguments.dapt, "bench", "decode"]
    command = [*(ours if side == "dapt" else [arguments.python, str(HERE / "reference.py"), "decode"]), *given]
    return Figure(f"decode {name}", side, command, shape=shape)


def plan(arguments, shapes, class_path):
    """All figures, the most important ones first."""
    steps = [
        step("dapt", name, shape, arguments, tasks, f" T={tasks}") for name, shape in shapes.items() for tasks in (1, 15)
    ]
    large = shapes["t5-large"]
    whole = large.micro_batch_tokens
    figures = [suite(arguments.device, class_path)] if class_path else []
    figures.append(
        Figure(
            "matmul",
            "torch",
            [
                *(arguments.python, str(HERE / "reference.py"), "matmul"),
                *options(device=arguments.device, dtype=arguments.dtype, size=arguments.matmul),
            ],
            most_seconds=60,
        )
    )
    # 15 tasks of the largest model say little that those of the others do not.
    figures += [figure for figure in steps if figure.name != "step t5-11b T=15"]
    figures += [step("peft", name, shape, arguments) for name, shape in shapes.items()]
    for name, shape in shapes.items():
        figures += [decode(side, name, shape, arguments) for side in ("dapt", "peft")]
    for part in (8, 4, 2):
        smaller = Shape(large.name, large.batch, whole // part, large.decode_batch, large.source, large.target)
        figures.append(step("dapt", "t5-large", smaller, arguments, 1, f" micro-batch {whole // part}"))
    figures += [figure for figure in steps if figure.name == "step t5-11b T=15"]
    return [figure for figure in figures if not arguments.only or re.search(arguments.only, figure.name)]


def take(command, seconds, log):
    """Runs ``command`` for so long at most: its exit status, None if the time was over, and what it wrote."""
    log.write(f"\n$ {shlex.join(command)}\n")
    log.flush()
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    except OSError as error:
        log.write(f"{error}\n")
        return 127, str(error)
    try:
        output, _ = process.communicate(timeout=seconds)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        status = None
    log.write(output)
    log.flush()
    return status, output


def read_tests(output):
    counts = {kind: int(n) for n, kind in re.findall(r"\[\s*(\d+) tests (found|successful|failed|skipped)", output)}
    counts["named_failures"] = re.findall(r"^\W*(\w.*?) \[X\]", output, re.MULTILINE)[:20]
    return counts


def halved(command):
    """``command`` with half as many tokens in a micro-batch; None where it has no such option."""
    if "--micro-batch-tokens" not in command:
        return None
    at = command.index("--micro-batch-tokens") + 1
    return [*command[:at], str(int(command[at]) // 2), *command[at + 1 :]]


def run(figure, seconds, log_file):
    """The result of ``figure`` as it goes into results.jsonl."""
    began = time.monotonic()
    result = {"figure": figure.name, "side": figure.side, "status": "ok", "command": shlex.join(figure.command)}
    command = figure.command
    limit = min(seconds, figure.most_seconds)
    while True:
        with open(log_file, "a", encoding="utf-8") as log:
            before = log.tell()
            status, output = take(command, limit - (time.monotonic() - began), log)
        with open(log_file, encoding="utf-8", errors="replace") as log:
            log.seek(before)
            said = log.read()
        smaller = halved(command)
        short_of_memory = status not in (0, None) and "out of memory" in said.lower()
        if not short_of_memory or smaller is None or limit - (time.monotonic() - began) < SMALLEST_SLICE:
            break
        result["out_of_memory_with"] = int(command[command.index("--micro-batch-tokens") + 1])
        result["command"] = shlex.join(smaller)
        command = smaller
    result["seconds"] = round(time.monotonic() - began, 1)
    if status is None:
        result["status"] = f"stopped after {result['seconds']:.0f} s"
    elif figure.name == "tests":
        result.update(read_tests(output))
        if status != 0 or not result.get("successful"):
            result["status"] = "failed"
    elif status != 0:
        result["status"] = f"failed with exit code {status}"
    else:
        try:
            result.update(json.loads(output.strip().splitlines()[-1]))
        except (ValueError, IndexError):
            result["status"] = "failed: no JSON in the last line"
    if result["status"] != "ok":
        result["said"] = said.strip().splitlines()[-8:]
    return result


def measures(result, figure, peak):
    """Adds what follows from a step: operations, their rate, and the share of the peak."""
    shape = figure.shape
    if result["status"] != "ok" or shape is None or not figure.name.startswith("step"):
        return
    with open(shape.config, encoding="utf-8") as file:
        config = json.load(file)
    flop = flops.step(config, shape.batch, shape.source, shape.target, shape.rank, figure.tasks)
    result["step_flop"] = flop
    result["flop_per_second"] = flop * 1e3 / result["median_ms"]
    if peak:
        result["mfu"] = result["flop_per_second"] / peak


def number(value, form="{:.0f}"):
    return "" if value is None else form.format(value)


def table(results, header):
    """The Markdown table of ``results``."""
    reference = {result["figure"]: result for result in results if result["side"] == "peft" and result["status"] == "ok"}
    one = {
        result["figure"]: result["median_ms"]
        for result in results
        if result["side"] == "dapt" and result["status"] == "ok" and "T=1" in result["figure"].split()
    }
    matmul = next((r.get("flop_per_second") for r in results if r["figure"] == "matmul"), None)
    lines = [
        *header,
        "",
        "| figure | by | median, ms | tokens/s | examples/s | TFLOP/s | MFU | of matmul | peak MiB | against |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = []
    for result in results:
        name = result["figure"]
        if name == "tests":
            lines.append(f"| tests | {result['side']} | {counts(result)} | | | | | | | |")
        elif result["status"] != "ok":
            lines.append(f"| {name} | {result['side']} | {result['status']} | | | | | | | |")
        else:
            other = reference.get(re.sub(r" T=\d+$", "", name)) if result["side"] == "dapt" else None
            against = []
            if other and (name.endswith("T=1") or name.startswith("decode")):
                if name.startswith("decode"):
                    ratio = result["examples_per_second"] / other["examples_per_second"]
                    against.append(f"{ratio:.2f} × the examples/s of generate()")
                else:
                    against.append(f"{result['median_ms'] / other['median_ms']:.2f} × PEFT's time")
            base = one.get(name.replace("T=15", "T=1"))
            if name.endswith("T=15") and base:
                against.append(f"{result['median_ms'] / base:.2f} × T=1")
            rate = result.get("flop_per_second")
            cells = [
                name,
                result["side"],
                number(result["median_ms"], "{:.1f}"),
                number(result["tokens_per_second"]) if result["tokens_per_second"] else "",
                number(result.get("examples_per_second"), "{:.1f}"),
                number(rate and rate / 1e12, "{:.4g}"),
                number(result.get("mfu"), "{:.1%}"),
                number(rate / matmul if rate and matmul and name != "matmul" else None, "{:.1%}"),
                number(result.get("peak_device_mb", result["peak_rss_mb"])),
                "; ".join(against),
            ]
            lines.append(f"| {' | '.join(cells)} |")
        if "out_of_memory_with" in result:
            notes.append(f"- {name} by {result['side']}: no room for micro-batches of {result['out_of_memory_with']} tokens.")
    return "\n".join([*lines, "", *notes, *(notes and [""]), flops.FORMULA + ".", ""])


def counts(result):
    if "successful" not in result:
        return result["status"]
    return ", ".join(f"{result[kind]} {kind}" for kind in ("successful", "failed", "skipped") if kind in result)


def environment(arguments, file):
    """Writes what is installed; returns what the driver calls the card, or None."""
    reports = [
        ["uname", "-sr"],
        ["nvidia-smi"],
        ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"],
        [*java(), "-version"],
        [*arguments.dapt, "--version"],
        [
            *(arguments.python, "-c"),
            "import importlib.metadata as m, sys; print(sys.version);"
            "print(*(f'{n} {m.version(n)}' for n in ('torch', 'transformers', 'peft')), sep='\\n')",
        ],
    ]
    card = None
    with open(file, "w", encoding="utf-8") as out:
        out.write(f"device {arguments.device}, CUDA_VISIBLE_DEVICES {os.environ.get('CUDA_VISIBLE_DEVICES')}\n")
        out.write(f"LD_LIBRARY_PATH {os.environ.get('LD_LIBRARY_PATH')}\n")
        for command in reports:
            out.write(f"\n$ {shlex.join(command)}\n")
            try:
                done = subprocess.run(
                    command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, errors="replace"
                )
                out.write(done.stdout)
                if command[0] == "nvidia-smi" and len(command) > 1 and done.returncode == 0:
                    names = done.stdout.splitlines()
                    at = int(arguments.device.partition(":")[2] or 0)
                    card = names[at].split(",")[0] if at < len(names) else None
            except (OSError, subprocess.TimeoutExpired) as error:
                out.write(f"{error}\n")
    return card


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda:0", help="cuda:0 and so on; cpu rehearses with tiny models")
    parser.add_argument("--output", default=os.environ.get("OUT", str(ROOT / "target" / "gpu")), help="folder of results")
    parser.add_argument("--budget", type=int, default=480, help="seconds for all of it")
    parser.add_argument("--only", help="only figures whose name matches this regular expression")
    parser.add_argument("--dtype", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--steps", type=int, default=8, help="measured steps of a figure")
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--peak", type=float, help="FLOP/s of the card in that type, for MFU; known for H100, H200, A100")
    parser.add_argument("--python", default=sys.executable, help="Python with torch, transformers and peft")
    parser.add_argument("--skip-tests", action="store_true")
    arguments = parser.parse_args()
    arguments.dapt = words("DAPT", [str(product() / "bin" / "dapt")])
    if shutil.which(arguments.dapt[0]) is None:
        build = "-DskipTests package" if arguments.device == "cpu" else "-DskipTests -Pgpu package"
        parser.error(f"{arguments.dapt[0]} is not there: run mvn {build}, or set DAPT to the command of a dapt.")
    arguments.matmul = 256 if arguments.device == "cpu" else 8192
    return arguments


def main():
    arguments = parsed()
    # As in Spark's tasks: the threads of several libraries get in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    began = time.monotonic()
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    log.write_text("")
    card = environment(arguments, folder / "environment.txt")
    peak = arguments.peak
    if peak is None and card and arguments.dtype == "bf16":
        peak = next((value for name, value in PEAKS.items() if name in card), None)
    shapes = REHEARSAL if arguments.device == "cpu" else CARD
    header = [
        f"Device {arguments.device} ({card or 'no card'}), {arguments.dtype}; median of {arguments.steps} steps; peak for MFU "
        + (f"{peak:.4g} FLOP/s" if peak else "not known (--peak)"),
    ]
    if arguments.device == "cpu":
        header.insert(0, "**A rehearsal: tiny models stand for the named ones, no figure here says anything.**\n")
    results = []
    class_path = None
    # Collecting the tests is not measuring, but it takes of the budget.
    if not arguments.skip_tests and (not arguments.only or re.search(arguments.only, "tests")):
        try:
            class_path = test_class_path()
        except (OSError, RuntimeError) as error:
            results.append({"figure": "tests", "side": "dapt", "status": "failed: not collected", "said": str(error)})
    with open(folder / "results.jsonl", "w", encoding="utf-8") as lines:
        for result in results:
            lines.write(json.dumps(result) + "\n")
        for figure in plan(arguments, shapes, class_path):
            left = arguments.budget - (time.monotonic() - began)
            if left < SMALLEST_SLICE:
                result = {"figure": figure.name, "side": figure.side, "status": "skipped: no time left"}
            else:
                result = run(figure, left, log)
                measures(result, figure, peak)
            results.append(result)
            lines.write(json.dumps(result) + "\n")
            lines.flush()
            (folder / "table.md").write_text(table(results, header), encoding="utf-8")
            print(f"{time.monotonic() - began:5.0f} s  {figure.name} by {figure.side}: {result['status']}", flush=True)
    print((folder / "table.md").read_text(encoding="utf-8"))
    ours = [result for result in results if result["side"] == "dapt" and not result["status"].startswith("skipped")]
    return 0 if ours and all(result["status"] == "ok" for result in ours) else 1


if __name__ == "__main__":
    sys.exit(main())

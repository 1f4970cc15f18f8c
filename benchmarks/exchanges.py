"""Sums of float32 vectors over ranks by every exchange, side by side, as a table in Markdown.

Each round measures all exchanges in turn (dapt bench exchange), so that what else the machine does meets all of them; a
figure is the median over the rounds of the median of a round's sums. With --master local the ranks are tasks of one
process, with --master local-cluster processes of their own. Needs nothing but Python and a packaged dapt; the exchanges
bigdl and bigdl-fp16 need one that was built with -Pbigdl.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAPT = os.environ.get("DAPT", str(HERE.parent / "submit-scripts" / "dapt"))
OPTIONS = "-Dspark.driver.host=127.0.0.1 -Dspark.driver.bindAddress=127.0.0.1"


def measure(exchange: str, ranks: int, size: int, sums: int, master: str) -> float:
    """The median in milliseconds of sums of ``size`` bytes."""
    where = f"local[{ranks}]" if master == "local" else f"local-cluster[{ranks},1,2048]"
    command = [DAPT, "bench", "exchange", "--exchange", exchange, "--ranks", str(ranks), "--master", where]
    environment = os.environ | {"DAPT_JAVA_OPTIONS": f"{OPTIONS} -Dspark.executor.memory=2048m"}
    ended = subprocess.run(
        [*command, "--values", str(size // 4), "--sums", str(sums)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        sys.exit(f"{' '.join(ended.args)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return json.loads(ended.stdout.splitlines()[-1])["median_ms"]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exchanges", nargs="+", default=["gloo", "spark", "bigdl", "bigdl-fp16"])
    parser.add_argument("--ranks", nargs="+", type=int, default=[2, 4])
    parser.add_argument("--sizes", nargs="+", type=int, default=[65_536, 5_600_000, 50_000_000], help="in bytes")
    parser.add_argument("--master", choices=["local", "local-cluster"], default="local-cluster")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sums", type=int, default=30, help="of a round; of vectors above 10 MB a third")
    options = parser.parse_args()
    print(f"| ranks | bytes | {' | '.join(f'`{name}`, ms' for name in options.exchanges)} |")
    print("| --- " * (len(options.exchanges) + 2) + "|")
    for ranks in options.ranks:
        for size in options.sizes:
            sums = options.sums if size <= 10_000_000 else max(1, options.sums // 3)
            found: dict[str, list[float]] = {name: [] for name in options.exchanges}
            for _ in range(options.rounds):
                for name in options.exchanges:
                    found[name].append(measure(name, ranks, size, sums, options.master))
            medians = [statistics.median(found[name]) for name in options.exchanges]
            cells = [f"{ms:.1f} ({ms / medians[0]:.1f})" for ms in medians]
            print(f"| {ranks} | {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

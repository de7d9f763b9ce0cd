"""What the measurements have in common: their options, wrk, medians, processor time, and reports between
two marks of a page."""
import argparse
import os
import pathlib
import re
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS = 64


class Load:
    """wrk against one URL."""

    def __init__(self, seconds, runs):
        self.seconds, self.runs = seconds, runs

    def once(self, url, *options, script=None, arguments=(), seconds=None,
             connections=CONNECTIONS, threads=2):
        """Requests per second and the 99th percentile in ms of one run."""
        command = ["wrk", "--latency", "--timeout", "30s", f"-t{threads}", f"-c{connections}",
                   f"-d{seconds or self.seconds}s", *options]
        if script:
            command += ["-s", HERE / script]
        command += [url]
        if arguments:
            command += ["--", *map(str, arguments)]
        out = subprocess.run(command, env={**os.environ, "WRK_THREADS": str(threads)}, check=True,
                             capture_output=True, text=True).stdout
        if re.search(r"Non-2xx|Socket errors", out):
            raise RuntimeError(f"errors under load:\n{out}")
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
        return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    def medians(self, *measurements):
        """Takes turns, so that what else the machine does hits all alike; the median of each.
        A measurement is a function of the number of the run."""
        turns = [[measure(run) for measure in measurements] for run in range(self.runs)]
        return [statistics.median(column) for column in zip(*turns)]


def read_options(text, **numbers):
    """--folder, --dry and these numbers with their defaults, as `text` says."""
    parser = argparse.ArgumentParser(description=text)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", help="where the databases are put (a real disk)")
    parser.add_argument("--dry", action="store_true")
    return parser.parse_args()


def computed(process):
    """Seconds that the threads of a process have computed, as the scheduler counts them."""
    return sum(int(thread.read_text().split()[0])
               for thread in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e9


def bearer(token):
    return ["-H", f"Authorization: Bearer {token}"]


def write_lines(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    return f"{os.cpu_count()} cores, {model}"


def warn_if_busy():
    if os.getloadavg()[0] > 0.5:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}); better wait.", flush=True)


def write_report(path, text, name="results"):
    """Puts `text` between two marks of a page."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, rest = path.read_text().split(begin)
    path.write_text(head + begin + text + end + rest.split(end)[1])

"""What the scripts of this folder share: their arguments and the file they write, whole at any moment."""
import argparse
import datetime
import json
import os


def arguments(description):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--out", required=True, help="the measurement file to be written")
    parser.add_argument("--gpu", required=True, help="the device's name in calibration/devices")
    return parser.parse_args()


def begun(gpu, source, facts):
    return {"format": "plenum-measurements-1", "gpu": gpu, "date": datetime.date.today().isoformat(), "source": source,
            "complete": False, "facts": [{"name": name, "value": value} for name, value in facts.items()], "kernels": []}


def write(path, file):
    with open(path + ".new", "w") as out:
        json.dump(file, out)
        out.write("\n")
    os.replace(path + ".new", path)

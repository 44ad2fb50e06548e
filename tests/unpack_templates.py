"""Take the chat templates out of downloaded packages: `python tests/unpack_templates.py DOWNLOADS TARGET`. `make templates` calls it.

The tests compare what cotfaith makes of them with tests/data/templates.json. The templates themselves are not in this repository.
"""

import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

# The package, the folder of templates in it, and the name for its templates here.
SOURCES = (
    ("llama_cpp_python-*.tar.gz", "vendor/llama.cpp/models/templates", "llama.cpp"),
    ("axolotl-*.whl", "axolotl/utils/chat_templates/templates", "axolotl"),
    ("trl-*.whl", "trl/chat_templates", "trl"),
)
SKIPPED = "_training.jinja"  # TRL's variants of its own templates, for training alone


def files(package: Path):
    """The path and the text of each file of a source or built distribution."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        return
    with tarfile.open(package) as sdist:
        for member in sdist:
            if member.isfile() and member.name.endswith(".jinja"):
                yield member.name, sdist.extractfile(member).read()


def main(downloads: Path, target: Path) -> None:
    """Write TARGET/SOURCE/NAME.jinja for each template. A package without any is an error."""
    for pattern, folder, name in SOURCES:
        (package,) = downloads.glob(pattern)
        (target / name).mkdir(parents=True, exist_ok=True)
        found = 0
        for path, text in files(package):
            where = PurePosixPath(path)
            if str(where.parent).endswith(folder) and where.suffix == ".jinja" and not where.name.endswith(SKIPPED):
                (target / name / where.name).write_bytes(text)
                found += 1
        if not found:
            sys.exit(f"{package.name} holds no templates in {folder}: correct SOURCES in {__file__}.")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

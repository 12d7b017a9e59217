"""Generates gen/ from protos/: `python -m deploy.build.generate`. Nothing is done when nothing changed."""

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
GENERATED = ROOT / "gen"

RULES = "buf/validate/validate.proto"
# Envoy prints the details of an error only when these are named, not merely imported.
ERRORS = ("google/rpc/error_details.proto", "google/rpc/status.proto")


def main() -> None:
    digest = digest_of_sources()
    stamp = GENERATED / "sources.sha256"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("Generating code, descriptors and the OpenAPI document from protos/", flush=True)
    with tempfile.TemporaryDirectory(prefix=".gen-", dir=ROOT) as folder:
        fresh = Path(folder) / "gen"
        fresh.mkdir()
        generate(fresh)
        (fresh / stamp.name).write_text(digest)
        replace(GENERATED, fresh, Path(folder) / "old")


def digest_of_sources() -> str:
    """The hash of all that decides the outcome: the protos, the generators and the versions of the tools."""
    sources = [*PROTOS.rglob("*.proto"), *Path(__file__).parent.glob("*.py"), ROOT / "requirements.lock"]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(f"{source.relative_to(ROOT)}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def generate(folder: Path) -> None:
    ours = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    rules = folder / "validate.binpb"
    rules.write_bytes(descriptor_of_rules())
    write_code(folder, [*ours, RULES], rules)
    descriptors = folder / "api.binpb"
    write_descriptors(descriptors, [*ours, *ERRORS], rules)
    rules.unlink()
    # A process of its own, since it imports the code that was only now generated.
    openapi = [sys.executable, "-m", "deploy.build.openapi", str(descriptors), str(folder / "openapi.json")]
    subprocess.run(openapi, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(folder)})
    name_by_content(descriptors)


def descriptor_of_rules() -> bytes:
    """The wheel of protovalidate ships no .proto file, but its generated module holds the descriptor."""
    rules = FileDescriptorSet()
    rules.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    return rules.SerializeToString()


def write_code(folder: Path, files: Iterable[str], rules: Path) -> None:
    scripts = sysconfig.get_path("scripts")
    run_protoc(
        rules,
        f"--plugin=protoc-gen-mypy={scripts}/protoc-gen-mypy",
        f"--plugin=protoc-gen-mypy_grpc={scripts}/protoc-gen-mypy_grpc",
        f"--python_out={folder}",
        f"--grpc_python_out={folder}",
        f"--mypy_out=quiet:{folder}",
        f"--mypy_grpc_out=quiet,async_only:{folder}",
        *files,
    )


def write_descriptors(target: Path, files: Iterable[str], rules: Path) -> None:
    run_protoc(rules, "--include_imports", "--include_source_info", f"--descriptor_set_out={target}", *files)


def run_protoc(rules: Path, *arguments: str) -> None:
    searched = [
        f"-I{PROTOS}",
        f"-I{sysconfig.get_path('purelib')}",
        f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
        f"--descriptor_set_in={rules}",
    ]
    if protoc.main(["protoc", *searched, *arguments]):
        sys.exit("The protos could not be compiled; gen/ is as it was.")


def name_by_content(descriptors: Path) -> None:
    """Envoy does not watch the file, so another content gets another name; api.binpb points to the newest."""
    content = hashlib.sha256(descriptors.read_bytes()).hexdigest()[:12]
    named = descriptors.rename(descriptors.with_name(f"api-{content}.binpb"))
    descriptors.symlink_to(named.name)


def replace(target: Path, fresh: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    fresh.rename(target)


if __name__ == "__main__":
    main()

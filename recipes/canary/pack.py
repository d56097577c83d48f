"""The canary's sdist as a C table: pack.py OUTPUT.c FILE... The same files give the same bytes."""
import gzip
import io
import os
import sys
import tarfile

FOLDER = "wheelfarm_canary-1"


def main():
    output, files = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in files:
            with open(path, "rb") as file:
                data = file.read()
            info = tarfile.TarInfo("%s/%s" % (FOLDER, os.path.basename(path)))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    packed = gzip.compress(tar.getvalue(), 9, mtime=0)
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "recipes/canary/canary.h"\n\nconst unsigned char canary_sdist[] = {\n')
        for i in range(0, len(packed), 16):
            out.write("\t%s\n" % "".join("%d," % b for b in packed[i:i + 16]))
        out.write("};\nconst size_t canary_sdist_size = sizeof(canary_sdist);\n")


if __name__ == "__main__":
    sys.exit(main())

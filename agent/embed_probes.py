"""Write the probes as C strings: embed_probes.py OUTPUT.c PROBE.py..."""
import os
import sys


def c_string(line):
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\?' else "".join("\\%03o" % b for b in c.encode())
                         for c in line) + '"'


def main():
    output, probes = sys.argv[1], sys.argv[2:]
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "agent/probe_files.h"\n\nconst struct probe_file probe_table[] = {\n')
        for probe in sorted(probes):
            with open(probe, encoding="utf-8") as file:
                lines = file.read().splitlines(keepends=True)
            out.write("\t{%s,\n" % c_string(os.path.basename(probe)))
            out.writelines("\t\t%s\n" % c_string(line) for line in lines)
            out.write("\t},\n")
        out.write("\t{NULL, NULL},\n};\n")


if __name__ == "__main__":
    sys.exit(main())

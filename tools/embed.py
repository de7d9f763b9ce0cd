#!/usr/bin/python3
"""Writes a C file that carries other files inside the program (src/base/embed.h).

Usage: embed.py LIST OUTPUT INPUT...   (LIST is the name of the array that names them all)
"""
import os
import sys


def main():
    name, output, inputs = sys.argv[1], sys.argv[2], sorted(sys.argv[3:], key=os.path.basename)
    with open(output, "w") as out:
        out.write('#include "base/embed.h"\n\n')
        for i, path in enumerate(inputs):
            quoted = os.path.abspath(path).replace("\\", "\\\\").replace('"', '\\"')
            label = f"{name}_{i}"
            out.write(f'__asm__(".section .rodata\\n.globl {label}, {label}_end\\n{label}:\\n.incbin \\"{quoted}\\"\\n"\n'
                      f'        "{label}_end:\\n.byte 0\\n.previous\\n");\n'
                      f"extern const char {label}[], {label}_end[];\n")
        out.write(f"\nconst struct embedded {name}[] = {{\n")
        for i, path in enumerate(inputs):
            out.write(f'    {{"{os.path.basename(path)}", {name}_{i}, {name}_{i}_end}},\n')
        out.write("    {NULL, NULL, NULL},\n};\n")


main()

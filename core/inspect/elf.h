/* What an ELF image (System V gABI, "Object Files" and "Dynamic Linking") says to the dynamic
 * linker. Reads what the linker reads: program headers, never section headers. Takes any bytes. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

enum elf_machine { /* the e_machine values that are named here */
	ELF_386 = 3,
	ELF_ARM = 40,
	ELF_X86_64 = 62,
	ELF_AARCH64 = 183,
};
enum elf_type { ELF_REL = 1, ELF_EXEC = 2, ELF_DYN = 3 };

struct elf_symbol {
	struct str name;
	bool is_weak; /* may stay undefined */
};

struct elf_need { /* one version of one library that must be there: GLIBC_2.17 of libc.so.6 */
	struct str library;
	struct str version;
};

/* Views point into the bytes that were read. */
struct elf {
	bool is_64;
	bool is_little;
	uint16_t machine;
	uint16_t type;
	uint64_t page_size; /* smallest p_align of the PT_LOAD segments, 0 if there are none */
	bool is_misaligned; /* a PT_LOAD's address and offset differ modulo its p_align: never loaded */
	bool is_dynamic; /* has PT_DYNAMIC */
	bool has_text_relocations;
	bool has_exec_stack; /* PT_GNU_STACK is there and executable */
	struct str soname;
	struct str interpreter; /* PT_INTERP */
	VEC(struct str) needs; /* DT_NEEDED in order */
	VEC(struct str) rpaths; /* DT_RPATH and DT_RUNPATH, whole, not split */
	VEC(struct elf_need) versions;
	VEC(struct str) defined; /* defined symbols that begin with Py or _Py, as all of CPython's */
	VEC(struct elf_symbol) undefined; /* undefined symbols, all of them */
};

bool elf_is(struct str bytes); /* by magic */
/* Do the bytes, a file's beginning, hold all that headers_only reads? */
bool elf_has_headers(struct str bytes);
/* ERR_INVALID and a sentence when the bytes contradict themselves; headers_only stops after the
 * program headers, for when only the file's beginning is at hand (if they are not in there either,
 * page_size stays 0). Always end with elf_finish. */
int elf_read(struct str bytes, bool headers_only, struct elf *out, struct err *e);
void elf_finish(struct elf *elf);
/* "aarch64", "x86_64", …; of another class or byte order than Linux is run with "aarch64_be",
 * "x86_64_32", …; else writes "0x1234" into `storage`. */
const char *elf_machine_name(uint16_t machine, bool is_64, bool is_little, char storage[static 24]);

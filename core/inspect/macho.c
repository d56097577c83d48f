#include "core/inspect/macho.h"

#include "core/inspect/bytes.h"

#define MAGIC_32 UINT64_C(0xfeedface)
#define MAGIC_64 UINT64_C(0xfeedfacf)
#define MAGIC_FAT UINT64_C(0xcafebabe)

enum {
	HEADER_BYTES = 28,
	FAT_MACHINES_MAX = 30, /* a Java class file has its version here, 45 or more */
	CPU_X86_64 = 0x01000007,
	CPU_ARM64 = 0x0100000c,
	TYPE_EXECUTE = 2,
};

bool macho_is(struct str bytes)
{
	if (bytes.n < HEADER_BYTES) {
		return false;
	}
	uint64_t little = bytes_number(bytes.p, 4, true), big = bytes_number(bytes.p, 4, false);
	return little == MAGIC_32 || little == MAGIC_64 || big == MAGIC_32 || big == MAGIC_64 ||
		(big == MAGIC_FAT && bytes_number(bytes.p + 4, 4, false) <= FAT_MACHINES_MAX);
}

void macho_read(struct str bytes, struct macho *out)
{
	uint64_t little = bytes_number(bytes.p, 4, true);
	bool is_little = little == MAGIC_32 || little == MAGIC_64;
	*out = (struct macho){.machine = "unknown"};
	if (bytes_number(bytes.p, 4, false) == MAGIC_FAT) {
		out->machine = "universal2";
		return;
	}
	uint64_t cpu = bytes_number(bytes.p + 4, 4, is_little);
	if (cpu == CPU_ARM64) {
		out->machine = "aarch64";
	} else if (cpu == CPU_X86_64) {
		out->machine = "x86_64";
	}
	out->is_executable = bytes_number(bytes.p + 12, 4, is_little) == TYPE_EXECUTE;
}

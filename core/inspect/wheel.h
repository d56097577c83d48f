/* A wheel, judged by its bytes: opens a .whl (PEP 427), reads every entry, and says where names and
 * contents disagree. A wheel can be read from a file or over HTTP ranges: struct wheel_check asks
 * for ranges of the file and is fed them. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/inspect/problem.h"

struct json_writer;

/* Raised whenever a judgement changes: stored with a report, it says what judged it. */
enum { WHEEL_RULES = 3 };

/* WHEEL_HEADERS reads names, METADATA, WHEEL, and of each binary the first kilobytes (machine, page
 * alignment); it says nothing of hashes or symbols. */
enum wheel_depth { WHEEL_FULL, WHEEL_HEADERS };
enum wheel_format { WHEEL_ELF, WHEEL_PE, WHEEL_MACHO };

struct wheel_problem {
	enum wheel_problem_code code;
	enum wheel_severity severity;
	struct str path; /* in the wheel; empty when it is the whole file */
	struct str detail; /* one sentence */
};

struct wheel_texts {
	struct str *v;
	size_t n;
};

/* A file in the wheel that is an ELF, PE or Mach-O image, known by its first bytes. */
struct wheel_binary {
	struct str path;
	enum wheel_format format;
	struct str machine; /* "aarch64", "x86_64", "i686", "arm64ec", …, "0x1234" if unknown */
	struct wheel_texts needs; /* DT_NEEDED, or DLL names, in file order; empty for WHEEL_HEADERS */
	struct str glibc; /* highest GLIBC_ version asked for, "2.17"; empty if none */
	struct str python_abi; /* "cp313", "cp313t", "abi3", "abi3t"; empty if it shows none */
	struct str module; /* last component it is imported by; empty if it is no extension */
	uint64_t page_size; /* smallest alignment of a LOAD segment in bytes; 0 if not ELF */
	/* raw facts, empty for WHEEL_HEADERS: a new rule can judge an old report by them */
	struct str soname; /* DT_SONAME */
	struct wheel_texts symbol_versions; /* "libc.so.6:GLIBC_2.17", in file order */
	struct wheel_texts rpaths; /* DT_RPATH and DT_RUNPATH, not split */
	struct wheel_texts delayed; /* those DLLs of `needs` that are loaded at the first call */
	struct wheel_texts python_symbols; /* that it takes from Python and cannot do without */
	struct wheel_texts init_functions; /* PyInit_*, PyInitU_*, PyModExport_* that it defines */
	bool exec_stack;
	bool text_relocations;
};

struct wheel_report {
	struct str file; /* the name it was judged by */
	enum wheel_depth depth;
	struct str name; /* normalised (PEP 503), of the file name; empty if that is invalid */
	struct str version; /* normalised (PEP 440) */
	struct str build; /* build tag, empty if none */
	struct wheel_texts tags; /* expanded, sorted: "cp313-cp313-win_arm64" */
	bool pure; /* every tag's platform is "any" */
	bool ok; /* no problem of severity error */
	VEC(struct wheel_binary) binaries; /* in order of the zip directory */
	VEC(struct wheel_problem) problems; /* worst first, then in order of the zip directory */
	struct str manylinux; /* lowest policy that its Linux binaries keep, "manylinux_2_17_aarch64" or
							 "musllinux_1_2_aarch64"; empty if none or there are none */
	struct str glibc; /* the real floor: highest GLIBC_ version of all; empty if none */
	struct str metadata; /* the bytes of METADATA, empty if absent or over 1 MiB */
	uint64_t size; /* of the .whl in bytes */
	struct arena arena; /* owns every view above */
};

/* What the caller knows the wheel must be. Empty views are not checked. */
struct wheel_expectation {
	struct str file_name; /* judge by this name, not by the path's last part (a blob's, a part of a
							 URL); required for wheel_check_create */
	struct str name; /* any spelling; differs: bad_metadata */
	struct str version; /* any spelling; differs: bad_metadata */
	struct str target; /* "cp313-win_arm64", or a platform alone, "win_arm64", "aarch64": no tag
							 fits: wheel_tag_mismatch; its glibc is a floor for glibc_too_new */
	enum wheel_depth depth; /* of wheel_check_file */
};

/* Blocking; for worker threads and commands. 0 and a filled report when the file could be opened and
 * read, whatever is wrong with it; ERR_INVALID if it is not named .whl or the target is not one; a
 * system's error if it cannot be read. expect may be NULL. Always end with wheel_report_finish. */
int wheel_check_file(const char *path, const struct wheel_expectation *expect,
	struct wheel_report *out, struct err *e);

/* The same, fed by the caller. */
struct wheel_check;
struct wheel_range {
	uint64_t offset;
	size_t length; /* at most 1 MiB */
};
/* NULL and `e` as for wheel_check_file; size is the whole file's in bytes. *out is filled as it goes
 * and must outlive the check. */
struct wheel_check *wheel_check_create(const struct wheel_expectation *expect, uint64_t size,
	enum wheel_depth depth, struct wheel_report *out, struct err *e);
/* True: get those bytes and feed them. False: the report is complete. */
bool wheel_check_needs(struct wheel_check *c, struct wheel_range *range);
/* The ranges that it will most likely ask for next, the present one left out; at most `max`, and how
 * many. A hint to fetch several at once. */
size_t wheel_check_upcoming(struct wheel_check *c, struct wheel_range *out, size_t max);
/* Exactly the range that was asked for. Less says that the file ends early, which is a bad_zip. */
void wheel_check_feed(struct wheel_check *c, struct str bytes);
void wheel_check_destroy(struct wheel_check *c); /* not the report; NULL is fine */

void wheel_report_finish(struct wheel_report *r); /* frees; a zeroed report is fine */
/* The object of `wheelfarm inspect --json` (fields are added, never renamed). */
void wheel_report_json(const struct wheel_report *r, struct json_writer *w);
/* The same without the braces, for who has more to say of the wheel. */
void wheel_report_json_members(const struct wheel_report *r, struct json_writer *w);
/* No platform in its tags and no binary in it. */
bool wheel_is_pure(const struct wheel_report *r);
/* True if some problem has that code. */
bool wheel_has_problem(const struct wheel_report *r, enum wheel_problem_code code);

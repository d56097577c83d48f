/* What the files wheel*.c share: a check under way. Not for others; see wheel.h. */
#pragma once

#include "core/base/map.h"
#include "core/inspect/elf.h"
#include "core/inspect/pe.h"
#include "core/inspect/wheel.h"
#include "core/inspect/zip_reader.h"
#include "core/pep/filename.h"
#include "core/pep/target.h"

struct sha256;

struct wheel_member { /* an entry of the zip, after it was read */
	struct str path;
	uint64_t size;
	bool is_folder;
	bool was_hashed;
	unsigned char digest[32];
};

enum wheel_suffix {
	WHEEL_SUFFIX_NONE, /* no extension module by its name: libfoo.so.1, foo.dll, plain foo.so */
	WHEEL_SUFFIX_PLAIN, /* foo.pyd */
	WHEEL_SUFFIX_VERSION, /* foo.cpython-313-aarch64-linux-gnu.so, foo.cp313-win_arm64.pyd */
	WHEEL_SUFFIX_ABI3, /* foo.abi3.so */
	WHEEL_SUFFIX_ABI3T, /* foo.abi3t.so */
	WHEEL_SUFFIX_OTHER, /* of another implementation: foo.pypy311-pp73-aarch64-linux-gnu.so */
};

struct wheel_module { /* what the file name says; views onto the path */
	enum wheel_suffix suffix;
	struct str name; /* last component of the import name */
	struct str python; /* "cp313t" digits and flags: "313t"; empty if none */
	enum wheel_format format; /* by .so or .pyd, and darwin */
	struct str machine; /* "aarch64"; empty if it says none */
	bool has_libc; /* it names one of the two: */
	bool is_musl;
};

struct wheel_image { /* a binary, and what judging it needs beyond the report */
	size_t binary; /* index in the report */
	bool is_program; /* nothing loads it: an executable */
	bool is_other; /* object file or code for a device (GPU, BPF): no machine to judge */
	bool is_whole; /* all of it was read, and nothing in it contradicts itself */
	struct elf elf; /* views are in the report's arena; of undefined symbols, only those that some
					   policy forbids */
	struct pe pe;
	struct map exports; /* of the PE, once somebody asked: its struct pe_forward, or the image */
	struct wheel_module module;
};

struct wheel_platform { /* one platform tag */
	struct str tag;
	bool is_any;
	bool is_known; /* the rest is set */
	enum wheel_format format;
	struct str machine;
	const struct policy *policy; /* of Linux ones, NULL if none is known for it */
	bool is_musl;
};

enum wheel_state { WHEEL_DIRECTORY, WHEEL_MEMBERS, WHEEL_DONE };

enum wheel_file { WHEEL_FILE_METADATA, WHEEL_FILE_WHEEL, WHEEL_FILE_RECORD, WHEEL_FILE_COUNT };

struct wheel_check {
	struct wheel_report *report;
	enum wheel_state state;
	struct zip_reader *zip;
	struct filename filename;
	bool has_filename; /* the name keeps PEP 427 */
	VEC(struct wheel_platform) platforms;
	struct str expected_name;
	struct str expected_version;
	struct str expected_target;
	bool has_target;
	bool target_is_platform; /* only its platform counts */
	struct pep_target target;
	struct str dist_info; /* "name-version.dist-info"; empty if there is none */
	struct buf files[WHEEL_FILE_COUNT]; /* of dist-info */
	bool has_file[WHEEL_FILE_COUNT];
	VEC(struct wheel_member) members; /* one for each entry of the zip */
	VEC(struct wheel_image) images;
	uint64_t names_kept; /* bytes that the images' names take */
	struct map sonames; /* of the ELF images: file names and DT_SONAME; the value is any pointer */
	struct map python_defined; /* of the ELF images: Py… symbols; the value is any pointer */
	struct map modules; /* "ABI PATH" for each module that a Python of that ABI tag finds */
	struct map dlls; /* of the PE images: file names in lower case → struct wheel_image * */
	size_t head_range; /* asked for first of a binary, for WHEEL_HEADERS; 0 before that is known */
	bool has_broken_module; /* a file is named as a module and is no image */
	size_t problem_counts[WHEEL_PROBLEM_COUNT];
	/* of the member that is being read: */
	bool is_open;
	size_t open;
	struct sha256 *hash;
	struct str whole; /* all of it if it came at once: the reader's, until the next open */
	struct buf body; /* else its beginning; all of it while `keeps` */
	bool keeps;
	uint64_t seen; /* bytes of it */
};

/* Every view of the report lives in its arena. */
struct str wheel_keep(struct wheel_report *r, struct str text);
/* Adds a problem of the code's usual severity (or of another one); path is copied. After the first
 * hundred of a code, one more says so and the rest is dropped. */
void wheel_problem(struct wheel_check *c, enum wheel_problem_code code, struct str path,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
void wheel_problem_as(struct wheel_check *c, enum wheel_problem_code code,
	enum wheel_severity severity, struct str path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void wheel_report_sort(struct wheel_report *r); /* worst first; sets ok */

/* wheel_names.c: the file name and the expectation before, the dist-info files after the reading */
int wheel_names_begin(struct wheel_check *c, const struct wheel_expectation *expect, struct err *e);
void wheel_names_directory(struct wheel_check *c); /* finds dist_info */
/* True if path is a dist-info file that is kept. */
bool wheel_names_file(const struct wheel_check *c, struct str path, enum wheel_file *which);
void wheel_names_judge(struct wheel_check *c);

/* wheel_path.c: paths against the file systems that the platforms have */
void wheel_path_judge(struct wheel_check *c);

/* wheel_record.c: RECORD against what was read */
void wheel_record_judge(struct wheel_check *c);

/* wheel_image.c: facts out of bytes */
bool wheel_image_has_headers(struct str bytes); /* nothing more is needed for WHEEL_HEADERS */
bool wheel_image_is(struct str bytes); /* by magic; more bytes may change a yes to a no */
void wheel_image_add(struct wheel_check *c, struct str path, struct str bytes, bool is_whole);
/* Of a member that is no image: is it named like one that must be? */
void wheel_image_miss(struct wheel_check *c, struct str path);
void wheel_image_finish(struct wheel_image *image);
/* May this image's names be kept? Small members can inflate to a great many of them. */
bool wheel_image_may_keep(struct wheel_check *c, const struct wheel_image *image, struct err *why);
void wheel_image_index(struct wheel_check *c); /* fills sonames and dlls, once all are there */
struct str wheel_file_name(struct str path); /* the last part */
char *wheel_lower(struct str text); /* the caller frees */

/* Into the report's arena: each view in place; a copy of the array; the names of init functions. */
void wheel_keep_all(struct wheel_report *r, struct str *texts, size_t n);
struct wheel_texts wheel_copy_texts(struct wheel_report *r, const struct str *texts, size_t n);
struct wheel_texts wheel_init_functions(struct wheel_report *r, const struct str *names, size_t n);

/* By its name something that Python or the linker would load: .so, .so.1, .pyd, .dll. */
bool wheel_image_is_named(struct str path);

/* wheel_elf.c, wheel_pe.c: fill a binary and an image from the bytes of one */
void wheel_elf_take(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why);
void wheel_pe_take(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why);
bool wheel_pe_is_python(struct str dll); /* "python313t.dll"; any case */

/* wheel_module.c: extension modules by name, against tags and init functions */
void wheel_module_read(struct str path, struct wheel_module *out);
void wheel_module_index(struct wheel_check *c); /* fills modules, once all images are there */
void wheel_module_judge(struct wheel_check *c, struct wheel_image *image);

/* wheel_abi.c: what is taken from Python, against the ABI tags */
void wheel_abi_judge(struct wheel_check *c, struct wheel_image *image);
/* 9 for tags of Python 3.9 and others after it; 0 if they name none. */
unsigned wheel_abi_lowest_minor(const struct wheel_check *c);

/* wheel_linux.c, wheel_windows.c */
void wheel_linux_judge(struct wheel_check *c, struct wheel_image *image);
void wheel_linux_summary(struct wheel_check *c); /* manylinux, glibc */
void wheel_windows_judge(struct wheel_check *c, struct wheel_image *image);

/* wheel_machine.c: machines against platform tags */
void wheel_machine_judge(struct wheel_check *c);
/* True if the binary is of a format and machine that one of the tags names. */
bool wheel_machine_fits(const struct wheel_check *c, const struct wheel_binary *binary);

/* A wheel by its contents: the harness packs them, so that no mutation dies of a wrong CRC. The first
 * byte chooses the wheel's name; then come files, each a byte for its path, two for its length (little
 * endian), and its bytes. */
#include "core/inspect/wheel.h"
#include "core/io/json.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl",
	"demo-1.0-cp313-cp313-win_arm64.whl",
	"demo-1.0-py3-none-any.whl",
	"demo-1.0-cp39-abi3-manylinux_2_17_aarch64.whl",
	"demo-1.0-cp39-abi3-win_arm64.whl",
	"demo-1.0-cp315-abi3.abi3t-musllinux_1_2_aarch64.whl",
	"demo-1.0-cp314-cp314t-manylinux_2_28_aarch64.win_arm64.whl",
};
static const char *const paths[] = {
	"demo/__init__.py",
	"demo-1.0.dist-info/METADATA",
	"demo-1.0.dist-info/WHEEL",
	"demo-1.0.dist-info/RECORD",
	"demo/fast.cpython-313-aarch64-linux-gnu.so",
	"demo/fast.abi3.so",
	"demo/fast.abi3t.so",
	"demo/fast.pyd",
	"demo/foo.dll",
	"demo/bar.dll",
	"demo.libs/libfoo.so.1",
	"demo.libs/libbar.so.1",
	"demo/fast.obj",
	"demo/run.exe",
};

struct packed {
	struct buf file, directory;
	unsigned count;
};

static void add_numbers(
	struct buf *out, const uint32_t *values, const unsigned char *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < widths[i]; k++) {
			buf_add_char(out, (char)(values[i] >> (8 * k)));
		}
	}
}

static void add_member(struct packed *z, const char *path, struct str bytes)
{
	static const unsigned char local[] = {4, 2, 2, 2, 4, 4, 4, 4, 2, 2};
	static const unsigned char central[] = {4, 2, 2, 2, 2, 4, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4};
	uint32_t crc = (uint32_t)crc32_z(0, (const unsigned char *)bytes.p, bytes.n);
	uint32_t n = (uint32_t)bytes.n, path_n = (uint32_t)str_from(path).n;
	uint32_t offset = (uint32_t)z->file.n;
	add_numbers(
		&z->file, (const uint32_t[]){0x04034b50, 20, 0, 0, 0, crc, n, n, path_n, 0}, local, 10);
	buf_add_text(&z->file, path);
	buf_add(&z->file, bytes.p, bytes.n);
	add_numbers(&z->directory,
		(const uint32_t[]){0x02014b50, 20, 20, 0, 0, 0, crc, n, n, path_n, 0, 0, 0, 0, 0, offset},
		central, 16);
	buf_add_text(&z->directory, path);
	z->count++;
}

static void end_archive(struct packed *z)
{
	static const unsigned char end[] = {4, 4, 2, 2, 4, 4, 2};
	uint32_t offset = (uint32_t)z->file.n;
	buf_add_str(&z->file, buf_view(&z->directory));
	add_numbers(&z->file,
		(const uint32_t[]){0x06054b50, 0, z->count, z->count, (uint32_t)z->directory.n, offset, 0},
		end, 7);
}

static void judge(struct str file, const char *name, enum wheel_depth depth)
{
	struct wheel_expectation expect = {.file_name = str_from(name), .target = STR("aarch64")};
	struct wheel_report report;
	struct wheel_range range;
	struct json_writer w;
	struct buf text = {0};
	struct wheel_check *c = wheel_check_create(&expect, file.n, depth, &report, NULL);
	while (wheel_check_needs(c, &range)) {
		wheel_check_feed(
			c, str_slice(file, (size_t)range.offset, (size_t)range.offset + range.length));
	}
	wheel_check_destroy(c);
	json_writer_init(&w, &text, false);
	wheel_report_json(&report, &w);
	json_writer_finish(&w);
	wheel_report_finish(&report);
	buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packed z = {0};
	if (size == 0) {
		return 0;
	}
	const char *name = names[(data[0] >> 1) % (sizeof(names) / sizeof(names[0]))];
	struct str rest = {.p = (const char *)data + 1, .n = size - 1};
	bool used[sizeof(paths) / sizeof(paths[0])] = {false};
	while (rest.n >= 3) {
		size_t which = (unsigned char)rest.p[0] % (sizeof(paths) / sizeof(paths[0]));
		size_t n = (unsigned char)rest.p[1] | (size_t)(unsigned char)rest.p[2] << 8;
		struct str bytes = str_slice(rest, 3, 3 + n);
		if (!used[which]) {
			used[which] = true;
			add_member(&z, paths[which], bytes);
		}
		rest = str_slice(rest, 3 + n, rest.n);
	}
	end_archive(&z);
	judge(buf_view(&z.file), name, data[0] & 1 ? WHEEL_HEADERS : WHEEL_FULL);
	buf_finish(&z.file);
	buf_finish(&z.directory);
	return 0;
}

/* The first byte chooses the name that the wheel is judged by, and the depth; the rest is the file. */
#include "core/inspect/wheel.h"
#include "core/io/json.h"

static const char *const names[] = {
	"demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl",
	"demo-1.0-cp313-cp313-win_arm64.whl",
	"demo-1.0-py3-none-any.whl",
	"demo-1.0-cp39-abi3-musllinux_1_2_aarch64.linux_x86_64.whl",
	"demo.whl",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct str file = {.p = (const char *)data + 1, .n = size - 1};
	struct wheel_expectation expect = {
		.file_name = str_from(names[(data[0] >> 1) % (sizeof(names) / sizeof(names[0]))]),
		.target = STR("cp313-manylinux_2_28_aarch64"),
	};
	struct wheel_report report;
	struct wheel_range range;
	struct json_writer w;
	struct buf text = {0};
	struct err e;
	struct wheel_check *c =
		wheel_check_create(&expect, file.n, data[0] & 1 ? WHEEL_HEADERS : WHEEL_FULL, &report, &e);
	while (wheel_check_needs(c, &range)) {
		size_t from = range.offset < file.n ? (size_t)range.offset : file.n;
		wheel_check_feed(c, str_slice(file, from, from + range.length));
	}
	wheel_check_destroy(c);
	json_writer_init(&w, &text, false);
	wheel_report_json(&report, &w);
	json_writer_finish(&w);
	wheel_report_finish(&report);
	buf_finish(&text);
	return 0;
}

#include "core/pep/version.h"
#include "tests/fuzz/pep/fuzz.h"

/* The normalised text is the same version, and stays as it is when normalised again. */
static void check_normalised(const struct version *v)
{
	struct buf text = {0}, again = {0};
	struct version other;
	version_write(v, &text);
	fuzz_require(version_parse(buf_view(&text), &other, NULL) == 0, "normalised text is a version");
	fuzz_require(version_compare(v, &other) == 0, "normalised text is the same version");
	version_write(&other, &again);
	fuzz_require(str_equal(buf_view(&text), buf_view(&again)), "normalising twice changes nothing");
	buf_finish(&text);
	buf_finish(&again);
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

/* What the two integers say is what the texts say. */
static void check_packed(const struct version *a, const struct version *b)
{
	struct version x = *a, y = *b;
	x.packed = y.packed = false;
	fuzz_require(sign(version_compare(a, b)) == sign(version_compare(&x, &y)),
		"packed versions compare as their texts");
	for (size_t parts = 1; parts < 6; parts++) {
		fuzz_require(version_has_prefix(a, b, parts) == version_has_prefix(&x, &y, parts),
			"packed versions have the prefixes of their texts");
	}
	if (!version_is_prerelease(b)) {
		fuzz_require(version_is_below_dev0(a, b) == version_is_below_dev0(&x, &y),
			"packed versions lie below what their texts do");
	}
}

/* Two versions, parted by a newline. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct str rest = {.p = copy, .n = size}, first = {0};
	struct version a, b;
	str_split(&rest, '\n', &first);
	if (version_parse(first, &a, NULL) == 0) {
		check_normalised(&a);
		for (size_t i = 0; i < 4; i++) {
			fuzz_require(version_release_part(&a, i).n != 0, "a release part is never empty");
		}
		if (rest.p != NULL && version_parse(rest, &b, NULL) == 0) {
			check_packed(&a, &b);
			int order = version_compare(&a, &b), back = version_compare(&b, &a);
			fuzz_require(
				(order < 0) == (back > 0) && (order == 0) == (back == 0), "order is a mirror");
		}
	}
	free(copy);
	return 0;
}

#include "tests/index/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum platform {
	LINUX_X86,
	LINUX_686,
	LINUX_ARM,
	LINUX_PPC,
	LINUX_S390,
	LINUX_V7,
	LINUX_RISCV,
	MUSL_X86,
	MUSL_686,
	MUSL_ARM,
	MUSL_PPC,
	MUSL_S390,
	MUSL_V7,
	MUSL_RISCV,
	MAC_X86,
	MAC_ARM,
	MAC_BOTH,
	WIN_32,
	WIN_64,
	WIN_ARM,
};

#define ALWAYS MONTH(9999, 1)
enum { V0 = 1, V1 = 2, V2 = 4, ALL = V0 | V1 | V2 };

struct platform_era {
	enum platform platform;
	int from, to; /* months, `to` is not in it */
	int variants;
	const char *tag;
};

static const struct platform_era platform_eras[] = {
	{LINUX_X86, MONTH(2016, 2), MONTH(2019, 6), ALL, "manylinux1_x86_64"},
	{LINUX_X86, MONTH(2019, 6), MONTH(2020, 9), ALL, "manylinux2010_x86_64"},
	{LINUX_X86, MONTH(2020, 9), MONTH(2021, 9), ALL, "manylinux2014_x86_64"},
	{LINUX_X86, MONTH(2021, 9), MONTH(2025, 7), V0 | V1,
		"manylinux_2_17_x86_64.manylinux2014_x86_64"},
	{LINUX_X86, MONTH(2025, 7), ALWAYS, V0, "manylinux_2_17_x86_64.manylinux2014_x86_64"},
	{LINUX_X86, MONTH(2025, 7), ALWAYS, V1,
		"manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64"},
	{LINUX_X86, MONTH(2021, 9), MONTH(2022, 9), V2,
		"manylinux_2_5_x86_64.manylinux1_x86_64.manylinux_2_12_x86_64.manylinux2010_x86_64"},
	{LINUX_X86, MONTH(2022, 9), ALWAYS, V2, "manylinux_2_28_x86_64"},
	{LINUX_686, MONTH(2016, 2), MONTH(2019, 6), ALL, "manylinux1_i686"},
	{LINUX_686, MONTH(2019, 6), MONTH(2021, 9), ALL, "manylinux2010_i686"},
	{LINUX_686, MONTH(2021, 9), MONTH(2026, 3), V0 | V1,
		"manylinux_2_5_i686.manylinux1_i686.manylinux_2_17_i686.manylinux2014_i686"},
	{LINUX_686, MONTH(2026, 3), MONTH(2027, 1), V1,
		"manylinux1_i686.manylinux_2_28_i686.manylinux_2_5_i686"},
	{LINUX_ARM, MONTH(2020, 6), MONTH(2021, 9), ALL, "manylinux2014_aarch64"},
	{LINUX_ARM, MONTH(2021, 9), MONTH(2025, 7), V0 | V1,
		"manylinux_2_17_aarch64.manylinux2014_aarch64"},
	{LINUX_ARM, MONTH(2025, 7), ALWAYS, V0, "manylinux_2_17_aarch64.manylinux2014_aarch64"},
	{LINUX_ARM, MONTH(2025, 7), ALWAYS, V1,
		"manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64"},
	{LINUX_ARM, MONTH(2021, 9), ALWAYS, V2, "manylinux_2_28_aarch64"},
	{LINUX_PPC, MONTH(2020, 9), MONTH(2021, 9), ALL, "manylinux2014_ppc64le"},
	{LINUX_PPC, MONTH(2021, 9), ALWAYS, ALL, "manylinux_2_17_ppc64le.manylinux2014_ppc64le"},
	{LINUX_S390, MONTH(2020, 9), MONTH(2021, 9), ALL, "manylinux2014_s390x"},
	{LINUX_S390, MONTH(2021, 9), ALWAYS, ALL, "manylinux_2_17_s390x.manylinux2014_s390x"},
	{LINUX_V7, MONTH(2022, 3), ALWAYS, ALL, "manylinux_2_17_armv7l.manylinux2014_armv7l"},
	{LINUX_RISCV, MONTH(2025, 11), ALWAYS, ALL, "manylinux_2_31_riscv64.manylinux_2_39_riscv64"},
	{MUSL_X86, MONTH(2021, 10), MONTH(2023, 12), ALL, "musllinux_1_1_x86_64"},
	{MUSL_X86, MONTH(2023, 12), ALWAYS, ALL, "musllinux_1_2_x86_64"},
	{MUSL_686, MONTH(2021, 10), MONTH(2023, 12), ALL, "musllinux_1_1_i686"},
	{MUSL_686, MONTH(2023, 12), ALWAYS, ALL, "musllinux_1_2_i686"},
	{MUSL_ARM, MONTH(2021, 10), MONTH(2023, 12), ALL, "musllinux_1_1_aarch64"},
	{MUSL_ARM, MONTH(2023, 12), ALWAYS, ALL, "musllinux_1_2_aarch64"},
	{MUSL_PPC, MONTH(2021, 11), MONTH(2023, 12), ALL, "musllinux_1_1_ppc64le"},
	{MUSL_PPC, MONTH(2023, 12), ALWAYS, ALL, "musllinux_1_2_ppc64le"},
	{MUSL_S390, MONTH(2021, 11), MONTH(2023, 12), ALL, "musllinux_1_1_s390x"},
	{MUSL_S390, MONTH(2023, 12), ALWAYS, ALL, "musllinux_1_2_s390x"},
	{MUSL_V7, MONTH(2024, 4), ALWAYS, ALL, "musllinux_1_2_armv7l"},
	{MUSL_RISCV, MONTH(2026, 1), ALWAYS, ALL, "musllinux_1_2_riscv64"},
	{MAC_X86, MONTH(2014, 1), MONTH(2018, 9), V0,
		"macosx_10_6_intel.macosx_10_9_intel.macosx_10_9_x86_64.macosx_10_10_intel"},
	{MAC_X86, MONTH(2014, 1), MONTH(2018, 9), V1 | V2, "macosx_10_6_intel"},
	{MAC_X86, MONTH(2018, 9), MONTH(2024, 9), ALL, "macosx_10_9_x86_64"},
	{MAC_X86, MONTH(2024, 9), ALWAYS, V0 | V1, "macosx_10_13_x86_64"},
	{MAC_X86, MONTH(2024, 9), ALWAYS, V2, "macosx_10_12_x86_64"},
	{MAC_ARM, MONTH(2021, 4), ALWAYS, ALL, "macosx_11_0_arm64"},
	{MAC_BOTH, MONTH(2021, 4), ALWAYS, V0 | V1, "macosx_10_13_universal2"},
	{MAC_BOTH, MONTH(2022, 4), ALWAYS, V2,
		"macosx_10_9_x86_64.macosx_11_0_arm64.macosx_10_9_universal2"},
	{WIN_32, MONTH(2013, 6), ALWAYS, ALL, "win32"},
	{WIN_64, MONTH(2013, 6), ALWAYS, ALL, "win_amd64"},
	{WIN_ARM, MONTH(2022, 1), ALWAYS, ALL, "win_arm64"},
};

struct python_era {
	int from, to;
	enum { CPYTHON, PYPY, THREADED } kind;
	const char *tag;
};

static const struct python_era python_eras[] = {
	{MONTH(2009, 1), MONTH(2017, 1), CPYTHON, "cp26-none"},
	{MONTH(2010, 7), MONTH(2016, 6), CPYTHON, "cp27-none"},
	{MONTH(2016, 6), MONTH(2020, 6), CPYTHON, "cp27-cp27m"},
	{MONTH(2016, 6), MONTH(2020, 6), CPYTHON, "cp27-cp27mu"},
	{MONTH(2012, 9), MONTH(2018, 1), CPYTHON, "cp33-cp33m"},
	{MONTH(2014, 3), MONTH(2019, 6), CPYTHON, "cp34-cp34m"},
	{MONTH(2015, 9), MONTH(2020, 10), CPYTHON, "cp35-cp35m"},
	{MONTH(2016, 12), MONTH(2022, 1), CPYTHON, "cp36-cp36m"},
	{MONTH(2018, 6), MONTH(2023, 8), CPYTHON, "cp37-cp37m"},
	{MONTH(2019, 10), MONTH(2024, 11), CPYTHON, "cp38-cp38"},
	{MONTH(2020, 10), MONTH(2025, 11), CPYTHON, "cp39-cp39"},
	{MONTH(2021, 10), MONTH(2026, 10), CPYTHON, "cp310-cp310"},
	{MONTH(2022, 10), ALWAYS, CPYTHON, "cp311-cp311"},
	{MONTH(2023, 9), ALWAYS, CPYTHON, "cp312-cp312"},
	{MONTH(2024, 8), ALWAYS, CPYTHON, "cp313-cp313"},
	{MONTH(2025, 8), ALWAYS, CPYTHON, "cp314-cp314"},
	{MONTH(2026, 7), ALWAYS, CPYTHON, "cp315-cp315"},
	{MONTH(2024, 9), MONTH(2026, 4), THREADED, "cp313-cp313t"},
	{MONTH(2025, 8), ALWAYS, THREADED, "cp314-cp314t"},
	{MONTH(2026, 7), ALWAYS, THREADED, "cp315-cp315t"},
	{MONTH(2021, 3), MONTH(2023, 8), PYPY, "pp37-pypy37_pp73"},
	{MONTH(2021, 10), MONTH(2024, 6), PYPY, "pp38-pypy38_pp73"},
	{MONTH(2022, 6), MONTH(2025, 9), PYPY, "pp39-pypy39_pp73"},
	{MONTH(2023, 8), MONTH(2026, 2), PYPY, "pp310-pypy310_pp73"},
	{MONTH(2025, 3), ALWAYS, PYPY, "pp311-pypy311_pp73"},
	{MONTH(2026, 1), ALWAYS, PYPY, "graalpy312-graalpy250_312_native"},
};

static uint32_t bit(enum platform p)
{
	return UINT32_C(1) << p;
}

static uint32_t draw_platforms(struct random *r, double rich)
{
	static const struct {
		enum platform platform;
		int base, more; /* per cent for the poorest, and what the richest has more */
	} odds[] = {{LINUX_X86, 92, 7}, {LINUX_686, 15, 50}, {LINUX_ARM, 40, 55}, {LINUX_PPC, 2, 50},
		{LINUX_S390, 2, 50}, {LINUX_V7, 3, 40}, {LINUX_RISCV, 2, 25}, {MUSL_X86, 25, 60},
		{MUSL_686, 4, 45}, {MUSL_ARM, 20, 65}, {MUSL_PPC, 1, 35}, {MUSL_S390, 1, 35},
		{MUSL_V7, 2, 30}, {MUSL_RISCV, 1, 20}, {MAC_X86, 75, 23}, {MAC_ARM, 80, 19},
		{MAC_BOTH, 8, 30}, {WIN_32, 25, 55}, {WIN_64, 85, 14}, {WIN_ARM, 12, 60}};
	uint32_t bits = 0;
	for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		if (random_chance(r, odds[i].base + odds[i].more * rich)) {
			bits |= bit(odds[i].platform);
		}
	}
	return bits != 0 ? bits : bit(LINUX_X86);
}

void matrix_style_draw(struct random *r, uint32_t files, struct matrix_style *out)
{
	static const char *const abi3[] = {"cp36-abi3", "cp37-abi3", "cp38-abi3", "cp39-abi3"};
	double rich = log((double)files + 1) / log(15000);
	rich = rich > 1 ? 1 : rich;
	bool native = random_chance(r, 3 + 95 / (1 + pow(700.0 / files, 1.3)));
	uint32_t draw = random_below(r, 100);
	if (!native) {
		out->kind = draw < 12 && files < 60 ? MATRIX_SDIST : MATRIX_PURE;
	} else {
		out->kind = draw < 66 ? MATRIX_PYTHONS
			: draw < 80       ? MATRIX_ABI3
			: draw < 92       ? MATRIX_ACCELERATOR
							  : MATRIX_PROGRAM;
	}
	out->platforms = draw_platforms(r, rich);
	out->variant = random_below(r, 3);
	out->win_arm64_from = MONTH(2022, 6) + (int)random_below(r, 50);
	out->pypy = random_chance(r, 15 + 35 * rich);
	out->free_threaded = random_chance(r, 20 + 45 * rich);
	out->keeps_old = random_chance(r, 35);
	out->abi3 = abi3[random_below(r, 4)];
}

static bool has_platform(
	const struct matrix_style *s, const struct platform_era *e, int month, uint32_t dropped)
{
	return (s->platforms & ~dropped & bit(e->platform)) != 0 && month >= e->from && month < e->to &&
		(e->variants & 1 << s->variant) != 0 &&
		(e->platform != WIN_ARM || month >= s->win_arm64_from);
}

static void add(struct matrix *m, const char *python, const char *platform)
{
	if (m->n < MATRIX_MAX) {
		snprintf(m->tags[m->n++], MATRIX_TAG, "%s-%s", python, platform);
	}
}

/* Not every Python is built on every platform. */
static bool fits(const struct python_era *p, const struct platform_era *e)
{
	switch (p->kind) {
	case PYPY:
		return e->platform == LINUX_X86 || e->platform == LINUX_ARM || e->platform == MAC_X86 ||
			e->platform == MAC_ARM || e->platform == WIN_64;
	case THREADED:
		return e->platform != LINUX_V7 && e->platform != MUSL_V7;
	case CPYTHON:
		break;
	}
	if (strcmp(p->tag, "cp27-cp27mu") == 0) {
		return e->platform == LINUX_X86 || e->platform == LINUX_686;
	}
	if (e->platform == WIN_ARM) {
		return p->from >= MONTH(2020, 10);
	}
	return p->from >= MONTH(2014, 1) || e->platform == LINUX_X86 || e->platform == LINUX_686 ||
		e->platform == MAC_X86 || e->platform == WIN_32 || e->platform == WIN_64;
}

static bool has_python(const struct matrix_style *s, const struct python_era *p, int month)
{
	if (month < p->from || month >= p->to + (s->keeps_old && p->to < ALWAYS ? 12 : 0)) {
		return false;
	}
	return (p->kind != PYPY || s->pypy) && (p->kind != THREADED || s->free_threaded);
}

static void add_pythons(
	const struct matrix_style *s, int month, const struct platform_era *e, struct matrix *out)
{
	for (size_t i = 0; i < sizeof(python_eras) / sizeof(*python_eras); i++) {
		const struct python_era *p = &python_eras[i];
		bool wanted = s->kind != MATRIX_ABI3 || p->kind == THREADED || month < MONTH(2017, 1);
		if (wanted && has_python(s, p, month) && fits(p, e)) {
			add(out, p->tag, e->tag);
		}
	}
}

static void add_pure(int month, struct matrix *out)
{
	if (month >= MONTH(2014, 1)) {
		add(out, month < MONTH(2020, 1) ? "py2.py3-none" : "py3-none", "any");
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void matrix_fill(const struct matrix_style *s, int month, uint32_t dropped, struct matrix *out)
{
	out->n = 0;
	if (s->kind == MATRIX_PURE || s->kind == MATRIX_ACCELERATOR) {
		add_pure(month, out);
	}
	if (s->kind == MATRIX_PURE || s->kind == MATRIX_SDIST) {
		return;
	}
	for (size_t i = 0; i < sizeof(platform_eras) / sizeof(*platform_eras); i++) {
		const struct platform_era *e = &platform_eras[i];
		if (!has_platform(s, e, month, dropped)) {
			continue;
		}
		if (s->kind == MATRIX_PROGRAM) {
			add(out, "py3-none", e->tag);
			continue;
		}
		if (s->kind == MATRIX_ABI3 && month >= MONTH(2017, 1)) {
			add(out, s->abi3, e->tag);
		}
		add_pythons(s, month, e, out);
	}
	qsort(out->tags, out->n, sizeof(*out->tags), by_text);
}

uint32_t matrix_draw_arm(struct random *r)
{
	static const enum platform arm[] = {WIN_ARM, WIN_ARM, LINUX_ARM, MUSL_ARM};
	return bit(arm[random_below(r, 4)]);
}

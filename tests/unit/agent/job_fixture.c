#include "job_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char linux_target[] =
	"{\"name\":\"cp313-manylinux_2_28_aarch64\",\"python\":\"3.13\",\"python_full\":\"3.13.5\","
	"\"abi\":\"cp313\",\"platform\":\"manylinux_2_28_aarch64\",\"os\":\"linux\",\"arch\":"
	"\"aarch64\","
	"\"libc\":\"glibc\",\"glibc_minor\":28,\"compiler_triple\":\"aarch64-linux-gnu.2.28\","
	"\"extension_suffix\":\".cpython-313-aarch64-linux-gnu.so\",\"host_platform\":\"linux-"
	"aarch64\"}";
static const char windows_target[] =
	"{\"name\":\"cp313-win_arm64\",\"python\":\"3.13\",\"python_full\":\"3.13.5\",\"abi\":"
	"\"cp313\","
	"\"platform\":\"win_arm64\",\"os\":\"windows\",\"arch\":\"arm64\",\"libc\":\"ucrt\","
	"\"glibc_minor\":0,\"compiler_triple\":\"aarch64-windows-gnu\","
	"\"extension_suffix\":\".cp313-win_arm64.pyd\",\"host_platform\":\"win-arm64\"}";

char *job_fixture_json(int64_t id, const char *os, const char *sha256)
{
	return str_format(
		"{\"id\":%lld,\"kind\":\"build\",\"package\":\"demo\",\"version\":\"1.0\",\"mode\":"
		"\"cross\","
		"\"toolchain\":\"cross-zig\",\"expect_native\":true,\"target\":%s,"
		"\"builder\":{\"name\":\"trixie-amd64-builder\",\"revision\":1},"
		"\"tester\":{\"name\":\"\",\"revision\":1},\"executor\":\"\","
		"\"source\":{\"filename\":\"demo-1.0.tar.gz\",\"url\":null,\"sha256\":\"%s\",\"size\":0},"
		"\"limits\":{\"wall_s\":60,\"idle_s\":30,\"memory_mb\":512,\"pids\":64,\"disk_mb\":512,"
		"\"log_mb\":4},"
		"\"recipe\":{\"commit\":\"\",\"dirty\":false,\"object\":\"\",\"env\":[],\"requires_add\":[]"
		","
		"\"requires_remove\":[],\"config_settings\":[],\"patches\":[],\"imports\":[],"
		"\"test_requires\":[],\"test_command\":[],\"min_tests\":0}}",
		(long long)id, strcmp(os, "linux") == 0 ? linux_target : windows_target, sha256);
}

void job_fixture(const char *os, struct arena *a, struct job *out)
{
	char *json =
		job_fixture_json(7, os, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	struct err e = {0};
	if (job_read(str_from(json), a, out, &e) != 0) {
		fprintf(stderr, "job_fixture: %s\n", e.text);
		abort();
	}
	free(json);
}

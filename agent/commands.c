#include "agent/commands.h"

#include "agent/job_run.h"
#include "core/base/log.h"
#include "core/io/file.h"

#include <stdlib.h>
#include <string.h>

void commands_quote(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"_-+=./:,@%";
	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		buf_add_text(out, text);
		return;
	}
	buf_add_char(out, '\'');
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\'') {
			buf_add_text(out, "'\\''");
		} else {
			buf_add_char(out, *c);
		}
	}
	buf_add_char(out, '\'');
}

/* The first `n` words of the child as one command of shell. */
static void write_child(
	struct job_run *run, const struct text_list *argv, size_t n, struct buf *out)
{
	buf_add_text(out, "env -i PATH=/usr/bin:/bin ");
	const struct text_list *private_env = &run->now.sandbox.private_env;
	for (size_t i = 0; i < private_env->n; i++) {
		/* whoever runs the script has his own, or none */
		int length = (int)strcspn(private_env->v[i], "=");
		const char *name = private_env->v[i];
		buf_printf(out, "${%.*s+\"%.*s=$%.*s\"} ", length, name, length, name, length, name);
	}
	if (run->workspace.uid >= 0) {
		buf_printf(out, "setpriv --reuid %lld --regid %lld --clear-groups ",
			(long long)run->workspace.uid, (long long)run->workspace.uid);
	}
	for (size_t i = 0; i < n; i++) {
		bool option = argv->v[i][0] == '-' && argv->v[i][1] == '-';
		buf_add_text(out, i == 0 ? "" : option ? " \\\n\t" : " ");
		commands_quote(out, argv->v[i]);
	}
}

void commands_child(struct job_run *run, const struct text_list *argv)
{
	struct buf *out = &run->commands;
	size_t command = argv->n - run->now.sandbox.argv.n; /* the sandbox alone comes before it */
	buf_printf(out, "# %s\n", stage_name(job_run_stage(run)));
	write_child(run, argv, argv->n, out);
	buf_add_text(out, " || status=$?\n");
	buf_clear(&run->enter);
	buf_printf(&run->enter, "# %s\n", stage_name(job_run_stage(run)));
	write_child(run, argv, command, &run->enter);
	buf_add_text(&run->enter, " /bin/sh -i\n");
}

void commands_add(struct job_run *run, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&run->commands, format, arguments);
	va_end(arguments);
}

void commands_seed(struct job_run *run, const char *folder)
{
	commands_add(run, "cp -R ");
	commands_quote(&run->commands, folder);
	commands_add(run, "/. \"$work/cache\"\n");
	if (run->workspace.uid >= 0) {
		commands_add(run, "chown -R %lld:%lld \"$work/cache\"\n", (long long)run->workspace.uid,
			(long long)run->workspace.uid);
	}
}

/* As root our folders are seen at another place (sandbox_expose): the script makes that place too. */
static void add_exposed(const struct job_run *run, struct buf *out)
{
	const struct job_run_setup *setup = &run->setup;
	if (setup->exposed == NULL || setup->exposed->folder == NULL) {
		return;
	}
	buf_add_text(out,
		"if [ \"${1:-}\" != inside ]; then\n\texec unshare --mount bash \"$0\" inside\nfi\n"
		"mount --make-rslave /\nmkdir -p ");
	commands_quote(out, setup->exposed->folder);
	buf_add_text(out, "\nmount -t tmpfs -o mode=0755 wheelfarm ");
	commands_quote(out, setup->exposed->folder);
	buf_add_char(out, '\n');
	const char *const pairs[][2] = {
		{setup->exposed->cache, setup->config->cache},
		{setup->exposed->workspace, setup->config->workspace},
	};
	for (size_t i = 0; i < 2; i++) {
		buf_add_text(out, "mkdir -p ");
		commands_quote(out, pairs[i][0]);
		buf_add_char(out, ' ');
		commands_quote(out, pairs[i][1]);
		buf_add_text(out, "\nmount --rbind ");
		commands_quote(out, pairs[i][0]);
		buf_add_char(out, ' ');
		commands_quote(out, pairs[i][1]);
		buf_add_char(out, '\n');
	}
	buf_add_text(out, "touch ");
	commands_quote(out, setup->program);
	buf_add_text(out, "\nmount --bind ");
	commands_quote(out, setup->exposed->program);
	buf_add_char(out, ' ');
	commands_quote(out, setup->program);
	buf_add_char(out, '\n');
}

static void write_script(const struct job_run *run, const char *name, const struct buf *text)
{
	char *path = file_join(run->workspace.path, name);
	struct err e = {0};
	if (file_write_atomic(path, buf_view(text), &e) != 0) {
		log_warn("agent", "%s: %s", name, e.text);
	}
	free(path);
}

void commands_write(struct job_run *run)
{
	struct buf out = {0};
	buf_printf(&out,
		"#!/bin/bash\n# Job %lld, %s %s for %s, by hand. Use:\n#\tmv WORKSPACE WORKSPACE.old && "
		"bash "
		"WORKSPACE.old/commands.sh\nset -u\nstatus=0\n",
		(long long)run->job->id, run->job->package, run->job->version, run->job->target.name);
	buf_add_text(&out, "old=$(cd \"$(dirname \"$0\")\" && pwd)\n");
	add_exposed(run, &out);
	/* seen from inside, in case the workspace was moved within its parent */
	buf_add_text(&out, "work=");
	commands_quote(&out, run->workspace.path);
	buf_add_text(&out, "\nmkdir -p \"$work\"\n");
	for (int i = 0; i < WORKSPACE_PARTS; i++) {
		const char *name = strrchr(run->workspace.parts[i], '/') + 1;
		buf_printf(&out, "mkdir \"$work/%s\"\n", name);
		if (run->workspace.uid >= 0 && i != WORKSPACE_TOOLCHAIN && i != WORKSPACE_KEPT) {
			buf_printf(&out, "chown %lld:%lld \"$work/%s\"\n", (long long)run->workspace.uid,
				(long long)run->workspace.uid, name);
		}
	}
	buf_add_text(&out, "cp -a \"$old/toolchain/.\" \"$work/toolchain\"\n");
	buf_add_str(&out, buf_view(&run->commands));
	buf_add_text(&out, "exit $status\n");
	write_script(run, "commands.sh", &out);
	buf_clear(&out);
	buf_add_text(
		&out, "#!/bin/bash\n# A shell where the last step ran. Use: bash enter.sh\nset -u\n");
	add_exposed(run, &out);
	buf_add_str(&out, buf_view(&run->enter));
	write_script(run, "enter.sh", &out);
	buf_finish(&out);
}

/* The configuration as its YAML has it; for config.c alone. */
#pragma once

#include "core/farm_protocol/job.h"

struct config_file {
	int schema;
	char *state;
	char *database;
	char *listen;
	char *public_url;
	char *admin_token_sha256;
	struct {
		char *certificate;
		char *key;
		char *ca;
	} tls;
	char *index;
	char *contact;
	char *export;
	char *recipes;
	char *recipes_from;
	char **packages;
	unsigned packages_count;
	char *packages_file;
	int64_t top;
	char **targets;
	unsigned targets_count;
	char **testers;
	unsigned testers_count;
	char **tests;
	unsigned tests_count;
	char *control;
	int64_t min_free_mb;
	char *python;
	char *build;
	char **modes;
	unsigned modes_count;
	struct {
		int64_t *local; /* NULL: not given, as 0 is an answer */
		int64_t slots;
		int64_t retry_s;
	} agents;
	struct {
		char *at;
		int64_t budget_minutes;
		char **mail;
		unsigned mail_count;
		char *sendmail;
		char *webhook;
		char *webhook_secret;
	} night;
	struct job_limits limits;
	struct {
		int64_t log_pass_days, log_fail_days, wheel_days, attempt_days, audit_days;
		int64_t orphan_hours, export_days;
	} keep;
	struct {
		int64_t connections;
		int64_t refresh_hours;
		int64_t *rate; /* NULL: not given, as 0 is an answer */
		bool dependencies;
	} scan;
};

/* Types and known keys; *out is freed by config_file_free (NULL is fine). */
int config_file_parse(struct str text, const char *file, struct config_file **out, struct err *e);
void config_file_free(struct config_file *f);

#include "core/farm_protocol/message.h"

#include "core/farm_protocol/check.h"
#include "core/io/json.h"

static const struct json_field capabilities_fields[] = {
	JSON_FIELD(struct capabilities, os, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct capabilities, arch, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct capabilities, modes, JSON_FIELD_TEXTS, true),
	JSON_FIELD(struct capabilities, toolchains, JSON_FIELD_TEXTS, true),
	JSON_FIELD(struct capabilities, images, JSON_FIELD_TEXTS, true),
	JSON_FIELD(struct capabilities, targets, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct capabilities, identity, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct capabilities, cores, JSON_FIELD_INT, false),
	JSON_FIELD(struct capabilities, memory_mb, JSON_FIELD_INT, false),
	JSON_FIELD(struct capabilities, page_size, JSON_FIELD_INT, false),
	JSON_FIELD(struct capabilities, free_disk_mb, JSON_FIELD_INT, false),
	{0},
};

const struct json_field hello_fields[] = {
	JSON_FIELD(struct hello, protocol, JSON_FIELD_INT, true),
	JSON_FIELD(struct hello, version, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct hello, clock, JSON_FIELD_INT, true),
	JSON_FIELD(struct hello, slots, JSON_FIELD_INT, true),
	{JSON_NAME("capabilities"), .type = JSON_FIELD_OBJECT,
		.offset = offsetof(struct hello, capabilities), .required = true,
		.fields = capabilities_fields},
	{0},
};

const struct json_field welcome_fields[] = {
	JSON_FIELD(struct welcome, agent, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct welcome, heartbeat_s, JSON_FIELD_INT, true),
	{0},
};

const struct json_field lease_request_fields[] = {
	JSON_FIELD(struct lease_request, slot, JSON_FIELD_INT, true),
	JSON_FIELD(struct lease_request, wait_s, JSON_FIELD_INT, true),
	JSON_FIELD(struct lease_request, free_disk_mb, JSON_FIELD_INT, false),
	{0},
};

const struct json_field lease_fields[] = {
	JSON_FIELD(struct lease, fence, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct lease, deadline, JSON_FIELD_INT, true),
	JSON_FIELD(struct lease, hard_deadline, JSON_FIELD_INT, true),
	JSON_FIELD(struct lease, heartbeat_s, JSON_FIELD_INT, true),
	JSON_FIELD(struct lease, canary, JSON_FIELD_BOOL, false),
	{JSON_NAME("job"), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct lease, job),
		.required = true, .fields = job_fields},
	{0},
};

const struct json_field result_reply_fields[] = {
	JSON_FIELD(struct result_reply, accepted, JSON_FIELD_BOOL, true),
	{JSON_NAME("lease"), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct result_reply, lease),
		.fields = lease_fields},
	{0},
};

const struct json_field heartbeat_fields[] = {
	JSON_FIELD(struct heartbeat, fence, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct heartbeat, stage, JSON_FIELD_TEXT, false),
	{0},
};

const struct json_field heartbeat_reply_fields[] = {
	JSON_FIELD(struct heartbeat_reply, deadline, JSON_FIELD_INT, true),
	{0},
};

int message_read(struct str json, const struct json_field *fields, const char *what, void *out,
	struct arena *arena, struct err *e)
{
	struct json_node *root;
	int code = json_tree_parse(json, what, arena, &root, e);
	if (code == 0) {
		code = json_struct_read(root, fields, out, what, arena, e);
	}
	if (code == 0 && fields == lease_fields) {
		code = job_check(&((struct lease *)out)->job, e);
	}
	if (code == 0 && fields == result_reply_fields &&
		((struct result_reply *)out)->lease.fence != NULL) {
		code = job_check(&((struct result_reply *)out)->lease.job, e);
	}
	return code;
}

void message_write(struct buf *out, const struct json_field *fields, const void *in)
{
	struct json_writer w;
	json_writer_init(&w, out, false);
	json_struct_write(&w, fields, in);
	json_writer_finish(&w);
}

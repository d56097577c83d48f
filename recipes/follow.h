/* A recipe tree that is kept in a git repository: each commit is brought whole into a folder of its own,
 * and the one in use is named apart, so that a bad one never takes the place of a good one.
 * Hooks, filters and configuration of the repository are not used; links in a tree are refused. */
#pragma once

#include "core/base/str.h"

enum { FOLLOW_COMMIT = 41 }; /* SHA-1 in hex and a zero byte */

/* Brings HEAD of `url` (an address or a local path) to FOLDER/trees/COMMIT, whatever it was before: a
 * history that was written anew too. Blocking. ERR_NETWORK if the repository cannot be had,
 * ERR_INVALID if its tree is none of recipes; nothing of what was there changes then. */
int follow_fetch(
	const char *url, const char *folder, char commit[static FOLLOW_COMMIT], struct err *e);
/* The recipe tree of a commit that was brought (its own folder, or recipes/ in it); the caller frees. */
char *follow_tree(const char *folder, const char *commit);
/* The commit in use, "" if there is none (any more). */
void follow_current(const char *folder, char commit[static FOLLOW_COMMIT]);
/* Puts it in use, and removes the trees of others. */
int follow_use(const char *folder, const char *commit, struct err *e);
